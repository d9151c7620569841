import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test, vi} from 'vitest';

vi.stubGlobal('matchMedia', () => ({matches: false, addEventListener() {}, removeEventListener() {}}));
import {compare, operation, trace} from './fixtures';
import {afterPick, addressOf, picksOf} from './picks';
import {filterOf, joined, noFilter, queryOf} from './query';
import type {TraceItem} from './types';

const item = (trace_id: string, more: Partial<TraceItem> = {}): TraceItem => ({trace_id, operation_id: `op_${trace_id}`, operation: 'fleet.tool_call', actor: 'admin', subject: 'memory', detail: '', status: 'completed', start_time: '2026-11-22T10:00:00.000Z', duration_ms: 12, operations: 1, spans: 6, failed: 0, ok: true, ...more});
const now = Date.parse('2026-11-22T12:00:00Z');

test('the filter is what the address says, without nonsense', () => {
  const read = (values: Record<string, string>) => (field: string) => values[field] ?? '';
  expect(filterOf(read({server: 'memory', min_ms: '12.5', failed: '1'}))).toEqual({...noFilter, server: 'memory', min_ms: '12.5', failed: '1'});
  expect(filterOf(read({min_ms: 'soon', failed: 'yes'}))).toEqual(noFilter);
});
test('the API is asked for a time that goes on, or for one that has an end', () => {
  expect(queryOf({...noFilter, failed: '1'}, {last: '1h'}, now)).toBe('from=2026-11-22T11%3A00%3A00.000Z&failed=true');
  expect(Object.fromEntries(new URLSearchParams(queryOf({...noFilter, min_ms: '5'}, {from: 0, to: 60_000}, now)))).toEqual({from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:01:00.000Z', min_ms: '5'});
});
test('what is read again is new, or known as it is now', () => {
  const old = [item('b', {status: 'started', duration_ms: null}), item('a')];
  const {known, fresh, gap} = joined(old, {items: [item('c'), item('b'), item('a')], next_cursor: 'op_a'});
  expect([fresh.map(({trace_id}) => trace_id), known.map(({status}) => status), gap]).toEqual([['c'], ['completed', 'completed'], false]);
  expect(joined(known, {items: [item('b'), item('a')], next_cursor: null}).known).toBe(known);
});
test('a page of nothing but new ones may leave some out', () => {
  expect(joined([item('a')], {items: [item('z'), item('y')], next_cursor: 'op_y'}).gap).toBe(true);
  expect(joined([item('a')], {items: [item('z'), item('y')], next_cursor: null}).gap).toBe(false);
  expect(joined([], {items: [item('z')], next_cursor: 'op_z'}).gap).toBe(false);
});
test('two are chosen to compare: a third takes the place of the second, one chosen again is not', () => {
  expect([afterPick([], 'a'), afterPick(['a'], 'b'), afterPick(['a', 'b'], 'c'), afterPick(['a', 'b'], 'a')]).toEqual([['a'], ['a', 'b'], ['a', 'c'], ['b']]);
  expect([picksOf(''), picksOf('a,b,c'), addressOf('op_1'), addressOf('a', 'b')]).toEqual([[], ['a', 'b'], '/traces/op_1', '/traces/a?with=b']);
});
test('a row says in words what it shows', async () => {
  const {TraceRow} = await import('./TraceRow');
  const html = renderToStaticMarkup(createElement(TraceRow, {item: item('a', {ok: false, operations: 2}), today: '', picked: true, scale: [1, 100]}));
  for (const word of ['fleet.tool_call', 'memory', 'admin', '12 ms', '2 operations, 6 spans', 'With errors', 'chosen to compare']) expect(html).toContain(word);
});
test('where the time went has the unattributed with it, and a comparison a word for each difference', async () => {
  const [{SelfTimeTable}, {selfTimes}, {treeOf}, {PairTable}, {pairsOf}] = await Promise.all([import('./SelfTimeTable'), import('./selfTime'), import('./tree'), import('./PairTable'), import('./compare')]);
  const html = renderToStaticMarkup(createElement(SelfTimeTable, {times: selfTimes(treeOf(trace([operation({duration_ms: 10})]), now))}));
  expect(html).toContain('Not attributed to any span');
  expect(html).toContain('100.0 %');
  const [a, b] = compare.map((one) => treeOf(one, now));
  const table = renderToStaticMarkup(createElement(PairTable, {pairs: pairsOf(a, b)}));
  for (const word of ['▲ slower', '▼ faster', '= the same', '○ only in A', '● only in B', '+50.0 %', '-3 ms']) expect(table).toContain(word);
});

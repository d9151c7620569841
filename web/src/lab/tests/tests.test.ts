import {expect, test} from 'vitest';
import type {CaseResult, CaseStatus, RunSummary} from '../types';
import {type CaseSpeed, type Changes, countOf, interval} from './comparison';
import {diffLines, withContext} from './diff';
import {groupsOf, shapeOf} from './groups';
import {historyOf} from './history';

const one = (name: string, status: CaseStatus, more: Partial<CaseResult> = {}): CaseResult => ({id: name, name, suite: 's', kind: 'functional', server: 'x', tags: [], matrix: {}, line: 1, status, message: '', started: '2026-11-22T00:00:00Z', duration_ms: 1, attempts: [], latency: null, findings: [], figures: {}, golden_updated: [], ...more});

test('a difference keeps what both have, and says what went and what came', () => {
  const shown = diffLines('a\nb\nc\nd', 'a\nx\nc\ne\nd').map(({mark, text}) => mark + text);
  expect(shown).toEqual([' a', '-b', '+x', ' c', '+e', ' d']);
  expect(diffLines('same', 'same')).toEqual([{mark: ' ', text: 'same'}]);
  expect(diffLines('', 'x').map(({mark}) => mark)).toEqual(['-', '+']);
});
test('of a long text only what is near a change is shown', () => {
  const lines = Array.from({length: 40}, (_, at) => `line ${at}`);
  const changed = [...lines];
  changed[20] = 'other';
  const shown = withContext(diffLines(lines.join('\n'), changed.join('\n')), 2);
  expect(shown.map(({mark, text}) => mark + text)).toEqual(['…', ' line 18', ' line 19', '-line 20', '+other', ' line 21', ' line 22', '…']);
});
test('a difference too large for a table is shown as replaced, and nothing is lost', () => {
  const a = Array.from({length: 3000}, (_, at) => `a${at}`);
  const b = Array.from({length: 3000}, (_, at) => `b${at}`);
  const shown = diffLines(a.join('\n'), b.join('\n'));
  expect([shown.length, shown[0].mark, shown.at(-1)?.mark]).toEqual([6000, '-', '+']);
});
test('messages that differ in values have one shape', () => {
  expect(shapeOf('step 2: expected "42" but got "43" after 12.5 ms')).toBe(shapeOf("step 7: expected 'x y' but got \"\" after 3 ms"));
  expect(shapeOf('no session 0b9f3c1e-1111-4222-8333-aaaaaaaaaaaa at 0xDEADbeef')).toBe('no session <id> at <hex>');
  expect(shapeOf('cannot open /tmp/a/b.txt: gone')).toBe('cannot open <path>: gone');
  expect(shapeOf('connection refused')).not.toBe(shapeOf('timed out'));
});
test('failures of one shape are one group, the largest first; what passed is in none', () => {
  const groups = groupsOf([one('a', 'failed', {message: 'got 1'}), one('b', 'passed'), one('c', 'error', {message: 'no such server'}), one('d', 'failed', {message: 'got 2'}), one('e', 'skipped', {message: 'got 3'})]);
  expect(groups.map(({shape, cases}) => [shape, cases.map(({name}) => name)])).toEqual([['got <n>', ['a', 'd']], ['no such server', ['c']]]);
});
test('a change of speed is shown with its interval, where it has an end', () => {
  const speed: CaseSpeed = {suite: 's', case: 'a', before_ms: 2, after_ms: 3, verdict: 'slower', ratio: 1.5, low: 1.4, high: 1.6, why: ''};
  expect(interval(speed)).toBe('+50.0 % (+40.0 % to +60.0 %)');
  expect(interval({...speed, ratio: 0.75, high: null})).toBe('−25.0 %');
  expect(countOf({speeds: [speed, {...speed, verdict: 'faster'}]} as Changes, 'slower')).toBe(1);
});
test('the last runs come to shares and a trend; too few have no trend', () => {
  const run = (status: CaseStatus, duration: number, totals = {}): RunSummary => ({id: 'r', suite: 's', file: '', seed: 1, status, message: '', started: '', ended: '', duration_ms: duration, servers: {}, suite_id: 'suite_1', version: 1, actor: 'ada', totals: {cases: 10, passed: 9, flaky: 1, failed: 0, errors: 0, skipped: 0, cancelled: 0, ...totals}});
  expect(historyOf([])).toEqual({runs: 0, passPercent: null, flakyPercent: null, medianMs: null, trendPercent: null});
  const few = historyOf([run('flaky', 100), run('failed', 200, {passed: 4, failed: 5}), run('cancelled', 9000)]);
  expect(few).toEqual({runs: 3, passPercent: 75, flakyPercent: 10, medianMs: 150, trendPercent: null});
  expect(historyOf([150, 150, 150, 100, 100, 100].map((ms) => run('flaky', ms))).trendPercent).toBeCloseTo(50);
});

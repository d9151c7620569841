import {expect, test} from 'vitest';
import {compare, operation, span, trace} from './fixtures';
import {criticalPath} from './critical';
import {pairsOf, verdictOf} from './compare';
import {outcomeOf, outcomeOfTrace} from './outcome';
import {covered, selfTimes} from './selfTime';
import {fromStart, spansOf} from './spans';
import {type Node, type Tree, treeOf} from './tree';

const now = Date.parse('2026-11-22T10:00:10Z');
const call = trace([operation({duration_ms: 10, spans: [span('server loop', 0, 1), span('tools/call', 1, 9, -1, {detail: 'echo'}), span('write', 1, 2, 1), span('wait', 2, 8, 1), span('check', 8, 9, 1), span('admission', -0.5, 0)]})]);
const parts = (tree: Tree) => [...criticalPath(tree)].flatMap(([node, list]) => list.map((part): [string, number, number] => [node.name, ...part])).sort((a, b) => a[1] - b[1]);
const names = (nodes: Node[]) => nodes.map(({name}) => name);

test('a trace is its operations with their spans under what they are part of, in the order they began', () => {
  const tree = treeOf(call, now);
  expect([tree.from, tree.to, tree.began]).toEqual([-0.5, 10, Date.parse('2026-11-22T10:00:00Z')]);
  expect(names(tree.operations[0].children)).toEqual(['admission', 'server loop', 'tools/call']);
  expect(names(tree.operations[0].children[2].children)).toEqual(['write', 'wait', 'check']);
});
test('spans of a later operation lie where it lies', () => {
  const tree = treeOf(trace([operation({duration_ms: 5}), operation({operation_id: 'op_2', start_time: '2026-11-22T10:00:00.020Z', duration_ms: 4, spans: [span('wait', 1, 3)]})]), now);
  expect(tree.operations[1].children[0]).toMatchObject({from: 21, to: 23});
  expect([tree.from, tree.to]).toEqual([0, 24]);
});
test('what runs lasts until now, what was never over until its operation was', () => {
  const running = treeOf(trace([operation({status: 'started', end_time: null, duration_ms: null, spans: [span('wait', 1, null)]})]), now);
  expect([running.operations[0].to, running.operations[0].children[0].to, running.operations[0].children[0].open]).toEqual([10_000, 10_000, true]);
  const ended = spansOf(treeOf(trace([operation({duration_ms: 8, spans: [span('wait', 1, null)]})]), now));
  expect([ended[1].to, ended[1].word, ended[1].tone]).toEqual([8, 'never over', 'warn']);
});
test('a parent that is none, itself or later is none', () => {
  const tree = treeOf(trace([operation({spans: [span('a', 0, 1, 7), span('b', 0, 1, 1), span('c', 0, 1, 3), span('d', 0, 1, -1)]})]), now);
  expect(names(tree.operations[0].children)).toEqual(['a', 'b', 'c', 'd']);
});
test('spans that had no room are counted, not drawn', () => {
  const tree = treeOf(trace([operation({spans: [span('wait', 0, 1), span('dropped', 0, 0, -1, {detail: '44 more'})]})]), now);
  expect([tree.dropped, names(tree.operations[0].children)]).toEqual([44, ['wait']]);
});

test('the critical path goes from the end to the beginning through what ended last', () => {
  expect(parts(treeOf(call, now))).toEqual([['admission', -0.5, 0], ['server loop', 0, 1], ['write', 1, 2], ['wait', 2, 8], ['check', 8, 9], ['fleet.tool_call', 9, 10]]);
});
test('what still ran when the next step began held nothing up', () => {
  const tree = treeOf(trace([operation({duration_ms: 10, spans: [span('long', 0, 6), span('short', 0, 3), span('last', 3, 10)]})]), now);
  expect(parts(tree)).toEqual([['short', 0, 3], ['last', 3, 10]]);
});
test('where nothing under it ran the parent itself is on the path', () => {
  const tree = treeOf(trace([operation({duration_ms: 10, spans: [span('wait', 2, 5)]})]), now);
  expect(parts(tree)).toEqual([['fleet.tool_call', 0, 2], ['wait', 2, 5], ['fleet.tool_call', 5, 10]]);
});
test('what outlived its parent counts until the end of that', () => {
  const tree = treeOf(trace([operation({duration_ms: 10, spans: [span('call', 0, 8), span('wait', 2, 12, 0), span('late', 9, 12, 0)]})]), now);
  expect(parts(tree)).toEqual([['call', 0, 2], ['wait', 2, 8], ['fleet.tool_call', 8, 10]]);
});
test('the path covers the whole of an operation, each moment once, whatever its spans', () => {
  let seed = 7; // mulberry would be too much: a congruence that is the same every time
  const random = (most: number) => { seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648; return Math.floor((seed / 2_147_483_648) * most); };
  for (let round = 0; round < 200; round++) {
    const spans = Array.from({length: 1 + random(12)}, (_, at) => { const from = random(90); return span(`s${at}`, from, from + random(40), random(at + 1) - 1); });
    const path = parts(treeOf(trace([operation({duration_ms: 100, spans})]), now));
    expect(covered(path.map(([, from, to]) => [from, to]), 0, 100)).toBeCloseTo(100, 6);
    for (let at = 1; at < path.length; at++) expect(path[at][1]).toBeGreaterThanOrEqual(path[at - 1][2]);
  }
});
test('operations after each other are both on it, and the time between them on nobody', () => {
  const tree = treeOf(trace([operation({duration_ms: 5}), operation({operation_id: 'op_2', operation: 'fleet.test', start_time: '2026-11-22T10:00:00.020Z', duration_ms: 4})]), now);
  expect(parts(tree)).toEqual([['fleet.tool_call', 0, 5], ['fleet.test', 20, 24]]);
});

test('each moment is covered once', () => {
  expect(covered([[0, 4], [2, 6], [8, 20], [30, 40]], 1, 10)).toBe(7);
  expect(covered([], 0, 5)).toBe(0);
});
test('self time is what ran while nothing under it did; what no span accounts for is said', () => {
  const {whole, rows, parallel} = selfTimes(treeOf(call, now));
  expect([whole, parallel]).toEqual([10.5, false]);
  expect(rows.map(({kind, name, self, total, count}) => [kind, name, self, total, count])).toEqual([['span', 'wait', 6, 6, 1], ['span', 'check', 1, 1, 1], ['span', 'server loop', 1, 1, 1], ['span', 'write', 1, 1, 1], ['unattributed', '', 1, 10, 1], ['span', 'admission', 0.5, 0.5, 1], ['span', 'tools/call', 0, 8, 1]].sort((a, b) => (b[2] as number) - (a[2] as number) || String(a[1]).localeCompare(String(b[1]))));
  expect(rows.reduce((sum, {self}) => sum + self, 0)).toBeCloseTo(whole, 9);
});
test('time between operations is its own row, and what ran side by side is said to be more than the whole', () => {
  const apart = selfTimes(treeOf(trace([operation({duration_ms: 5}), operation({operation_id: 'op_2', start_time: '2026-11-22T10:00:00.020Z', duration_ms: 4})]), now));
  expect(apart.rows.map(({kind, self}) => [kind, self])).toEqual([['between', 15], ['unattributed', 9]]);
  expect(selfTimes(treeOf(trace([operation({duration_ms: 10, spans: [span('a', 0, 10), span('b', 0, 10)]})]), now)).parallel).toBe(true);
});

test('spans say how they ended, and what of them is critical', () => {
  const failed = spansOf(treeOf(trace([operation({duration_ms: 10, spans: [span('tools/call', 1, 9, -1, {detail: 'divide', ok: false})]})]), now));
  expect(failed.map(({name, depth, tone, word, critical}) => [name, depth, tone, word, critical])).toEqual([['fleet.tool_call memory', 0, 'ok', 'Done', [[0, 1], [9, 10]]], ['tools/call divide', 1, 'down', 'went wrong', [[1, 9]]]]);
  expect(fromStart(failed, 1)[1]).toMatchObject({from: 0, to: 8, critical: [[0, 8]]});
});
test('how a trace ended is the worst of it', () => {
  const base = {status: 'completed' as const, failed: 0, ok: true};
  expect([outcomeOf(base), outcomeOf({...base, ok: false}), outcomeOf({...base, ok: false, failed: 1}), outcomeOf({...base, status: 'started'}), outcomeOf({...base, status: 'canceled', ok: false})]).toEqual(['done', 'errors', 'failed', 'running', 'canceled']);
  expect(outcomeOfTrace(call)).toBe('done');
  expect(outcomeOfTrace(trace([operation({}), operation({status: 'failed'})]))).toBe('failed');
  expect(outcomeOfTrace(trace([operation({spans: [span('tools/call', 0, 1, -1, {ok: false})]})]))).toBe('errors');
});

test('two traces are compared by what has the same path in both', () => {
  const [a, b] = compare.map((one) => treeOf(one, now));
  expect(pairsOf(a, b).map(({path, a: first, b: second, difference, share, verdict}) => [path.slice(1).join('/'), first, second, difference, share, verdict])).toEqual([
    ['', 10, 15, 5, 0.5, 'slower'],
    ['tools/call', 8, 12, 4, 0.5, 'slower'],
    ['tools/call/write', 1, 1, 0, 0, 'same'],
    ['tools/call/wait', 6, 3, -3, -0.5, 'faster'],
    ['tools/call/task', null, 7, null, null, 'only-b'],
    ['check', 1, null, null, null, 'only-a'],
  ]);
});
test('several of one path are one sum', () => {
  const twice = treeOf(trace([operation({duration_ms: 10, spans: [span('wait', 0, 2), span('wait', 3, 4)]})]), now);
  expect(pairsOf(twice, twice)[1]).toMatchObject({a: 3, countA: 2, countB: 2, verdict: 'same'});
  expect([verdictOf(1, 1.0004), verdictOf(0, 1), verdictOf(null, 1)]).toEqual(['same', 'slower', 'only-b']);
});

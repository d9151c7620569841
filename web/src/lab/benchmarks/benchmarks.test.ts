import {expect, test} from 'vitest';
import type {JsonObject} from '../../api/types';
import type {CaseResult, Run} from '../types';
import {countedOf, onOneAxis, overlayOf} from './distribution';
import {gridOf, roundsOf} from './grid';
import {compareRounds, tOf} from './verdict';

const around = (middle: number, spread = 0.01) => [-2, -1, 0, 1, 2, -1.5, 1.5, 0.5].map((step) => middle * (1 + step * spread));
const result = (figures: JsonObject, more: Partial<CaseResult> = {}): CaseResult => ({id: 'c', name: 'echo', suite: 's', kind: 'bench', server: 'x', tags: [], matrix: {}, line: 1, status: 'passed', message: '', started: '', duration_ms: 1, attempts: [], findings: [], golden_updated: [], latency: {count: 10, min_ms: 1, mean_ms: 1, p50_ms: 1, p90_ms: 1, p99_ms: 2, p999_ms: 2, max_ms: 2}, figures, ...more});
const run = (id: string, started: string, cases: CaseResult[]) => ({id, started, cases}) as Run;

test('a verdict is given only where the whole interval says so', () => {
  expect(compareRounds(around(10), around(12)).verdict).toBe('slower');
  expect(compareRounds(around(10), around(8)).verdict).toBe('faster');
  expect(compareRounds(around(10, 0.3), around(11, 0.3)).verdict).toBe('cannot tell');
  expect(compareRounds(around(10), around(10.05)).verdict).toBe('cannot tell');
  const wide = compareRounds(around(10), around(12));
  expect(wide.low).toBeLessThan(1.2);
  expect(wide.high).toBeGreaterThan(1.2);
  expect(wide.why).toContain('95 % confidence');
});
test('few rounds, nonsense and equal rounds tell nothing, and no division by zero', () => {
  expect(compareRounds([1, 2, 3], around(5))).toMatchObject({verdict: 'cannot tell', why: '3 rounds of one of them: a verdict needs at least 5'});
  expect(compareRounds([], []).ratio).toBe(1);
  expect(compareRounds([0, -1, Number.NaN, 1, 1], around(1)).why).toContain('2 rounds');
  expect(compareRounds([5, 5, 5, 5, 5], [5, 5, 5, 5, 5])).toMatchObject({verdict: 'cannot tell', ratio: 1});
  expect(compareRounds([5, 5, 5, 5, 5], [6, 6, 6, 6, 6]).verdict).toBe('slower');
});
test("Student's t, rather too wide than too narrow", () => {
  expect([0.5, 4, 4.9, 14, 1000].map(tOf)).toEqual([12.706, 2.776, 2.776, 2.179, 1.98]);
});
test('rounds are those of a bench, or the moments of a load in which calls were made', () => {
  expect(roundsOf({median_ms: [1, 2]})).toEqual([1, 2]);
  expect(roundsOf({series: [{at_s: 1, calls: 3, p50_ms: 4}, {at_s: 2, calls: 0, p50_ms: 0}]})).toEqual([4]);
  expect(roundsOf({})).toEqual([]);
});
test('the grid has a row for each measured case and a column for each run, oldest first', () => {
  const grid = gridOf([run('b', '2026-11-22T02:00:00Z', [result({median_ms: around(12)}), result({}, {name: 'other', kind: 'functional'})]), run('a', '2026-11-22T01:00:00Z', [result({median_ms: around(10)})]), run('c', '2026-11-22T03:00:00Z', [result({median_ms: around(12)})])], '');
  expect(grid.runs.map(({id}) => id)).toEqual(['a', 'b', 'c']);
  expect(grid.rows.map(({name, cells}) => [name, cells.map((cell) => cell?.compared?.verdict ?? null)])).toEqual([['echo', [null, 'slower', 'cannot tell']]]);
  const based = gridOf(grid.runs, 'a');
  expect(based.rows[0].cells.map((cell) => cell?.compared?.verdict ?? null)).toEqual([null, 'slower', 'slower']);
  expect(gridOf([run('a', '2026-11-22T01:00:00Z', [result({}, {latency: null})])], '').rows).toEqual([]);
});
test('two distributions lie on one axis, whatever each of them reaches', () => {
  const axis = onOneAxis([{bounds: [1.024, 1.28, 1.536], counts: [3, 4]}, {bounds: [2.048, 2.56], counts: [9]}]);
  expect(axis.bounds).toEqual([1.024, 1.28, 1.536, 1.792, 2.048, 2.56]);
  expect(axis.counts).toEqual([[3, 4, 0, 0, 0], [0, 0, 0, 0, 9]]);
  expect(onOneAxis([{bounds: [0.0035, 0.004, 0.005], counts: [1, 1]}]).bounds).toEqual([0.0035, 0.004, 0.005]);
});
test('the newest run lies over the baseline, or over the one before it; without counts there is nothing', () => {
  const counted = (counts: number[]) => ({median_ms: around(1), distribution: {bounds_ms: [1.024, 1.28, 1.536], counts}});
  const grid = gridOf([run('a', '2026-11-22T01:00:00Z', [result(counted([1, 2]))]), run('b', '2026-11-22T02:00:00Z', [result(counted([3, 4]))]), run('c', '2026-11-22T03:00:00Z', [result(counted([5, 6]))])], '');
  expect(overlayOf(grid.rows[0].cells, '')?.series.map(({counts}) => counts)).toEqual([[5, 6], [3, 4]]);
  expect(overlayOf(grid.rows[0].cells, 'a')?.series.map(({counts}) => counts)).toEqual([[5, 6], [1, 2]]);
  expect(overlayOf(grid.rows[0].cells.slice(0, 1), '')?.series.length).toBe(1);
  expect(overlayOf([null], '')).toBe(null);
  expect([countedOf({}), countedOf({distribution: null}), countedOf({distribution: {bounds_ms: [1], counts: [1]}})]).toEqual([null, null, null]);
});

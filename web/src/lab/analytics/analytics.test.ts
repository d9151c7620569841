import {expect, test} from 'vitest';
import {scaleOf, steps} from '../../chart/scale';
import {mostLines} from '../../chart/model';
import {alignedOf, anomaliesOf, changeWord, faultColumn, unitOf} from './series';

test('a linear scale begins at zero and ends at the most', () => {
  const scale = scaleOf([null, 10, 70], false);
  expect([scale.low, scale.high, scale.bounds.length]).toEqual([0, 70, steps + 1]);
  expect([0, 9.9, 10, 35, 69.9, 70].map(scale.stepOf)).toEqual([0, 0, 1, 3, 6, 6]);
});
test('a logarithmic scale has a step for each part of the range, and zero is in the first', () => {
  const scale = scaleOf([0, 1, 10 ** steps], true);
  expect([0, 1, 9, 11, 10 ** (steps - 1) * 2, 10 ** steps].map(scale.stepOf)).toEqual([0, 0, 0, 1, steps - 1, steps - 1]);
  expect(scale.bounds[1]).toBeCloseTo(10);
});
test('nothing, only zero and only one value have a scale as well', () => {
  for (const log of [false, true]) {
    expect(scaleOf([null, null], log).stepOf(0)).toBe(0);
    expect(scaleOf([0, 0], log).stepOf(0)).toBe(0);
    expect(scaleOf([5], log).stepOf(5)).toBe(steps - 1);
  }
});
test('series share one axis, with gaps where one has nothing; the largest come first and no more than can be told apart', () => {
  const {at, lines} = alignedOf([{name: 'x', labels: {tool: 'a'}, points: [[1000, 1], [3000, null]]}, {name: 'x', labels: {tool: 'b'}, points: [[2000, 5]]}]);
  expect(at).toEqual([1, 2, 3]);
  expect(lines).toEqual([{name: 'tool=b', values: [null, 5, null]}, {name: 'tool=a', values: [1, null, null]}]);
  const many = alignedOf(Array.from({length: 20}, (_, index) => ({name: 'x', labels: {i: String(index)}, points: [[1, index]] as [number, number][]})));
  expect([many.lines.length, many.left, many.lines[0].name]).toEqual([mostLines, 20 - mostLines, 'i=19']);
});
test('a step without anything is a gap in every line', () => {
  expect(alignedOf([{name: 'x', labels: {}, points: [[1000, 1], [2000, 2], [5000, 5]]}], 1000)).toMatchObject({at: [1, 2, 3, 5], lines: [{values: [1, 2, null, 5]}]});
});
test('the column of a fault is in characters', () => {
  expect(faultColumn('column 6: a label is needed', 'rate(')).toBe(5);
  expect(faultColumn('column 4: no', 'ä"x')).toBe(2);
  expect(faultColumn('q has a range already', 'x')).toBeNull();
});
test('an answer has the unit of its metric, by its whole name', () => {
  const names = [{name: 'tool', unit: 'x'}, {name: 'tool_ms', unit: 'ms'}, {name: 'sent', unit: 'B'}, {name: 'calls', unit: null}].map((one) => ({series: 1, labels: [], newest: '', ...one}));
  expect(['p95(tool_ms) by (server)', 'rate(sent[5m])', 'rate(calls[5m])', 'count(tool_ms)', 'avg(calls)', 'other'].map((query) => unitOf(query, names))).toEqual(['ms', 'B/s', '/s', '', '', '']);
});
test('a change is told in words, also one that is not known', () => {
  expect(['fleet.restart', 'config_changed: capabilities', 'config_changed: changed'].map(changeWord)).toEqual(['restarted', 'it offers other tools, resources or prompts', 'changed']);
});
test('what stands out is a mark with words; a lasting change is one', () => {
  const anomalies = [[60_000, 900], [120_000, 950], [600_000, 1]].map(([time, value]) => ({time, value, expected: 100, score: value > 100 ? 40 : -6}));
  expect(anomaliesOf([{name: 'p95', labels: {}, points: [], anomalies}], 'ms', 60_000)).toEqual([
    {at: 60, text: 'unusually high, 900 ms where 100 ms was usual', tone: 'warn', kind: 'anomaly'}, {at: 600, text: 'unusually low, 1 ms where 100 ms was usual', tone: 'warn', kind: 'anomaly'}]);
  expect(anomaliesOf([{name: 'p95', labels: {}, points: []}], 'ms')).toEqual([]);
});

import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test} from 'vitest';
import Chart from './Chart';
import {followCrosshair, pointAt} from './crosshair';
import {emptyGrid, linesOf, merged, readFrom} from './grid';
import {csvOf, dashOf, figure, isolated, spread, summary, valueAt} from './model';

const lines = [{name: 'calls', values: [1, null, 3]}, {name: 'checks, all', values: [null, null, null]}];

test('figures carry their unit, and what there is none of is a dash', () => {
  expect([figure(null, 'ms'), figure(1.2345, 'ms'), figure(12_340, 'ms'), figure(1234.5, '/s'), figure(2048, 'B'), figure(0, ''), figure(2345, 'kbit/s')]).toEqual(['–', '1.23 ms', '12.3 s', '1235 /s', '2.0 KiB', '0', '2.35 Mbit/s']);
});
test('a chart is said in words for those who do not see it', () => {
  expect(summary('Requests', lines, '/s')).toBe('Requests: calls from 1 /s to 3 /s, last 3 /s; checks, all has no points');
  const html = renderToStaticMarkup(createElement(Chart, {title: 'Requests', at: [1, 2, 3], lines, unit: '/s'}));
  expect(html).toContain('aria-label="Requests: calls from 1 /s to 3 /s');
  expect(html).toContain('<b>3 /s</b>');
});
test('the value under the crosshair, or the last there was', () => {
  expect([valueAt(lines[0], null), valueAt(lines[0], 0), valueAt(lines[0], 1), valueAt(lines[1], null)]).toEqual([3, 1, null, null]);
});
test('as CSV a gap is empty, and a name neither breaks a row nor runs as a formula', () => {
  expect(csvOf([0, 1, 2], [...lines, {name: '=cmd', values: [1, 2, 3]}], '')).toBe("time,calls,\"checks, all\",'=cmd\n1970-01-01T00:00:00.000Z,1,,1\n1970-01-01T00:00:01.000Z,,,2\n1970-01-01T00:00:02.000Z,3,,3\n");
});
test('a point alone between gaps gets its dot, others do not', () => {
  expect(isolated([1, null, 2, 3, null, null, 4])).toEqual([0, 6]);
  expect(isolated([null])).toEqual([]);
});
test('only four lines are told apart by colour alone', () => {
  expect([0, 3].map(dashOf)).toEqual([undefined, undefined]);
  expect(new Set([4, 5, 6, 7].map((rank) => String(dashOf(rank)))).size).toBe(4);
});
test('names at the ends of lines do not cover each other and stay within', () => {
  expect(spread([50, 51, 20], 10, 0, 100)).toEqual([50, 60, 20]);
  expect(spread([98, 99, 100], 10, 0, 100)).toEqual([80, 90, 100]);
  const places = spread([5, 5, 5, 5], 10, 0, 100).sort((a, b) => a - b);
  for (let at = 1; at < places.length; at++) expect(places[at] - places[at - 1]).toBeGreaterThanOrEqual(10);
});
test('what is missing at a step is a gap', () => {
  const grid = merged(emptyGrid(1000, 5000, 1000, 2), 1000, 5000, [{labels: {}, points: [[1000, 1], [4000, 4]]}, undefined]);
  expect(linesOf(grid)).toEqual({at: [1, 2, 3, 4, 5], values: [[1, null, null, 4, null], [null, null, null, null, null]]});
});
test('later points go to the end, one said again counts as said last, and old ones are forgotten', () => {
  const old = merged(emptyGrid(1000, 4000, 1000, 1), 1000, 4000, [{labels: {}, points: [[1000, 1], [2000, 2], [3000, 3], [4000, 1]]}]);
  expect(readFrom(old)).toBe(2000);
  const next = merged(old, 3000, 6000, [{labels: {}, points: [[4000, 4], [5000, null], [6000, 6]]}]);
  expect(linesOf(next)).toEqual({at: [3, 4, 5, 6], values: [[3, 4, null, 6]]});
  expect(next.curves[0].has(1000)).toBe(false);
});
test('what one points at is told to all others of the page, and to none that is gone', () => {
  const [a, b, c] = [{}, {}, {}];
  const heard: [string, number | null][] = [];
  followCrosshair(a, (at) => heard.push(['a', at]));
  const forgetB = followCrosshair(b, (at) => heard.push(['b', at]));
  followCrosshair(c, (at) => heard.push(['c', at]));
  pointAt(a, 5);
  forgetB();
  pointAt(c, null);
  expect(heard).toEqual([['b', 5], ['c', 5], ['a', null]]);
});
test('what stands out stays while it is in the range, and is judged again where it is read again', () => {
  const odd = (time: number) => ({time, value: 9, expected: 1, score: 20});
  const old = merged(emptyGrid(1000, 4000, 1000, 1), 1000, 4000, [{labels: {}, points: [[1000, 1], [2000, 9], [3000, 1], [4000, 9]], anomalies: [odd(2000), odd(4000)]}]);
  expect([...old.anomalies[0].keys()]).toEqual([2000, 4000]);
  expect([...merged(old, 2000, 5000, [{labels: {}, points: [[4000, 2], [5000, 9]], anomalies: [odd(5000)]}]).anomalies[0].keys()]).toEqual([2000, 5000]);
  expect([...merged(old, 3000, 6000, [undefined]).anomalies[0].keys()]).toEqual([4000]);
});

import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test} from 'vitest';
import {type Buckets, bucketText, heatCsv, histogramCsv, roundValues, shareOf, totals} from './buckets';
import Heatmap from './Heatmap';
import {cellAt, frameOf, placeX} from './heatDraw';
import {HeatTable} from './HeatTable';
import Histogram from './Histogram';
import {timeTicks} from './timeAxis';

const data: Buckets = {step_ms: 60_000, bounds: [1, 10, 100], times: [0, 60_000, 120_000], counts: [[1, 2], null, [0, 4]], count: 7, not_above_zero: 0, min: 2, max: 90, p50: 30, p90: 80, p95: 85, p99: 90};

test('all steps together; what is unknown adds nothing', () => {
  expect(totals(data)).toEqual([1, 6]);
  expect(totals({bounds: [], counts: [null]})).toEqual([]);
});
test('the axis is logarithmic, with round values that fit', () => {
  expect([1, 10, 100, 1000, 0.1].map((value) => shareOf(data.bounds, value))).toEqual([0, 0.5, 1, 1, 0]);
  expect(roundValues(data.bounds, 10)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect(roundValues(data.bounds, 5)).toEqual([1, 3, 10, 30, 100]);
  expect(roundValues(data.bounds, 3)).toEqual([1, 10, 100]);
  expect(roundValues([0.2, 60_000], 3).length).toBeLessThanOrEqual(3);
  expect(bucketText(data.bounds, 1, 'ms')).toBe('10 to 100 ms');
});
test('a place of the canvas is a cell, and beside the cells none', () => {
  const frame = frameOf(70 + 300, 200, data);
  expect([frame.from, frame.to]).toEqual([0, 180_000]);
  expect(cellAt(frame, data, frame.left + 1, frame.top + 1)).toEqual({time: 0, bucket: 1});
  expect(cellAt(frame, data, frame.left + frame.wide - 1, frame.top + frame.high - 1)).toEqual({time: 2, bucket: 0});
  expect([cellAt(frame, data, frame.left - 1, 50), cellAt(frame, data, frame.left + 5, frame.top + frame.high + 1)]).toEqual([null, null]);
  expect(placeX(frame, 90_000)).toBe(frame.left + frame.wide / 2);
});
test('as CSV a time of which nothing is known is empty, not zero', () => {
  expect(heatCsv(data, 'ms')).toBe('time,1 to 10 ms,10 to 100 ms\n1970-01-01T00:00:00.000Z,1,2\n1970-01-01T00:01:00.000Z,,\n1970-01-01T00:02:00.000Z,0,4\n');
  expect(histogramCsv(data.bounds, [{name: '=a', counts: [1, 6]}], 'ms')).toBe("from (ms),to (ms),'=a\n1,10,1\n10,100,6\n");
});
test('a heatmap is said in words, its scale is real, and its table leaves out what is unknown', () => {
  const html = renderToStaticMarkup(createElement(Heatmap, {title: 'Latency', data, unit: 'ms', word: 'call', log: false, onLog: () => undefined}));
  expect(html).toContain('aria-label="Latency: 7 calls from 2 ms to 90 ms, half of them within 30 ms, at most 4 in a cell. Arrows move from cell to cell"');
  expect(html).toContain('aria-label="Scale from 0 to 4, linear; hatched: no calls; empty: none of them there"');
  const table = renderToStaticMarkup(createElement(HeatTable, {title: 'Latency', data, unit: 'ms'}));
  expect([...table.matchAll(/<td class="num">(\d+)<\/td>/g)].map(([, count]) => count)).toEqual(['0', '4', '1', '2']);
});
test('a histogram says its counts and quantiles', () => {
  const html = renderToStaticMarkup(createElement(Histogram, {title: 'Distribution', bounds: data.bounds, series: [{name: 'echo', counts: [1, 6], quantiles: [{name: 'p50', value: 30}]}], unit: 'ms', word: 'call'}));
  expect(html).toContain('aria-label="Distribution: echo, 7 calls, p50 30 ms"');
});
test('ticks of time are whole and no more than fit', () => {
  const ticks = timeTicks(Date.UTC(2026, 0, 1, 10, 0, 30), Date.UTC(2026, 0, 1, 11, 0, 30), 8);
  expect(ticks.length).toBeLessThanOrEqual(8);
  for (const {at} of ticks) expect(at % 900_000).toBe(0);
  expect(timeTicks(0, 0, 4).length).toBeLessThanOrEqual(1);
});

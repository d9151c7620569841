import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test} from 'vitest';
import Minimap from './Minimap';
import {decades, frameOf, inOrder, nearest, placeX, placeY, type Point, pointAfter, scatterCsv, timeAt} from './scatter';
import Scatter from './Scatter';
import {criticalOf, type Span, spansCsv, spanText} from './spans';
import Waterfall from './Waterfall';
import {axisOf, headHeight, headOf, tickAt, tickHeight} from './waterfallDraw';

const point = (key: string, at: number, value: number, tone: Point['tone'] = 'ok'): Point => ({key, at, value, tone, name: `call ${key}`, word: tone === 'down' ? 'Failed' : 'Done'});
const points = [point('c', 300, 2), point('a', 100, 50, 'down'), point('b', 200, 7)];
const frame = frameOf(70 + 100, 130, 0, 400, [1, 100]);

test('the axis has whole decades around what there is', () => {
  expect([decades(points), decades([]), decades([point('a', 0, 0.3)]), decades([point('a', 0, 0)]), decades([point('a', 0, 100)])]).toEqual([[1, 100], [1, 1000], [0.1, 1], [1, 1000], [100, 1000]]);
});
test('a point lies at its time and at the logarithm of its value; what took no time lies on the ground', () => {
  expect([placeX(frame, 0), placeX(frame, 400)]).toEqual([frame.left, frame.left + frame.wide]);
  expect([100, 10, 1, 0].map((value) => placeY(frame, value))).toEqual([frame.top, frame.top + frame.high / 2, frame.top + frame.high, frame.top + frame.high]);
  expect([timeAt(frame, frame.left + frame.wide / 2), timeAt(frame, -50), timeAt(frame, 9999)]).toEqual([200, 0, 400]);
});
test('a place means the nearest point within reach', () => {
  expect(nearest(points, frame, placeX(frame, 100) + 3, placeY(frame, 50) - 2)).toBe(1);
  expect(nearest(points, frame, frame.left, frame.top)).toBeNull();
});
test('keys go through time, and from slow to fast', () => {
  const order = inOrder(points);
  const after = (chosen: number | null, key: string, step = 1) => pointAfter(points, order, chosen, key, step);
  expect(order).toEqual([1, 2, 0]);
  expect([after(null, 'ArrowRight'), after(1, 'ArrowRight'), after(2, 'ArrowLeft'), after(0, 'ArrowRight'), after(1, 'ArrowRight', 10), after(null, 'Home'), after(null, 'End')]).toEqual([1, 2, 1, 0, 0, 1, 0]);
  expect([after(null, 'ArrowUp'), after(1, 'ArrowDown'), after(0, 'ArrowUp'), after(0, 'x'), pointAfter([], [], null, 'Home', 1)]).toEqual([1, 2, 2, null, null]);
});
test('a scatter is said in words, with the names of its shapes, and is a CSV file', () => {
  const html = renderToStaticMarkup(createElement(Scatter, {title: 'Latency', points, from: 0, to: 400, unit: 'ms', legend: [{tone: 'ok', word: 'Done'}, {tone: 'down', word: 'Failed'}], unread: 50, unreadWord: 'not read yet', onOpen: () => undefined, onRange: () => undefined}));
  expect(html).toContain('aria-label="Latency: 3 points, 1 went wrong. Arrows move from point to point');
  for (const word of ['Done', 'Failed', 'not read yet']) expect(html).toContain(word);
  expect(scatterCsv([point('=x', 0, 1.5)], 'ms')).toBe('time,name,ms,ended\n1970-01-01T00:00:00.000Z,call =x,1.5,Done\n');
});

const span = (critical?: [number, number][]): Span => ({name: 'wait', depth: 0, from: 0, to: 10, tone: 'ok', word: 'done', critical});
test('what of a span is critical is said, in the table and in the CSV file too', () => {
  expect(criticalOf(span([[0, 2], [5, 6]]))).toBe(3);
  expect([spanText(span([[0, 3]]), 0), spanText(span([]), 0)]).toEqual(['wait: done, 10 ms, from 0 µs after the beginning, 3 ms of it on the critical path', 'wait: done, 10 ms, from 0 µs after the beginning']);
  expect(spansCsv([span([[0, 3]])])).toBe('name,depth,from (ms),took (ms),ended,critical (ms)\nwait,0,0,10,done,3\n');
  expect(renderToStaticMarkup(createElement(Waterfall, {title: 'Trace', spans: [span([[0, 3]])]}))).toContain('Critical path');
  expect(renderToStaticMarkup(createElement(Waterfall, {title: 'Trace', spans: [span()]}))).not.toContain('Critical path');
});
test('ticks have a band of their own, and a place in it means the nearest', () => {
  const ticks = [{at: 2, tone: 'idle' as const, key: 'a'}, {at: 3, tone: 'down' as const, key: 'b'}];
  const axis = axisOf(1000, 0, 10);
  expect([headOf([]), headOf(ticks)]).toEqual([headHeight, headHeight + tickHeight]);
  expect([tickAt(ticks, axis.x(2) + 2, axis)?.key, tickAt(ticks, axis.x(3) - 3, axis)?.key, tickAt(ticks, axis.x(6), axis)]).toEqual(['a', 'b', null]);
  expect(axis.at(axis.x(4))).toBeCloseTo(4, 9);
});
test('the minimap is named, and draws its grips once it knows its width', () => {
  const html = renderToStaticMarkup(createElement(Minimap, {title: 'Trace', spans: [span()], extent: [0, 10], zoom: null, onZoom: () => undefined}));
  expect(html).toContain('aria-label="Trace, what is shown of it');
  expect(html).not.toContain('slider');
});

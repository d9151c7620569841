import {expect, test, vi} from 'vitest';
import {Wire} from '../live/wire';
import {moved, placed, resized, stepOfKey} from './geometry';
import {everything, jsonLines, View} from './view';

const event = (type: string, seq: number, more = {}) => ({type, seq, data: more});
const put = (wire: Wire, message: object) => wire.received(JSON.stringify(message), message);

test('missing numbers are seen, replays are no loss', () => {
  const wire = new Wire();
  put(wire, {type: 'initial_status', seq: 10});
  put(wire, {type: 'subscribed', channels: ['logs']});
  put(wire, event('log', 11));
  put(wire, event('log', 14));
  put(wire, {type: 'initial_status', seq: 40});
  put(wire, event('log', 15));
  put(wire, event('log', 15));
  expect(wire.frame(3)?.missed).toEqual([12, 13]);
  expect(wire.frame(5)?.missed).toBeNull();
  expect(wire.frame(6)?.again).toBe(true);
  expect(wire.counts).toMatchObject({in: 7, missed: 2});
});
test('without log lines numbers that are left out are no loss', () => {
  const wire = new Wire();
  put(wire, {type: 'initial_status', seq: 10});
  put(wire, {type: 'subscribed', channels: ['status', 'events']});
  put(wire, event('task', 20));
  expect(wire.counts.missed).toBe(0);
  put(wire, {type: 'subscribed', channels: ['logs']});
  put(wire, event('log', 22));
  expect(wire.counts.missed).toBe(1);
  wire.sent('{"action":"chat","text":"unsubscribe"}');
  put(wire, event('log', 24));
  expect(wire.counts.missed).toBe(2);
  wire.sent('{"action":"unsubscribe","subscription_id":"s2"}');
  put(wire, event('task', 30));
  expect(wire.counts.missed).toBe(2);
});
test('it is bounded in number and in size', () => {
  const wire = new Wire(100, 5000);
  for (let i = 1; i <= 1000; i++) put(wire, event(i % 2 ? 'log' : 'task', i));
  expect(wire.size).toBe(100);
  expect(wire.frame(wire.oldest)?.seq).toBe(901);
  expect(wire.frame(wire.total - 1)?.seq).toBe(1000);
  expect(wire.frame(wire.oldest - 1)).toBeUndefined();
  expect([...wire.types]).toEqual([['log', 50], ['task', 50]]);
  put(wire, event('log', 1001, {text: 'x'.repeat(4900)}));
  expect(wire.size).toBeLessThan(5);
  expect(wire.frame(wire.total - 1)?.seq).toBe(1001);
});
test('readers hear of a thousand frames ten times a second', () => {
  vi.useFakeTimers();
  const wire = new Wire();
  const heard = vi.fn();
  put(wire, event('log', 1));
  const stop = wire.subscribe(heard);
  for (let i = 2; i < 1000; i++) { put(wire, event('log', i)); vi.advanceTimersByTime(1); }
  expect(heard.mock.calls.length).toBeGreaterThanOrEqual(9);
  expect(heard.mock.calls.length).toBeLessThanOrEqual(11);
  stop();
  vi.useRealTimers();
});

test('by type, direction and text, found as they come and dropped as they go', () => {
  const wire = new Wire(10);
  const view = new View(wire);
  view.setFilter({...everything, type: 'log', text: 'RED'});
  for (let i = 1; i <= 6; i++) put(wire, event(i === 3 ? 'task' : 'log', i, {message: i % 2 ? 'Red' : 'blue'}));
  view.update();
  expect(view.last(50).map((frame) => frame.seq)).toEqual([1, 5]);
  expect(view.last(1).map((frame) => frame.seq)).toEqual([5]);
  for (let i = 7; i <= 12; i++) put(wire, event('task', i));
  view.update();
  expect(view.last(50).map((frame) => frame.seq)).toEqual([5]);
  view.setFilter({...everything, direction: 'out'});
  expect(view.found).toBe(0);
  wire.sent('{"action":"ping"}');
  view.update();
  expect(view.last(50).map((frame) => frame.type)).toEqual(['ping']);
});
test('gaps are a kind of their own', () => {
  const wire = new Wire();
  put(wire, {type: 'subscribed', channels: ['logs']});
  put(wire, event('log', 1));
  put(wire, event('log', 5));
  put(wire, {type: 'gap', data: {from_seq: 6, to_seq: 8}});
  const view = new View(wire);
  view.setFilter({...everything, type: 'gaps'});
  expect(view.found).toBe(2);
});
test('paused it stands still, a new filter included, and says what waits', () => {
  const wire = new Wire();
  const view = new View(wire);
  put(wire, event('log', 1));
  view.update();
  view.paused = true;
  put(wire, event('log', 2));
  put(wire, event('log', 3));
  view.update();
  expect([view.found, view.waiting]).toEqual([1, 2]);
  view.setFilter({...everything, type: 'log'});
  expect([view.found, view.waiting]).toEqual([1, 2]);
  view.paused = false;
  view.update();
  expect([view.found, view.waiting]).toEqual([3, 0]);
  wire.clear();
  view.setFilter(everything);
  expect([view.found, view.waiting]).toEqual([0, 0]);
});
test('an export has a frame a line, with the exact text', () => {
  const wire = new Wire(10, 1000, () => 0);
  put(wire, event('log', 1, {a: 'two\nlines'}));
  const lines = jsonLines(new View(wire).last(5)).split('\n');
  expect(lines).toEqual(['']);
  const view = new View(wire);
  view.update();
  const [line] = jsonLines(view.last(5)).split('\n');
  expect(JSON.parse(line)).toEqual({time: '1970-01-01T00:00:00.000Z', direction: 'in', type: 'log', seq: 1, frame: '{"type":"log","seq":1,"data":{"a":"two\\nlines"}}'});
});

test('a window stays in the page and usable', () => {
  const page = {width: 1000, height: 700};
  expect(placed({x: 900, y: -50, width: 400, height: 100}, page)).toEqual({x: 600, y: 0, width: 400, height: 200});
  expect(placed({x: 10, y: 10, width: 4000, height: 4000}, page)).toEqual({x: 0, y: 0, width: 1000, height: 700});
  expect(stepOfKey('Enter', false)).toBeNull();
  expect(moved({x: 0, y: 0, width: 1, height: 1}, stepOfKey('ArrowRight', true) ?? [0, 0]).x).toBe(80);
  expect(resized({x: 0, y: 0, width: 300, height: 200}, stepOfKey('ArrowDown', false) ?? [0, 0]).height).toBe(216);
});

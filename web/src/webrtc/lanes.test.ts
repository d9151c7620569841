import {expect, test} from 'vitest';
import type {Json} from '../api/types';
import {chartsOf, clustered, describe, extent, lanesOf, markersOf, merged, seriesOf, setupSteps} from './lanes';
import type {Timeline, TimelineEvent} from './types';

const columns = ['at', 'state', 'rendition', 'bitrate_kbps', 'available_kbps', 'loss_percent', 'round_trip_ms', 'jitter_ms', 'frames_per_second', 'buffer_ms', 'froze', 'health', 'quality'];
const at = (second: number) => `2026-11-22T00:00:${String(second).padStart(2, '0')}.000Z`;
const T = Date.parse(at(0)) / 1000;
const sample = (second: number, rendition = 'high', more: Partial<Record<string, Json>> = {}): Json[] => columns.map((name) => ({at: at(second), state: 'connected', rendition, bitrate_kbps: 900, available_kbps: 2000, loss_percent: 1, round_trip_ms: 40, jitter_ms: 3, frames_per_second: 30, buffer_ms: null, froze: false, health: 95, quality: 70, ...more})[name] as Json);
const born: TimelineEvent[] = [{at: at(0), type: 'created', state: 'connecting'}, {at: '2026-11-22T00:00:00.004Z', type: 'offer_answered'}, {at: '2026-11-22T00:00:00.020Z', type: 'ice_connected'}, {at: '2026-11-22T00:00:00.045Z', type: 'connected'}, {at: '2026-11-22T00:00:00.080Z', type: 'first_key_frame'}, {at: '2026-11-22T00:00:00.130Z', type: 'first_shown'}];
const make = (more: Partial<Timeline> = {}): Timeline => ({connection_id: 'c', state: 'connected', columns, samples: [2, 4, 6, 8].map((second) => sample(second)), events: born, events_forgotten: 0, summary: {created_at: at(0)} as Timeline['summary'], ...more});
const lane = (timeline: Timeline, name: string, end = T + 10) => lanesOf(timeline, [], end).find((one) => one.name === name);

test('samples become series by the names of their columns, whatever their order', () => {
  const series = seriesOf({columns: ['health', 'at', 'loss_percent'], samples: [[80, at(2), 1.5], [null, at(4), 0]]});
  expect(series).toMatchObject({at: [T + 2, T + 4], health: [80, null], loss: [1.5, 0], buffer: [null, null], rendition: ['', '']});
});
test('states are spans from one turn to the next, and the last lasts', () => {
  const timeline = make({events: [...born, {at: at(5), type: 'disconnected'}, {at: at(7), type: 'reconnected'}]});
  expect(lane(timeline, 'state')?.spans.map(({from, to, label}) => [+(from - T).toFixed(3), +(to - T).toFixed(3), label])).toEqual([[0, 0.045, 'connecting'], [0.045, 5, 'connected'], [5, 7, 'disconnected'], [7, 10, 'connected']]);
});
test('where events are forgotten the samples say the state', () => {
  const timeline = make({events_forgotten: 3, events: [], samples: [sample(2), sample(4, 'high', {state: 'disconnected'}), sample(6)]});
  expect(lane(timeline, 'state')?.spans.map((span) => [span.from - T, span.label])).toEqual([[2, 'connected'], [4, 'disconnected'], [6, 'connected']]);
});
test('a rendition is a span of its height, its switch a mark with the reason', () => {
  const timeline = make({samples: [sample(2), sample(4, 'low'), sample(6, 'low')], events: [...born, {at: at(3), type: 'switched', from: 'high', to: 'low', reason: 'chosen'}]});
  const made = lane(timeline, 'rendition');
  expect(made?.spans.map((span) => [span.from - T, span.to - T, span.label])).toEqual([[2, 4, 'high'], [4, 10, 'low']]);
  expect((made?.spans[0].level ?? 0) > (made?.spans[1].level ?? 1)).toBe(true);
  expect(made?.marks).toEqual([{at: T + 3, label: 'Rendition high → low: chosen', tone: 'info'}]);
});
test('loss and ill health last from where they began to where they ended, or until now', () => {
  const timeline = make({events: [...born, {at: at(3), type: 'loss_began', percent: 6.04}, {at: at(4), type: 'health_fell', health: 41}, {at: at(6), type: 'loss_ended'}]});
  expect(lane(timeline, 'loss')?.spans.map(({from, to, label, tone}) => [from - T, to - T, label, tone])).toEqual([[3, 6, 'Packets are lost, 6.0 %', 'warn']]);
  expect(lane(timeline, 'ill_health')?.spans.map(({from, to, label, tone}) => [from - T, to - T, label, tone])).toEqual([[4, 10, 'Health fell to 41', 'down']]);
});
test('operations are marks, those that failed in their tone', () => {
  const lanes = lanesOf(make(), [{at: T + 1, name: 'set quality', ok: true, detail: ''}, {at: T + 2, name: 'close', ok: false, detail: 'gone'}], T + 10);
  expect(lanes.at(-1)).toEqual({name: 'operations', spans: [], marks: [{at: T + 1, label: 'set quality', tone: 'idle'}, {at: T + 2, label: 'close: gone', tone: 'down'}]});
});
test('the steps to the first picture are told in the order they come, since it was created', () => {
  expect(setupSteps(born)).toEqual([{name: 'answered', after: 4}, {name: 'ICE', after: 20}, {name: 'DTLS', after: 45}, {name: 'first key frame', after: 80}, {name: 'first picture', after: 130}]);
  expect(setupSteps(born.slice(1))).toEqual([]);
});
test('what became of the source, and why it failed, is told in its words', () => {
  expect(describe({at: at(1), type: 'source_retry', attempt: 2, reason: 'the gateway answered 500'})).toEqual({text: 'Source: try 2 failed: the gateway answered 500', tone: 'warn'});
  expect(describe({at: at(1), type: 'error', error: 'it broke'})).toEqual({text: 'Failed: it broke', tone: 'down'});
});
test('a later reading adds its samples once, and what it lacks after the end stays', () => {
  const scores = {health: 90, quality: 70, sentence: '', parts: {}};
  const joined = merged(make({scores}), make({state: 'closed', samples: [sample(8, 'low'), sample(10)]}));
  expect(joined.samples.map((one) => one[0])).toEqual([2, 4, 6, 8, 10].map(at));
  expect(joined.samples[3][2]).toBe('low');
  expect(joined).toMatchObject({state: 'closed', scores});
  expect(merged(make(), make({samples: [sample(10), sample(12)]}), 3).samples.map((one) => one[0])).toEqual([8, 10, 12].map(at));
  expect(merged(make(), make({connection_id: 'other', samples: [sample(9)]})).samples.length).toBe(1);
  expect(merged(make(), make({samples: []})).samples.length).toBe(4);
});
test('the axis goes on to now while it is open, to the last word when it ended, and is never shorter than ten seconds', () => {
  expect(extent(make(), T + 30)).toEqual([T, T + 30]);
  expect(extent(make({state: 'closed', events: [...born, {at: at(9), type: 'closed', reason: 'peer'}]}), T + 3000)).toEqual([T - 1, T + 9]);
});
test('marks that would lie on each other are one, with their number and the worst tone', () => {
  const marks = [{at: 5, label: 'b', tone: 'down' as const}, {at: 1, label: 'a', tone: 'idle' as const}, {at: 5.4, label: 'c', tone: 'ok' as const}, {at: 9, label: 'd', tone: 'ok' as const}];
  expect(clustered(marks, (time) => time * 10, 8)).toEqual([{at: 1, label: 'a', tone: 'idle', count: 1}, {at: 5, label: 'b\nc', tone: 'down', count: 2}, {at: 9, label: 'd', tone: 'ok', count: 1}]);
});
test('every event is a sentence, and one that is not known yet is told by its name', () => {
  expect(describe({at: at(1), type: 'decided', decision: 'quality_down', reason: 'health'}).text).toBe('Optimiser: one rendition less: its health');
  expect(describe({at: at(1), type: 'froze', count: 2})).toEqual({text: 'The picture froze 2 times', tone: 'down'});
  expect(describe({at: at(1), type: 'moved_house'}).text).toBe('moved house');
});
test('six charts on the time axis of the series', () => {
  const series = seriesOf(make());
  const charts = chartsOf(series);
  expect(charts.map((chart) => chart.title)).toEqual(['Bandwidth', 'Loss', 'Delay', 'Frame rate', 'Buffer', 'Scores']);
  for (const chart of charts) for (const line of chart.lines) expect(line.values.length).toBe(series.at.length);
});
test('what befell the picture and what people did are marks in the charts, with what lasted as a band', () => {
  const timeline = make({events: [...born, {at: at(3), type: 'loss_began', percent: 6}, {at: at(4), type: 'froze', count: 1}, {at: at(6), type: 'loss_ended'}]});
  const markers = markersOf(lanesOf(timeline, [{at: T + 1, name: 'set quality', ok: true, detail: ''}], T + 10));
  expect(markers).toEqual([{at: T + 1, text: 'set quality', tone: 'idle'}, {at: T + 3, to: T + 6, text: 'Packets are lost, 6.0 %', tone: 'warn'}, {at: T + 4, text: 'The picture froze', tone: 'down'}]);
});

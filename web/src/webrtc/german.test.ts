// The words of streams in German: what is stored or sought must not be the words shown.
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {bucketText, heatCsv} from '../chart/buckets';
import {csvOf, figure} from '../chart/model';
import {showLanguage} from '../messages/language';
import {fixed, significant} from '../ui/format';
import {bitrate} from './format';
import {chartsOf, describe, lanesOf, seriesOf} from './lanes';
import {rowsOf, sortOf} from './rows';
import type {Connection, Timeline} from './types';

vi.mock('../ui/prefs', () => ({getPrefs: () => ({language: 'de'}), onPrefs: () => () => undefined}));
beforeAll(async () => {
  vi.stubGlobal('document', {documentElement: {lang: ''}});
  await showLanguage();
});
afterAll(() => vi.unstubAllGlobals());

const connection = {id: 'rtc-1', role: 'viewer', state: 'connected', source: 'film', actor: 'ann', peer_address: '', rendition: 'low', created_at: '2026-11-22T00:00:00.000Z', stats: {bandwidth: {}, candidatePair: {}, remoteInboundRtp: []}} as unknown as Connection;

test('figures have a comma', () => {
  expect([figure(1.2345, 'ms'), figure(12_340, 'ms'), figure(1234.5, '/s'), figure(2345, 'kbit/s'), bitrate(2_500_000), fixed(1.25, 1), significant(0.0123, 2)]).toEqual(['1,23 ms', '12,3 s', '1235 /s', '2,35 Mbit/s', '2,50 Mbit/s', '1,3', '0,012']);
});
test('files keep their heads, whatever the language', () => {
  const data = {step_ms: 1000, bounds: [1.5, 10], times: [0], counts: [[1]], count: 1, not_above_zero: 0, min: 2, max: 2, p50: 2, p90: 2, p95: 2, p99: 2};
  expect(bucketText(data.bounds, 0, 'ms')).toBe('1,5 bis 10 ms');
  expect(heatCsv(data, 'ms').split('\n')[0]).toBe('time,1.5 to 10 ms');
  const [bandwidth] = chartsOf(seriesOf({columns: ['at'], samples: []}));
  expect(bandwidth.lines.map(({name}) => name)).toEqual(['gesendet', 'der Pfad trägt']);
  expect(csvOf([], bandwidth.lines, bandwidth.unit)).toBe('time,sent (kbit/s),the path carries (kbit/s)\n');
});
test('an event is a German sentence, a lane keeps its name', () => {
  expect(describe({at: '', type: 'switched', from: 'high', to: 'low', reason: 'target_fell'}).text).toBe('Rendition hoch → niedrig: der Pfad trägt weniger');
  expect(describe({at: '', type: 'froze', count: 2}).text).toBe('Das Bild fror ein, 2-mal');
  expect(describe({at: '', type: 'loss_began', percent: 6.04}).text).toBe('Pakete gehen verloren, 6,0 %');
  const timeline = {columns: ['at'], samples: [], events: [], events_forgotten: 0} as unknown as Timeline;
  expect(lanesOf(timeline, [], 10).map(({name}) => name)).toEqual(['state', 'setup', 'rendition', 'picture', 'loss', 'ill_health', 'optimiser', 'operations']);
});
test('a connection is found by the word that is shown and by the one the server says', () => {
  for (const query of ['verbunden', 'connected', 'niedrig film']) expect(rowsOf([connection], query, '', sortOf(null)).map(({id}) => id)).toEqual(['rtc-1']);
  expect(rowsOf([connection], 'unterbrochen', '', sortOf(null))).toEqual([]);
});

import {expect, test, vi} from 'vitest';

vi.mock('../api/client', () => ({accessToken: async () => '', get: async () => ({items: []})}));
import type {LiveEvent, Operation} from '../api/types';
import {LiveStore} from '../live/store';
import {rowsOf, sortOf} from './rows';
import {lineOf} from './rtcLog';
import type {Connection} from './types';
import {joined, ofLive, type RtcOperation} from './useOperations';

const stats = (bytesSent: number, timestamp: string) => ({timestamp, transport: {bytesSent, bytesReceived: 0, srtpCipher: '', iceState: '', dtlsState: ''}, candidatePair: {protocol: '', local: '', remote: '', availableOutgoingBitrate: 0}, bandwidth: {targetBitrate: 0, acknowledgedBitrate: 0, loss: 0, roundTripTime: 0}, outboundRtp: [], remoteInboundRtp: [{ssrc: 1, kind: 'video', fractionLost: 0.01, jitter: 0, packetsLost: 0}], inboundRtp: []});
const connection = (id: string, more: Partial<Connection> = {}): Connection => ({id, role: 'viewer', state: 'connected', source: 'test', actor: 'ann', peer_address: '', video_codec: '', audio_codec: '', quality: 'auto', rendition: 'high', switch_count: 0, created_at: '2026-11-22T00:00:00.000Z', stats: stats(0, '2026-11-22T00:00:00.000Z'), ...more});
const came = (one: Connection, event = 'changed', seq = 1): LiveEvent => ({type: 'webrtc_connection', seq, timestamp: '2026-11-22T00:00:01.000Z', data: {event, connection_id: one.id, connection: one}});
const report = (id: string, health: number, second = 2): LiveEvent => ({type: 'webrtc_stats', seq: 2, data: {connection_id: id, state: 'connected', quality: 'auto', rendition: 'low', scores: {health, quality: 50, sentence: `health ${health}`, parts: {}}, ...stats(250_000, `2026-11-22T00:00:0${second}.000Z`)}});
const immediate = () => new LiveStore((run) => run());

test('a report brings scores and rate, and a list read later does not take them away', () => {
  const store = immediate();
  store.receive(came(connection('a'), 'created'));
  store.receive(report('a', 41));
  expect(store.connections.get('a')).toMatchObject({rendition: 'low', rate_bps: 1_000_000, scores: {health: 41}});
  expect(store.connections.get('a')?.stats).not.toHaveProperty('scores');
  store.setConnections([connection('a', {client: {jitter_buffer_ms: 120}})]);
  expect(store.connections.get('a')).toMatchObject({rate_bps: 1_000_000, scores: {health: 41}});
  store.receive(came(connection('a', {quality: 'low'})));
  expect(store.connections.get('a')).toMatchObject({quality: 'low', scores: {health: 41}, client: {jitter_buffer_ms: 120}});
});
test('the log keeps what happened, not the figures; and turns are told from figures', () => {
  const store = immediate();
  store.receive(came(connection('a'), 'created'));
  const turns = store.connectionTurns;
  store.receive(report('a', 90));
  expect(store.connectionTurns).toBe(turns);
  store.receive({type: 'webrtc_health', seq: 3, data: {connection_id: 'a', event_type: 'froze', sentence: 'x'}});
  expect(store.rtcLog.map((event) => event.type)).toEqual(['webrtc_connection', 'webrtc_health']);
});
test('where there are too many the oldest that ended goes, not one that is open', () => {
  const store = immediate();
  store.setConnections([connection('open'), connection('gone', {state: 'closed'}), ...Array.from({length: 3998}, (_, index) => connection(`c${index}`))]);
  store.receive(came(connection('one more'), 'created'));
  expect([store.connections.size, store.connections.has('open'), store.connections.has('gone'), store.connections.has('one more')]).toEqual([4000, true, false, true]);
});
test('lines of the log say what happened, in words', () => {
  const event = (data: Record<string, unknown>, type = 'webrtc_health'): LiveEvent => ({type, seq: 5, timestamp: '2026-11-22T00:00:01.000Z', data: {connection_id: 'a', ...data}});
  expect(lineOf(event({event_type: 'decision', decision: 'ice_restart', reason: 'silence', done: false, detail: 'the player has no channel'}))).toMatchObject({what: 'decision', text: 'an ICE restart offered: nothing was heard, not done: the player has no channel', tone: 'warn'});
  expect(lineOf(event({event_type: 'health_fell', sentence: 'health 28: 6 % loss'}))).toMatchObject({what: 'health fell', text: 'health 28: 6 % loss', tone: 'down'});
  expect(lineOf(came(connection('a', {state: 'closed', close_reason: 'consent'})))).toMatchObject({what: 'closed', text: 'the peer stopped answering', tone: 'idle'});
  expect(lineOf(came(connection('a', {state: 'closed', error: 'dtls: refused'})))).toMatchObject({what: 'failed', text: 'dtls: refused', tone: 'down'});
  expect(lineOf(event({event: 'switched', from: 'high', to: 'low', reason: 'target_fell', connection: connection('a')}, 'webrtc_connection'))).toMatchObject({what: 'switched', text: 'high → low: the path carries less', source: 'test'});
});
test('operations that were read and heard are one list, newest first, and the end is believed', () => {
  const read: RtcOperation[] = [{id: 'op_1', name: 'close_connection', connection: 'a', status: 'started', started: 1, took: null, error: '', details: null, result: null}];
  const heard = ofLive({operation_id: 'op_1', operation: 'webrtc.close', actor: 'x', subject: 'a', arguments: {connection_id: 'a'}, status: 'failed', success: false, start_time: '2026-11-22T00:00:00.000Z', end_time: null, duration_ms: 4, error: {detail: 'no'}} as Operation);
  const other = ofLive({operation_id: 'op_2', operation: 'webrtc.set_quality', actor: 'x', subject: '', arguments: {connection_id: 'b'}, status: 'started', success: null, start_time: '2026-11-22T00:00:01.000Z', end_time: null, duration_ms: null} as Operation);
  expect(joined(read, [heard, other]).map(({id, name, connection: of, status, error}) => [id, name, of, status, error])).toEqual([['op_2', 'set_quality', 'b', 'started', ''], ['op_1', 'close_connection', 'a', 'failed', 'no']]);
});
test('two thousand connections: each report of each is one new row, and the list is made again in one go', () => {
  const store = immediate();
  store.setConnections(Array.from({length: 2000}, (_, index) => connection(`c${index}`)));
  const before = new Map(rowsOf(store.connections.values(), '', '', sortOf(null)).map((row) => [row.id, row]));
  for (let index = 0; index < 500; index++) store.receive(report(`c${index}`, index % 100));
  const after = rowsOf(store.connections.values(), '', '', sortOf(null));
  expect(after.length).toBe(2000);
  expect(after.filter((row) => before.get(row.id) !== row).length).toBe(500);
  expect(after[0].health).toBe(0);
});

import {expect, test} from 'vitest';
import {nextSort, rowOf, rowsOf, sortOf, toneOfHealth} from './rows';
import type {Connection} from './types';

const stats = (loss = 0, trip?: number) => ({
  timestamp: '2026-11-22T00:00:00.000Z', transport: {bytesSent: 0, bytesReceived: 0, srtpCipher: '', iceState: 'connected', dtlsState: 'connected'},
  candidatePair: {protocol: 'udp', local: '', remote: '', availableOutgoingBitrate: 0, ...(trip === undefined ? {} : {currentRoundTripTime: trip})}, bandwidth: {targetBitrate: 0, acknowledgedBitrate: 0, loss: 0, roundTripTime: 0},
  outboundRtp: [{ssrc: 1, kind: 'video', framesPerSecond: 30, frameWidth: 1280, frameHeight: 720}], remoteInboundRtp: [{ssrc: 1, kind: 'video', fractionLost: loss, jitter: 0.004, packetsLost: 0}],
});
const make = (id: string, more: Partial<Connection> = {}): Connection => ({id, role: 'viewer', state: 'connected', source: 'test', actor: 'ann', peer_address: '10.0.0.1:5', video_codec: 'H264', audio_codec: 'opus', quality: 'auto', rendition: 'high', switch_count: 0, created_at: '2026-11-22T00:00:00.000Z', stats: stats(), ...more});
const scored = (health: number) => ({scores: {health, quality: 70, sentence: `health ${health}`, parts: {}}});
const ids = (all: Connection[], query = '', state = '', sort: string | null = null) => rowsOf(all, query, state, sortOf(sort)).map((row) => row.id);

test('worst first: low health, then what has no score, then the healthy; what ended last, newest of it first', () => {
  const all = [make('well', scored(97)), make('old', {state: 'closed', created_at: '2026-11-21T00:00:00.000Z'}), make('late', {state: 'closed'}), make('ill', scored(12)), make('fresh', {state: 'connecting'}), make('fair', scored(60))];
  expect(ids(all)).toEqual(['ill', 'fair', 'fresh', 'well', 'late', 'old']);
});
test('a row says what was measured, in its unit, and nothing of what was not', () => {
  const row = rowOf(make('a', {stats: stats(0.062, 0.08), client: {jitter_buffer_ms: 130, frames_per_second: 24.6}}));
  expect(row).toMatchObject({loss: 6.2, trip: 80, jitter: 4, buffer: 130, fps: 24.6, size: '1280 × 720', health: null, rate: null});
  expect(rowOf(make('b', {state: 'closed', ...scored(50)}))).toMatchObject({health: null, fps: null, open: false});
  expect(rowOf(make('c')).fps).toBe(30); // what is sent, where the player says nothing
});
test('a row is made once for a connection that did not change', () => {
  const one = make('a');
  expect(rowOf(one)).toBe(rowOf(one));
  expect(rowOf({...one})).not.toBe(rowOf(one));
});
test('all words must be found, over id, source, user, peer and state', () => {
  const all = [make('rtc-1', {source: 'film.mp4'}), make('rtc-2', {actor: 'bob', state: 'disconnected'}), make('rtc-3', {error: 'dtls', state: 'closed'})];
  expect(ids(all, 'FILM')).toEqual(['rtc-1']);
  expect(ids(all, 'bob disc')).toEqual(['rtc-2']);
  expect(ids(all, '10.0.0.1 failed')).toEqual(['rtc-3']);
  expect(ids(all, 'bob film')).toEqual([]);
  expect(ids(all, '', 'failed')).toEqual(['rtc-3']);
  expect(ids(all, '', 'disconnected')).toEqual(['rtc-2']);
  expect(ids([make('n', {state: 'new'})], '', 'connecting')).toEqual(['n']);
});
test('sorting by a column: both ways, and what was not measured is last in both', () => {
  const all = [make('mid', {stats: stats(0.02)}), make('none', {stats: {...stats(), remoteInboundRtp: []}}), make('high', {stats: stats(0.3)}), make('low', {stats: stats(0)})];
  expect(ids(all, '', '', '-loss')).toEqual(['high', 'mid', 'low', 'none']);
  expect(ids(all, '', '', 'loss')).toEqual(['low', 'mid', 'high', 'none']);
});
test('a heading goes the useful way first, then the other, then back to worst first', () => {
  expect(nextSort(sortOf(null), 'loss')).toBe('-loss');
  expect(nextSort(sortOf('-loss'), 'loss')).toBe('loss');
  expect(nextSort(sortOf('loss'), 'loss')).toBe('');
  expect(nextSort(sortOf('loss'), 'actor')).toBe('actor');
  expect(nextSort(sortOf('actor'), 'actor')).toBe('-actor');
  expect(sortOf('-nonsense')).toEqual({by: 'worst', down: false});
});
test('health has three tones, and none without a score', () => {
  expect([null, 12, 49, 50, 79, 80, 100].map(toneOfHealth)).toEqual(['idle', 'down', 'down', 'warn', 'warn', 'ok', 'ok']);
});

import {expect, test} from 'vitest';
import {bitrate, clock} from './format';
import {measure, snapshot} from './measure';
import {isContent} from './player';
import {fragmentOf, withFragment} from './whep';

const report = (video: Record<string, unknown>) => new Map<string, unknown>([
  ['v', {type: 'inbound-rtp', id: 'v', kind: 'video', codecId: 'c', ...video}],
  ['a', {type: 'inbound-rtp', id: 'a', kind: 'audio', bytesReceived: 1000}],
  ['c', {type: 'codec', id: 'c', mimeType: 'video/H264'}],
  ['t', {type: 'transport', id: 't', selectedCandidatePairId: 'p'}],
  ['p', {type: 'candidate-pair', id: 'p', currentRoundTripTime: 0.012}],
]);

test('rates are of the time between, totals of the end', () => {
  const before = snapshot(report({bytesReceived: 0, framesDecoded: 10, packetsLost: 1, packetsReceived: 99, freezeCount: 1}), 1000);
  const now = snapshot(report({bytesReceived: 250_000, framesDecoded: 70, packetsLost: 6, packetsReceived: 194, freezeCount: 2, totalFreezesDuration: 0.5, frameWidth: 1280, frameHeight: 720, jitter: 0.004, jitterBufferDelay: 6, jitterBufferEmittedCount: 60}), 3000);
  const measured = measure(before, now);
  expect(measured).toMatchObject({width: 1280, height: 720, frames_per_second: 30, bitrate_bps: 1_000_000, loss_percent: 5, frames_decoded: 70, freezes: 2, freeze_seconds: 0.5, round_trip_ms: 12, codec: 'H264'});
  expect(measured.jitter_buffer_ms).toBe(100);
});

test('what is not there yet is nothing, not NaN', () => {
  const empty = snapshot(new Map(), 0);
  const measured = measure(empty, snapshot(new Map(), 0));
  expect(Object.values(measured).filter((value) => Number.isNaN(value))).toEqual([]);
  expect(measured.round_trip_ms).toBeNull();
  // a counter that starts anew, as after a reconnection, is no negative rate
  expect(measure(snapshot(report({framesDecoded: 500}), 0), snapshot(report({framesDecoded: 5}), 1000)).frames_per_second).toBe(0);
});

test('as people read it', () => {
  expect([bitrate(undefined), bitrate(800_000), bitrate(2_500_000)]).toEqual(['–', '800 kbit/s', '2.50 Mbit/s']);
  expect([clock(0), clock(61.9), clock(3725)]).toEqual(['0:00', '1:01', '1:02:05']);
});

const offer = 'v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secretsecretsecretsecret\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secretsecretsecretsecret\r\n';
test('an ICE restart exchanges credentials, and candidates once', () => {
  expect(fragmentOf(offer)).toBe('a=ice-ufrag:abcd\r\na=ice-pwd:secretsecretsecretsecret\r\na=ice-options:trickle\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n');
  const before = 'v=0\r\nm=audio 9 X 111\r\na=ice-ufrag:old\r\na=ice-pwd:oldold\r\na=candidate:1 1 udp 1 127.0.0.1 1 typ host\r\na=end-of-candidates\r\nm=video 9 X 96\r\na=ice-ufrag:old\r\na=ice-pwd:oldold\r\n';
  expect(withFragment(before, 'a=ice-ufrag:new\r\na=ice-pwd:newnew\r\na=candidate:2 1 udp 1 127.0.0.1 2 typ host\r\n').split('\r\n')).toEqual(['v=0', 'm=audio 9 X 111', 'a=ice-ufrag:new', 'a=ice-pwd:newnew', 'a=candidate:2 1 udp 1 127.0.0.1 2 typ host', 'm=video 9 X 96', 'a=ice-ufrag:new', 'a=ice-pwd:newnew', '']);
});

test('content is told from names', () => {
  expect(['QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', 'studio', 'test', 'bob'].map(isContent)).toEqual([true, true, false, false, false]);
});

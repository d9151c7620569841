import {expect, test} from 'vitest';
import {Batch, Pace, bytesMax, samplesMax} from './batch';
import {compact, type Stat} from './compact';

const sample = (at: number, weight = 10) => ({at, state: 'connected', stats: [{type: 'transport', id: 'T', pad: 'x'.repeat(weight)}]});
const read = (text: string | undefined) => JSON.parse(text ?? 'null');

test('a report has what waits, and what the hub has does not wait', () => {
  const batch = new Batch('shop', 'page1');
  batch.begin('1', 100).connected_at = 150;
  batch.add('1', sample(200));
  batch.add('1', sample(300));
  const report = read(batch.take(400));
  expect(report).toMatchObject({app: 'shop', page: 'page1', sent_at: 400, connections: [{id: '1', created_at: 100, connected_at: 150}]});
  expect(report.connections[0].samples.map(({at}: {at: number}) => at)).toEqual([200, 300]);
  batch.add('1', sample(500)); // while it is under way
  batch.sent();
  expect(read(batch.take(600)).connections[0].samples.map(({at}: {at: number}) => at)).toEqual([500]);
  batch.sent();
  expect(batch.take(700)).toBeUndefined();
});

test('what the hub did not take is said again, with what came since', () => {
  const batch = new Batch('shop', 'page1');
  batch.begin('1', 100);
  batch.add('1', sample(200));
  batch.take(300);
  batch.add('1', sample(400));
  expect(read(batch.take(500)).connections[0].samples).toHaveLength(2);
});

test('a hub that is gone costs a bounded number of samples: the oldest go', () => {
  const batch = new Batch('shop', 'page1');
  batch.begin('1', 0);
  for (let at = 1; at <= samplesMax + 5; ++at) batch.add('1', sample(at));
  const {samples} = read(batch.take(99)).connections[0];
  expect(samples).toHaveLength(samplesMax);
  expect(samples[0].at).toBe(6);
});

test('a report fits what may outlive a page; the end is told with the last sample only', () => {
  const batch = new Batch('shop', 'page1');
  const times = batch.begin('1', 0);
  for (let at = 1; at <= 20; ++at) batch.add('1', sample(at, 10_000));
  times.closed_at = 50;
  let samples = 0;
  let reports = 0;
  for (let text = batch.take(60); text; text = batch.take(60)) {
    expect(text.length).toBeLessThanOrEqual(bytesMax);
    const [one] = read(text).connections;
    samples += one.samples.length;
    reports++;
    expect(one.closed_at).toBe(samples === 20 ? 50 : undefined);
    batch.sent();
  }
  expect(samples).toBe(20);
  expect(reports).toBeGreaterThan(3);
  expect(batch.size).toBe(0);
});

test('a sample that fits no report is not in the way of the others', () => {
  const batch = new Batch('shop', 'page1');
  batch.begin('1', 0);
  batch.add('1', sample(1, bytesMax));
  batch.add('1', sample(2));
  batch.take(3);
  expect(read(batch.take(3)).connections[0].samples.map(({at}: {at: number}) => at)).toEqual([2]);
});

test('refused media goes along and goes once', () => {
  const batch = new Batch('shop', 'page1');
  batch.fail({at: 1, name: 'NotAllowedError', wants: 'video'});
  expect(read(batch.take(2))).toMatchObject({connections: [], failures: [{name: 'NotAllowedError', wants: 'video'}]});
  batch.sent();
  expect(batch.take(3)).toBeUndefined();
});

test('without an answer it waits longer each time, up to a minute; an answer ends that; a refusal ends all', () => {
  const pace = new Pace();
  let now = 0;
  const waits: number[] = [];
  for (let i = 0; i < 9; ++i) {
    pace.answered(i % 2 ? 0 : 503, now);
    const from = now;
    while (!pace.may(now)) now += 100;
    waits.push(now - from);
  }
  expect(waits[0]).toBeLessThanOrEqual(2_600);
  expect(waits[3]).toBeGreaterThan(waits[0]!);
  expect(Math.max(...waits)).toBeLessThanOrEqual(75_100);
  pace.answered(429, now, 300);
  expect(pace.may(now + 299_000)).toBe(false);
  pace.answered(200, now);
  expect(pace.may(now)).toBe(true);
  pace.answered(403, now);
  expect(pace.over).toBe(true);
  expect(pace.may(now + 1e9)).toBe(false);
});

const stats = (): Stat[] => [
  {type: 'certificate', id: 'CF', base64Certificate: 'MII', fingerprint: 'AA'},
  {type: 'transport', id: 'T', selectedCandidatePairId: 'P1', dtlsState: 'connected', iceLocalUsernameFragment: 'abcd'},
  {type: 'candidate-pair', id: 'P1', state: 'succeeded', localCandidateId: 'L1', remoteCandidateId: 'R1', currentRoundTripTime: 0.0123456789},
  {type: 'candidate-pair', id: 'P2', state: 'waiting', localCandidateId: 'L2', remoteCandidateId: 'R1'},
  {type: 'local-candidate', id: 'L1', address: '192.0.2.1', ip: '192.0.2.1', port: 5, protocol: 'udp', candidateType: 'host', relatedAddress: '10.0.0.1', url: 'stun:x'},
  {type: 'local-candidate', id: 'L2', address: '192.0.2.2', protocol: 'udp'},
  {type: 'remote-candidate', id: 'R1', address: '192.0.2.3', protocol: 'udp'},
  {type: 'codec', id: 'C1', mimeType: 'video/VP8', sdpFmtpLine: 'x'},
  {type: 'codec', id: 'C2', mimeType: 'video/AV1'},
  {type: 'inbound-rtp', id: 'I', kind: 'video', codecId: 'C1', packetsLost: 3, trackIdentifier: 'secret'},
];

test('what is kept has neither addresses nor fingerprints, and of pairs and codecs only what is used', () => {
  const kept = compact(stats());
  expect(kept.map(({id}) => id).sort()).toEqual(['C1', 'I', 'L1', 'P1', 'R1', 'T']);
  expect(JSON.stringify(kept)).not.toMatch(/192\.|10\.0|MII|abcd|secret|stun/);
  expect(kept.find(({id}) => id === 'P1')).toMatchObject({currentRoundTripTime: 0.012346});
});

test('a page may allow addresses, of the pair that is used', () => {
  const text = JSON.stringify(compact(stats(), true));
  expect(text).toContain('192.0.2.1');
  expect(text).toContain('192.0.2.3');
  expect(text).not.toMatch(/192\.0\.2\.2|10\.0/);
});

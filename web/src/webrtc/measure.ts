// What the browser itself measured of what it plays: two getStats() reports and the time between them. Sent to the server on the
// `stats` channel, shown beside the picture.
export interface Measured {
  width: number; height: number; frames_per_second: number; bitrate_bps: number; packets_lost: number; packets_received: number; loss_percent: number;
  frames_decoded: number; frames_dropped: number; freezes: number; freeze_seconds: number; jitter_ms: number; jitter_buffer_ms: number; round_trip_ms: number | null; codec: string;
}
type Entry = Record<string, unknown> & {type: string; id: string};
export interface Snapshot {at: number; video: Entry | null; audio: Entry | null; pair: Entry | null; codec: string}

const number = (entry: Entry | null, key: string) => (typeof entry?.[key] === 'number' ? (entry[key] as number) : 0);

export function snapshot(report: Iterable<[string, unknown]> | Map<string, unknown>, at: number): Snapshot {
  const all = new Map<string, Entry>();
  for (const [id, entry] of report) all.set(id, entry as Entry);
  const inbound = (kind: string) => [...all.values()].find((entry) => entry.type === 'inbound-rtp' && entry.kind === kind) ?? null;
  const transport = [...all.values()].find((entry) => entry.type === 'transport');
  const video = inbound('video');
  const codec = all.get(String(video?.codecId ?? ''))?.mimeType;
  return {at, video, audio: inbound('audio'), pair: all.get(String(transport?.selectedCandidatePairId ?? '')) ?? null, codec: typeof codec === 'string' ? codec.replace('video/', '') : ''};
}

// Rates over the time between the two; totals as they are in the later one.
export function measure(before: Snapshot, now: Snapshot): Measured {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const since = (key: string) => Math.max(0, number(now.video, key) - number(before.video, key));
  const bytes = since('bytesReceived') + Math.max(0, number(now.audio, 'bytesReceived') - number(before.audio, 'bytesReceived'));
  const lost = since('packetsLost');
  const received = since('packetsReceived');
  const emitted = since('jitterBufferEmittedCount');
  const trip = now.pair?.currentRoundTripTime;
  return {
    width: number(now.video, 'frameWidth'), height: number(now.video, 'frameHeight'), frames_per_second: since('framesDecoded') / seconds, bitrate_bps: (bytes * 8) / seconds,
    packets_lost: number(now.video, 'packetsLost'), packets_received: number(now.video, 'packetsReceived'), loss_percent: lost + received > 0 ? (100 * lost) / (lost + received) : 0,
    frames_decoded: number(now.video, 'framesDecoded'), frames_dropped: number(now.video, 'framesDropped'), freezes: number(now.video, 'freezeCount'), freeze_seconds: number(now.video, 'totalFreezesDuration'),
    jitter_ms: number(now.video, 'jitter') * 1000, jitter_buffer_ms: emitted > 0 ? (1000 * since('jitterBufferDelay')) / emitted : 0, round_trip_ms: typeof trip === 'number' ? trip * 1000 : null, codec: now.codec,
  };
}

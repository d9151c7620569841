// What of getStats() goes to the hub: the members that scores and timelines are made of, under their own names (W3C webrtc-stats).
// No SDP, no certificates, no candidates but those of the selected pair, and of these no addresses unless the page allows it.
export type Stat = Record<string, unknown> & {type: string; id: string};

const rtp = 'ssrc kind mid codecId rid';
const fields: Record<string, string> = {
  'inbound-rtp': `${rtp} packetsReceived bytesReceived headerBytesReceived packetsLost jitter framesReceived framesDecoded framesPerSecond framesDropped keyFramesDecoded frameWidth frameHeight freezeCount totalFreezesDuration jitterBufferDelay jitterBufferEmittedCount totalDecodeTime totalSamplesReceived concealedSamples retransmittedPacketsReceived retransmittedBytesReceived nackCount pliCount firCount`,
  'outbound-rtp': `${rtp} packetsSent bytesSent headerBytesSent retransmittedPacketsSent retransmittedBytesSent framesSent framesPerSecond keyFramesEncoded hugeFramesSent frameWidth frameHeight targetBitrate qualityLimitationReason qualityLimitationResolutionChanges active nackCount pliCount firCount`,
  'remote-inbound-rtp': 'ssrc kind packetsLost fractionLost jitter roundTripTime totalRoundTripTime roundTripTimeMeasurements',
  transport: 'dtlsState iceState dtlsRole tlsVersion dtlsCipher srtpCipher selectedCandidatePairId selectedCandidatePairChanges packetsSent packetsReceived bytesSent bytesReceived',
  'candidate-pair': 'state nominated selected localCandidateId remoteCandidateId currentRoundTripTime availableOutgoingBitrate requestsReceived responsesSent consentRequestsSent',
  'local-candidate': 'candidateType protocol',
  'remote-candidate': 'candidateType protocol',
  codec: 'mimeType',
  'data-channel': 'state messagesSent messagesReceived bytesSent bytesReceived',
};

const short = (value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1e6) / 1e6 : value);

export function compact(report: {forEach: (each: (stat: Stat) => void) => void}, addresses = false, most = 128): Stat[] {
  const all: Stat[] = [];
  report.forEach((stat) => all.push(stat));
  const used = new Set<unknown>();
  let pair: unknown;
  for (const stat of all) {
    if (stat.type === 'transport') pair ??= stat.selectedCandidatePairId;
    used.add(stat.codecId);
  }
  const selected = all.find((stat) => stat.type === 'candidate-pair' && (pair ? stat.id === pair : stat.selected || (stat.nominated && stat.state === 'succeeded')));
  for (const one of [selected?.id, selected?.localCandidateId, selected?.remoteCandidateId]) used.add(one);
  const out: Stat[] = [];
  for (const stat of all) {
    const names = fields[stat.type];
    if (!names || (/^c|candidate$/.test(stat.type) && !used.has(stat.id)) || out.length >= most) continue;
    const kept: Stat = {type: stat.type, id: stat.id};
    for (const name of addresses && stat.type.endsWith('candidate') ? `${names} address port`.split(' ') : names.split(' ')) if (stat[name] !== undefined && stat[name] !== null) kept[name] = short(stat[name]);
    out.push(kept);
  }
  return out;
}

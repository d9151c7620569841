// The shapes of docs/webrtc.md, as this app reads them.
export type Quality = 'low' | 'medium' | 'high' | 'auto';
export const qualities: Quality[] = ['auto', 'high', 'medium', 'low'];
// What each is at most; smaller content stays as it is.
export const qualityLabels: Record<Quality, string> = {auto: 'auto', high: 'high, 1080p30', medium: 'medium, 720p30', low: 'low, 360p15'};

export interface Playing {position_seconds: number; duration_seconds: number | null; live: boolean; paused: boolean; loop: boolean; ended: boolean}
// W3C's identifiers, as the engine counts them.
export interface Stats {
  timestamp: string;
  transport: {bytesSent: number; bytesReceived: number; srtpCipher: string; iceState: string; dtlsState: string};
  candidatePair: {protocol: string; local: string; remote: string; currentRoundTripTime?: number; availableOutgoingBitrate: number};
  bandwidth: {targetBitrate: number; acknowledgedBitrate: number; loss: number; roundTripTime: number};
  remoteInboundRtp: {kind: string; fractionLost: number; jitter: number; packetsLost: number; roundTripTime?: number}[];
}
export interface Connection {
  id: string; role: 'viewer' | 'publisher'; state: 'connecting' | 'connected' | 'disconnected' | 'closed'; source: string; actor: string; peer_address: string;
  video_codec: string; audio_codec: string; quality: Quality; rendition: string; switch_count: number; created_at: string; closed_at?: string; close_reason?: string; error?: string;
  stats: Stats; rate_bps?: number; // of the last interval: made here from two reports
}
export interface TestStep {name: string; ok: boolean; took_ms: number; detail: string}
export interface TestReport {success: boolean; took_ms: number; steps: TestStep[]}

export const isOpen = (connection: Connection) => connection.state !== 'closed';

// What flows, both ways together, between two reports of one connection.
export function rate(before: Stats | undefined, now: Stats): number | undefined {
  const seconds = before ? (Date.parse(now.timestamp) - Date.parse(before.timestamp)) / 1000 : 0;
  const total = (stats: Stats) => stats.transport.bytesSent + stats.transport.bytesReceived;
  return before && seconds > 0 ? Math.max(0, (8 * (total(now) - total(before))) / seconds) : undefined;
}

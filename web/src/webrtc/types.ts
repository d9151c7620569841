// The shapes of docs/webrtc.md and docs/webrtc-monitor.md, as this app reads them.
import type {Json} from '../api/types';

export type Quality = 'low' | 'medium' | 'high' | 'auto';
export const qualities: Quality[] = ['auto', 'high', 'medium', 'low'];

export interface Playing {position_seconds: number; duration_seconds: number | null; live: boolean; paused: boolean; loop: boolean; ended: boolean}
export type ConnectionState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'closed';
export const connectionStates: ConnectionState[] = ['connected', 'connecting', 'disconnected', 'closed'];

// W3C's identifiers, as the engine counts them.
export type Counters = Record<string, Json>;
export interface Outbound extends Counters {ssrc: number; kind: string; framesPerSecond: number; frameWidth: number; frameHeight: number}
export interface RemoteInbound {ssrc: number; kind: string; fractionLost: number; jitter: number; packetsLost: number; roundTripTime?: number}
export interface Inbound extends Counters {ssrc: number; kind: string; jitter: number; packetsLost: number; packetsReceived: number}
export interface Stats {
  timestamp: string;
  transport: {bytesSent: number; bytesReceived: number; srtpCipher: string; iceState: string; dtlsState: string; dtlsRole?: string; tlsVersion?: string; dtlsCipher?: string; selectedCandidatePairChanges?: number};
  candidatePair: {protocol: string; local: string; remote: string; state?: string; nominated?: boolean; currentRoundTripTime?: number; availableOutgoingBitrate: number; requestsReceived?: number; responsesSent?: number};
  bandwidth: {targetBitrate: number; acknowledgedBitrate: number; loss: number; roundTripTime: number; queueDelay?: number; usage?: string};
  outboundRtp?: Outbound[]; remoteInboundRtp: RemoteInbound[]; inboundRtp?: Inbound[];
}
export interface ScorePart {points: number; value: number; since?: string}
export interface Scores {health: number; quality: number; sentence: string; parts: Record<string, ScorePart>}
export interface Connection {
  id: string; role: 'viewer' | 'publisher'; state: ConnectionState; source: string; actor: string; peer_address: string;
  video_codec: string; audio_codec: string; quality: Quality; rendition: string; limit?: string; switch_count: number; created_at: string; answered_at?: string; ice_connected_at?: string;
  connected_at?: string; first_packet_at?: string; first_key_frame_at?: string; closed_at?: string; close_reason?: string; error?: string;
  stats: Stats; client?: {jitter_buffer_ms?: number; frames_per_second?: number; [key: string]: unknown};
  rate_bps?: number; // of the last interval: made here from two reports
  scores?: Scores; // of the monitor, with each report
}
export interface TestStep {name: string; ok: boolean; took_ms: number; detail: string}
export interface TestReport {success: boolean; took_ms: number; steps: TestStep[]}

// Of one that ended, and of one that runs so far.
export interface Summary {
  connection_id: string; role: Connection['role']; source: string; actor: string; peer_address: string; created_at: string; closed_at?: string; close_reason?: string; error?: string; duration_seconds: number;
  mean_kbps: number; mean_loss_percent: number; worst_loss_percent: number; freezes: number; buffer_underruns: number; quality_switches: number; mean_health?: number; worst_health?: number; mean_quality?: number; last?: string;
}
export interface TimelineEvent {at: string; type: string; from?: string; to?: string; reason?: string; quality?: string; decision?: string; value?: number; count?: number; percent?: number; health?: number; kind?: string; direction?: string; state?: string; attempt?: number; error?: string; after_ms?: number}
export interface StreamStatistics {kind: string; ssrc: number | null; 'outbound-rtp'?: Counters; 'remote-inbound-rtp'?: Counters; 'inbound-rtp'?: Counters}
export interface Timeline {
  connection_id: string; state: ConnectionState; columns: string[]; samples: Json[][]; events: TimelineEvent[]; events_forgotten: number;
  summary: Summary; scores?: Scores; optimiser_score?: number; statistics?: StreamStatistics[];
}
export interface MonitorState {connections: number; connections_total: number; decisions: Record<string, number>; cpu_percent: number; memory_bytes: number; config: Record<string, Record<string, Json>>}

export const isOpen = (connection: Pick<Connection, 'state'>) => connection.state !== 'closed';

// What flows, both ways together, between two reports of one connection.
export function rate(before: Stats | undefined, now: Stats): number | undefined {
  const seconds = before ? (Date.parse(now.timestamp) - Date.parse(before.timestamp)) / 1000 : 0;
  const total = (stats: Stats) => stats.transport.bytesSent + stats.transport.bytesReceived;
  return before && seconds > 0 ? Math.max(0, (8 * (total(now) - total(before))) / seconds) : undefined;
}

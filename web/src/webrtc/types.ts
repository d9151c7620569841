// The shapes of docs/webrtc.md, as this app reads them.
export type Quality = 'low' | 'medium' | 'high' | 'auto';
export const qualities: Quality[] = ['auto', 'high', 'medium', 'low'];

export interface Playback {position_s: number; duration_s: number | null; paused: boolean; loop: boolean; live: boolean; ended: boolean}
export interface Connection {
  connection_id: string; role: 'viewer' | 'publisher'; content_cid: string; status: 'new' | 'connecting' | 'active' | 'closing' | 'closed' | 'failed';
  start_time: number; end_time: number | null; quality: Quality; rendition: string; peer_id: string; actor: string; close_reason: string; errors: string[];
  video_codec: string; audio_codec: string; switch_count: number; playback?: Playback | null; stats: Stats;
}
export interface Stats {bitrate_bps?: number; frames_per_second?: number; packets_sent?: number; packet_loss_percent?: number; round_trip_ms?: number; jitter_ms?: number; target_bps?: number}
export interface TestStep {name: string; ok: boolean; duration_ms: number; detail: string}
export interface TestReport {success: boolean; connection_id?: string; message?: string; duration_ms: number; steps: TestStep[]}

export const isOpen = (connection: Connection) => connection.status !== 'closed' && connection.status !== 'failed';

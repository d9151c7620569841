// Traces as /api/traces answers them.
import type {Json, Problem} from '../api/types';

export type TraceStatus = 'started' | 'completed' | 'failed' | 'canceled';
export interface TraceItem {
  trace_id: string; operation_id: string; operation: string; actor: string; subject: string; detail: string; status: TraceStatus; // of its first operation; detail: the tool
  start_time: string; duration_ms: number | null; operations: number; spans: number; failed: number; ok: boolean;
}
export interface TracePage {from: string; to: string; items: TraceItem[]; next_cursor: string | null}

export interface TraceSpan {name: string; detail: string; from_ms: number; to_ms: number | null; parent: number; ok: boolean} // ms since its operation began; null: never over, or not yet
export interface TraceOperation {
  operation_id: string; operation: string; actor: string; subject: string; arguments: Json; status: TraceStatus; trace_id: string;
  start_time: string; end_time: string | null; duration_ms: number | null; success: boolean | null; error?: Problem; spans?: TraceSpan[];
}
export interface Trace {trace_id: string; operations: TraceOperation[]}

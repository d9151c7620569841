// Traces for tests.
import type {Trace, TraceOperation, TraceSpan} from './types';

export const span = (name: string, from_ms: number, to_ms: number | null, parent = -1, more: Partial<TraceSpan> = {}): TraceSpan => ({name, detail: '', from_ms, to_ms, parent, ok: true, ...more});
export const operation = (more: Partial<TraceOperation>): TraceOperation => ({operation_id: 'op_1', operation: 'fleet.tool_call', actor: 'admin', subject: 'memory', arguments: {}, status: 'completed', trace_id: '0190aa', start_time: '2026-11-22T10:00:00.000Z', end_time: '2026-11-22T10:00:00.010Z', duration_ms: 10, success: true, ...more});
export const trace = (operations: TraceOperation[]): Trace => ({trace_id: '0190aa', operations});

export const compare: [Trace, Trace] = [
  trace([operation({duration_ms: 10, spans: [span('tools/call', 0, 8), span('write', 0, 1, 0), span('wait', 1, 7, 0), span('check', 8, 9)]})]),
  trace([operation({duration_ms: 15, spans: [span('tools/call', 0, 12), span('write', 0, 1, 0), span('wait', 1, 4, 0), span('task', 4, 11, 0)]})]),
];

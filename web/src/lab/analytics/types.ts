// What /api/metrics and /api/analytics answer (docs/metrics-api.md).
import type {Anomaly} from '../../chart/grid';

export interface MetricName {name: string; unit: string | null; series: number; labels: string[]; newest: string}
export interface Curve {name: string; labels: Record<string, string>; points: [number, number | null][]; anomalies?: Anomaly[]}
export interface QueryAnswer {query: string; start: string; end: string; step_ms: number; window_ms: number; resolution: string; series: Curve[]}
export interface HeatAnswer {start: string; end: string; truncated: boolean; value: HeatValue; hours: string[]; rows: {server: string; tool: string; calls: number; values: (number | null)[]}[]; rows_left_out: number}
export type HeatValue = 'count' | 'errors' | 'p95';
export interface SlowTool {server: string; tool: string; calls: number; errors: number; mean_ms: number; p50_ms: number | null; p95_ms: number | null; p99_ms: number | null; max_ms: number}
export interface ErrorCluster {shape: string; count: number; first: string; last: string; example: string; tools: {server: string; tool: string; count: number}[]}
export interface Side {calls: number; errors: number; error_rate: number; mean_ms: number | null; p50_ms: number | null; p95_ms: number | null}
export interface Effect {server: string; tool: string; before: Side; after: Side; latency: {cliffs_delta: number; p: number; verdict: string}; errors: {difference: number; p: number; verdict: string}}
export interface Listed<T> {start: string; end: string; truncated: boolean; items: T[]}

export interface ScorePart {name: 'availability' | 'calls' | 'latency' | 'stability'; weight: number; value: number | null; points: number | null}
export interface Score {score: number | null; parts: ScorePart[]; checks: number; calls: number}
export interface ServerScore extends Score {server: string; days: (Score & {day: string})[]}
export interface ChangeMarker {time: string; server: string; what: string}

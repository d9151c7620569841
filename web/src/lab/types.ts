// What the lab's operations answer (docs/api.md), as this app reads it.
import type {Json, JsonObject} from '../api/types';

export type CaseStatus = 'passed' | 'flaky' | 'failed' | 'error' | 'skipped' | 'cancelled' | 'running' | 'interrupted';
export interface Mismatch {step: string; what: string; expected: string; actual: string; diff?: string}
export interface Exchange {at_ms: number; direction: '>' | '<'; text: string; cut: boolean}
export interface Attempt {status: CaseStatus; message: string; duration_ms: number; mismatches: Mismatch[]; exchanges: Exchange[]; log: string[]}
export interface Finding {rule: string; level: string; section: string; detail: string; remedy: string; evidence: string[]}
export interface Latency {count: number; min_ms: number; mean_ms: number; p50_ms: number; p90_ms: number; p99_ms: number; p999_ms: number; max_ms: number}
export interface CaseResult {
  id: string; name: string; suite: string; kind: string; server: string; tags: string[]; matrix: JsonObject; line: number; status: CaseStatus; message: string;
  started: string; duration_ms: number; attempts: Attempt[]; latency: Latency | null; findings: Finding[]; figures: JsonObject; golden_updated: string[];
}
export interface Totals {cases: number; passed: number; flaky: number; failed: number; errors: number; skipped: number; cancelled: number}
export interface RunSummary {id: string; suite: string; file: string; seed: number; status: CaseStatus; message: string; started: string; ended: string | null; duration_ms: number; totals: Totals; servers: JsonObject; suite_id: string; version: number; actor: string; partial?: boolean; baseline?: {run_id: string; gate: boolean; worse: boolean; summary: string}}
export interface ResourceSample {at_s: number; server: string; memory_bytes: number; fds: number; cpu_percent: number}
export interface Run extends RunSummary {cases: CaseResult[]; samples: ResourceSample[]}
export interface SuiteSummary {id: string; name: string; version: number; author: string; created_at: string; updated_at: string; tags?: string[]}
export interface Problem {line: number; column: number; field: string; message: string}
export interface SuiteCase {name: string; kind: string; line: number}
export interface Suite extends SuiteSummary {yaml: string; cases: SuiteCase[]; problems: Problem[]; versions: {version: number; author: string; time: string}[]}
export interface Validation {valid: boolean; name: string; cases: SuiteCase[]; problems: Problem[]}
export type Schema = {[key: string]: Json};

export const isBad = (status: CaseStatus) => status === 'failed' || status === 'error' || status === 'interrupted';

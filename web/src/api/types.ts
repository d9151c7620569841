// The shapes of docs/api.md and docs/websocket.md, as this app reads them.
export type Status = 'healthy' | 'degraded' | 'disconnected' | 'circuit_open' | 'starting' | 'stopped' | 'disabled';
export type CircuitState = 'closed' | 'open' | 'half_open';
export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
export type JsonObject = {[key: string]: Json};

export interface Circuit {state: CircuitState; failure_count: number; threshold: number; failure_cycles: number; max_cycles: number; half_open_calls: number; retry_at: string | null}
export interface ProcessInfo {pid: number; cpu_percent: number; memory_bytes: number; fds: number; threads: number; started_at: string}
export interface CheckPoint {time: string; ms: number; ok: boolean}

export interface Server {
  id: string; name: string; transport: string; target: string; managed: boolean; origin: 'file' | 'api'; tags: string[]; description: string;
  desired: string; health_status: Status; reason: string; since: string; circuit_state: CircuitState; circuit: Circuit;
  last_health_check: string | null; next_health_check: string | null; response_time_ms: number | null; p50_ms: number | null; p95_ms: number | null;
  response_times: CheckPoint[]; checks: {total: number; failed: number}; restarts: number; next_start: string | null;
  protocol: {version: string; era: string} | null; server_info: {name?: string; version?: string; title?: string} | null; instructions: string | null;
  tools_count: number; resources_count: number; prompts_count: number; process: ProcessInfo | null; sandbox: {requested: string; achieved: string | null; detail: string} | null;
  authorization: {state: 'none' | 'required' | 'authorized'; grant: string; issuer: string | null; scope: string | null; expires_at: string | null} | null;
  calls: {total: number; failed: number; in_flight: number}; findings: number;
}

export interface Tool {name: string; title?: string; description?: string; inputSchema?: JsonObject; outputSchema?: JsonObject; stale?: boolean}
export interface Resource {uri: string; name?: string; title?: string; description?: string; mimeType?: string}
export interface ResourceTemplate {uriTemplate: string; name?: string; description?: string}
export interface Prompt {name: string; title?: string; description?: string; arguments?: {name: string; description?: string; required?: boolean}[]}
export interface LogLine {log_seq: number; time: string; server: string; stream: string; level: string; message: string}
export interface Content {type: string; text?: string; data?: string; mimeType?: string; resource?: {uri: string; mimeType?: string; text?: string; blob?: string}; uri?: string; name?: string}
export interface ToolResult {
  operation_id: string; server: string; tool: string; duration_ms: number; is_error: boolean; schema_errors: string[];
  result: {content?: Content[]; structuredContent?: Json; isError?: boolean};
}
export interface Problem {title?: string; status?: number; detail?: string; errors?: {pointer: string; message: string}[]; retry_after_seconds?: number}
export interface Operation {
  operation_id: string; operation: string; actor: string; subject: string; arguments: Json; status: 'started' | 'completed' | 'failed' | 'canceled';
  success: boolean | null; start_time: string; end_time: string | null; duration_ms: number | null; result?: Json; error?: Problem;
  progress?: {progress: number; total: number | null; message: string};
}
export interface Task {task_id: string; name: string; loop: string; owner: string; created_at: string; completed: boolean; completed_at: string | null; error: string | null}
export interface Grant {permissions: string[]; servers: string[]; tools: string[]}
export interface User {id: string; username: string; email: string; role: string; permissions: string[]; grants?: Grant[]; must_change_password: boolean}
export interface Session {access_token: string; expires_in: number; user: User}
export interface LiveEvent {type: string; seq?: number; timestamp?: string; data: Record<string, unknown>}
export interface Account {id: string; username: string; email: string; role: string; disabled: boolean; created_at: string; last_login_at: string | null}
export interface Role {name: string; description: string; builtin: boolean; grants: Grant[]}
export interface Permission {name: string; description: string; per_server: boolean}
export interface Token {id: string; name: string; prefix: string; owner: string; scopes: string[]; created_at: string; expires_at: string | null; last_used_at: string | null; token?: string}
export interface LoginSession {id: string; user: string; created_at: string; last_used_at: string | null; address: string; agent: string; current: boolean}

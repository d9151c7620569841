// What is live, outside React: servers, logs, operations, progress. Events change it at once, readers hear of it at most once a
// frame. While paused the events wait, none is lost.
import {useEffect, useRef, useSyncExternalStore} from 'react';
import type {Circuit, CircuitState, Json, JsonObject, LiveEvent, Operation, ProcessInfo, Server, Status} from '../api/types';
import {t} from '../messages/en/live';
import {type Connection, rate, type Stats} from '../webrtc/types';
import type {ConnectionState} from './socket';

export interface Progress {progress: number; total: number | null; message: string}
export interface InputRequest {operation_id: string; request_id: string; message: string; requested_schema?: JsonObject; url?: string}
export interface SystemMetrics {cpu_percent: number; memory_bytes: number; websocket_clients: number; loops: {name: string; lag_p99_ms: number}[]}

const heardOnly = new Set(['log', 'audit']); // their lists are kept where they are shown
const operationLimit = 500;
const connectionLimit = 4000;
const rtcLogLimit = 2000;
export const pulseSeconds = 1200;
export const severityOf: Record<Status, number> = {healthy: 0, stopped: 0, starting: 1, degraded: 2, disabled: 2, circuit_open: 3, disconnected: 4};

export class LiveStore {
  servers = new Map<string, Server>();
  operations = new Map<string, Operation>();
  progress = new Map<string, Progress>();
  inputs = new Map<string, InputRequest>();
  connections = new Map<string, Connection>(); // of WebRTC
  connectionTurns = 0; // counts what is more than new figures: one came, changed or ended
  rtcLog: LiveEvent[] = []; // what happened to them, without the figures
  system: SystemMetrics | null = null;
  connection: ConnectionState = 'connecting';
  presence = false; // the server knows who is here
  paused = false;
  waiting: LiveEvent[] = [];
  pulse: number[] = [];
  pulseTurn = 0; // counts its seconds
  latencies: number[] = [];
  version = 0;
  private listeners = new Set<() => void>();
  private ears = new Map<string, Set<(event: LiveEvent) => void>>(); // who wants each event of a type, also while paused
  private scheduled = false;

  constructor(private schedule: (run: () => void) => void = (run) => (document.hidden ? setTimeout(run, 500) : requestAnimationFrame(run))) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  hear(type: string, ear: (event: LiveEvent) => void) {
    const all = this.ears.get(type) ?? new Set();
    this.ears.set(type, all.add(ear));
    return () => void all.delete(ear);
  }

  // To who hears of it and to nobody else: it changes nothing here.
  tell(event: LiveEvent) {
    for (const ear of this.ears.get(event.type) ?? []) ear(event);
  }

  changed() {
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      this.version++;
      for (const listener of this.listeners) listener();
    });
  }

  setPaused(paused: boolean) {
    this.paused = paused;
    if (!paused) for (const event of this.waiting.splice(0)) this.apply(event);
    this.changed();
  }
  setConnection(state: ConnectionState) {
    this.connection = state;
    this.changed();
  }
  setServers(list: Server[]) {
    this.servers = new Map(list.map((server) => [server.name, server]));
    this.changed();
  }

  receive(event: LiveEvent) {
    if (event.timestamp) {
      this.latencies.push(Date.now() - Date.parse(event.timestamp));
      if (this.latencies.length > 200) this.latencies.shift();
    }
    this.tell(event);
    if (heardOnly.has(event.type)) return;
    if (this.paused) this.waiting.push(event);
    else this.apply(event);
    this.changed();
  }

  apply(event: LiveEvent) {
    const data = event.data as Record<string, Json> & {server?: unknown};
    switch (event.type) {
      case 'mcp_status_change': this.putServer(data.server as Server | undefined); break;
      case 'config_changed':
        if (data.kind === 'server_removed') this.servers.delete(String(data.mcp_name));
        else this.putServer(data.server as Server | undefined);
        break;
      case 'mcp_health_check': this.healthCheck(data); break;
      case 'circuit_breaker_state': {
        const server = this.servers.get(String(data.mcp_name));
        if (server)
          this.putServer({...server, circuit_state: data.new_state as CircuitState, circuit: {...server.circuit, state: data.new_state as CircuitState, failure_count: Number(data.failure_count), failure_cycles: Number(data.failure_cycles), retry_at: data.retry_at as string | null}});
        break;
      }
      case 'operation': this.putOperation(data as unknown as Operation); break;
      case 'tool_progress': this.progress.set(String(data.operation_id), data as unknown as Progress); break;
      case 'input_request': this.inputs.set(String(data.operation_id), data as unknown as InputRequest); break;
      case 'webrtc_connection':
        this.connectionTurns++;
        this.keep(event);
        this.putConnection(data.connection as unknown as Connection | undefined);
        break;
      case 'webrtc_health': this.keep(event); break;
      case 'webrtc_stats': {
        const {connection_id, state, quality, rendition, scores, ...rest} = data as unknown as Stats & Pick<Connection, 'state' | 'quality' | 'rendition' | 'scores'> & {connection_id: string};
        const connection = this.connections.get(connection_id);
        if (connection && connection.state !== 'closed') this.putConnection({...connection, state, quality, rendition, scores: scores ?? connection.scores, stats: rest, rate_bps: rate(connection.stats, rest)});
        break;
      }
      case 'system_metrics': this.system = data as unknown as SystemMetrics; break;
    }
  }

  private putServer(server: Server | undefined) {
    if (server?.name) this.servers.set(server.name, server);
  }

  private healthCheck(data: Record<string, Json>) {
    const server = this.servers.get(String(data.mcp_name));
    if (!server) return;
    const ms = data.response_time_ms as number | null;
    const point = {time: String(data.time), ms: ms ?? 0, ok: Boolean(data.ok)};
    const last = server.response_times.at(-1);
    this.putServer({
      ...server,
      health_status: data.health_status as Status,
      last_health_check: point.time,
      response_time_ms: ms,
      p50_ms: data.p50_ms as number | null,
      p95_ms: data.p95_ms as number | null,
      process: data.process as unknown as ProcessInfo | null,
      circuit: data.circuit as unknown as Circuit,
      calls: data.calls as unknown as Server['calls'],
      next_health_check: data.next_health_check as string | null,
      reason: point.ok ? (server.health_status === data.health_status && data.health_status !== 'healthy' ? server.reason : t.answeredIn(Math.round(point.ms))) : String(data.error),
      checks: {total: server.checks.total + 1, failed: server.checks.failed + (point.ok ? 0 : 1)},
      response_times: last?.time === point.time ? server.response_times : [...server.response_times, point].slice(-60),
    });
  }

  private putOperation(operation: Operation) {
    this.operations.set(operation.operation_id, {...this.operations.get(operation.operation_id), ...operation});
    if (operation.status !== 'started') this.inputs.delete(operation.operation_id);
    if (this.operations.size > operationLimit) {
      const oldest = this.operations.keys().next().value;
      if (oldest) this.operations.delete(oldest);
    }
  }

  // What events said in the meantime is kept where the list does not have it.
  setConnections(list: Connection[]) {
    const known = this.connections;
    this.connections = new Map(list.map((connection) => [connection.id, {rate_bps: known.get(connection.id)?.rate_bps, scores: known.get(connection.id)?.scores, ...connection}]));
    this.connectionTurns++;
    this.changed();
  }
  private putConnection(connection: Connection | undefined) {
    if (!connection?.id) return;
    const known = this.connections.get(connection.id);
    this.connections.set(connection.id, {rate_bps: known?.rate_bps, scores: known?.scores, client: known?.client, ...connection});
    if (this.connections.size > connectionLimit) this.forgetConnection();
  }
  // The oldest that ended; only where all are open the oldest of them.
  private forgetConnection() {
    for (const [id, {state}] of this.connections)
      if (state === 'closed') return void this.connections.delete(id);
    const oldest = this.connections.keys().next().value;
    if (oldest) this.connections.delete(oldest);
  }
  private keep(event: LiveEvent) {
    this.rtcLog.push(event);
    if (this.rtcLog.length > rtcLogLimit) this.rtcLog = this.rtcLog.slice(-rtcLogLimit / 2);
  }

  // The worst state of the fleet, a point a second.
  tick() {
    let worst = 0;
    for (const server of this.servers.values()) worst = Math.max(worst, severityOf[server.health_status] ?? 0);
    this.pulse.push(this.connection === 'live' ? worst : -1);
    if (this.pulse.length > pulseSeconds) this.pulse.shift();
    this.pulseTurn++;
    this.changed();
  }
  // What was before the page was opened, up to now: seconds seen here stay as they were seen.
  setPast(past: number[]) {
    this.pulse = [...past.slice(0, Math.max(0, past.length - this.pulse.length)), ...this.pulse].slice(-pulseSeconds);
    this.pulseTurn++;
    this.changed();
  }

  freshness(): number | null {
    if (this.latencies.length === 0) return null;
    const sorted = [...this.latencies].sort((a, b) => a - b);
    return Math.max(0, sorted[Math.floor(sorted.length * 0.95)] ?? sorted[sorted.length - 1]);
  }
}

export const live = new LiveStore();

// Each event of a type, while the component is there.
export function useHeard(type: string, ear: (event: LiveEvent) => void) {
  const current = useRef(ear);
  current.current = ear;
  useEffect(() => live.hear(type, (event) => current.current(event)), [type]);
}

export function useLive(): LiveStore {
  useSyncExternalStore(live.subscribe, live.getVersion);
  return live;
}

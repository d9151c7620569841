// A server's state and what is behind it.
import {lazy, Suspense} from 'react';
import type {JsonObject, Server} from '../api/types';
import {ServerActions} from '../fleet/actions';
import {bytes, milliseconds, safe} from '../ui/format';
import {CircuitBadge, StatusBadge} from '../ui/Status';
import {Ago, Countdown} from '../ui/Time';
import {Authorization} from './Authorization';
import {useList} from './useList';

const LatencyChart = lazy(() => import('./LatencyChart'));
interface Stats {tools: {name: string; calls: number; failures: number; p50_ms: number; p95_ms: number; last_called_at: string}[]}
interface Health {items: {time: string; ok: boolean; response_time_ms: number | null; kind: string; error: string}[]}

export function Overview({server}: {server: Server}) {
  const stats = useList<Stats>(`/api/servers/${server.id}/stats`, server.calls.total);
  const health = useList<Health>(`/api/servers/${server.id}/health?limit=15`, server.checks.total);
  const definition = useList<JsonObject>(`/api/servers/${server.id}/definition`, server.since);
  const process = server.process;
  return (
    <>
      <p className="lead"><StatusBadge status={server.health_status} /> {safe(server.reason)}</p>
      <p className="muted">In this state since <Ago time={server.since} />. {server.next_start && <>Next start in <Countdown time={server.next_start} />. </>}{server.next_health_check && <>Next check in <Countdown time={server.next_health_check} />.</>}</p>
      <ServerActions server={server} labels />
      <Suspense fallback={<div style={{height: 174}} />}><LatencyChart server={server.name} points={server.response_times} /></Suspense>
      <dl className="facts">
        <div><dt>p50 / p95</dt><dd>{milliseconds(server.p50_ms)} / {milliseconds(server.p95_ms)}</dd></div>
        <div><dt>Checks</dt><dd>{server.checks.total}, {server.checks.failed} failed</dd></div>
        <div><dt>Circuit</dt><dd><CircuitBadge state={server.circuit_state} /> {server.circuit.failure_count} of {server.circuit.threshold} failures, {server.circuit.failure_cycles} of {server.circuit.max_cycles} cycles{server.circuit.retry_at && <>, tries again in <Countdown time={server.circuit.retry_at} /></>}</dd></div>
        <div><dt>Protocol</dt><dd>{server.protocol ? `${server.protocol.version} (${server.protocol.era} era)` : '–'}</dd></div>
        <Authorization server={server} />
        {server.sandbox && <div><dt>Sandbox</dt><dd data-testid="server-sandbox" className={server.sandbox.achieved === server.sandbox.requested ? '' : 'tone-warn'}>{server.sandbox.achieved ?? 'cannot be had'}{server.sandbox.achieved !== server.sandbox.requested && `, ${server.sandbox.requested} was asked for`}{server.sandbox.requested !== 'none' && <span className="muted">: {server.sandbox.detail}</span>}</dd></div>}
        <div><dt>Server</dt><dd>{safe([server.server_info?.title ?? server.server_info?.name, server.server_info?.version].filter(Boolean).join(' ') || '–')}</dd></div>
        <div><dt>Process</dt><dd>{process ? <>pid <span data-testid="server-pid">{process.pid}</span>, {bytes(process.memory_bytes)}, {process.cpu_percent.toFixed(1)} % CPU, {process.fds} descriptors, up since <Ago time={process.started_at} /></> : '–'}</dd></div>
        <div><dt>Restarts</dt><dd>{server.restarts}</dd></div>
        <div><dt>Calls</dt><dd>{server.calls.total}, {server.calls.failed} failed, {server.calls.in_flight} in flight</dd></div>
        <div><dt>Findings</dt><dd>{server.findings}</dd></div>
        <div><dt>Target</dt><dd className="mono wrap">{safe(server.target)}</dd></div>
      </dl>
      {server.instructions && <details><summary>Instructions</summary><pre className="block">{safe(server.instructions)}</pre></details>}
      {stats.data && stats.data.tools.length > 0 && (
        <><h3>Tools called</h3><div className="table-wrap" role="region" aria-label="Tools called" tabIndex={0}><table className="grid"><thead><tr><th>Tool</th><th className="num">Calls</th><th className="num">Failed</th><th className="num">p50</th><th className="num">p95</th><th>Last</th></tr></thead>
          <tbody>{stats.data.tools.map((tool) => <tr key={tool.name}><th scope="row" className="mono">{safe(tool.name)}</th><td className="num">{tool.calls}</td><td className="num">{tool.failures}</td><td className="num">{milliseconds(tool.p50_ms)}</td><td className="num">{milliseconds(tool.p95_ms)}</td><td><Ago time={tool.last_called_at} /></td></tr>)}</tbody></table></div></>
      )}
      <h3>Last checks</h3>
      {health.error && <p className="fault">{health.error}</p>}
      <ul className="plain">{health.data?.items.map((check) => <li key={check.time}><span className={check.ok ? 'tone-ok' : 'tone-down'}>{check.ok ? 'ok' : 'failed'}</span> <Ago time={check.time} /> {check.kind} {check.ok ? milliseconds(check.response_time_ms) : safe(check.error)}</li>)}</ul>
      {definition.data && <details><summary>Definition</summary><pre className="block mono">{safe(JSON.stringify(definition.data, null, 2))}</pre></details>}
    </>
  );
}

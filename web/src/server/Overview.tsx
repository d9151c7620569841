// A server's state and what is behind it.
import {lazy, Suspense} from 'react';
import type {JsonObject, Server} from '../api/types';
import {ServerActions} from '../fleet/actions';
import {t} from '../messages/en/server';
import {bytes, decimal, milliseconds, safe} from '../ui/format';
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
      <p className="muted">{t.since} <Ago time={server.since} />. {server.next_start && <>{t.nextStart} <Countdown time={server.next_start} />. </>}{server.next_health_check && <>{t.nextCheck} <Countdown time={server.next_health_check} />.</>}</p>
      <ServerActions server={server} labels />
      <Suspense fallback={<div style={{height: 174}} />}><LatencyChart server={server.name} points={server.response_times} /></Suspense>
      <dl className="facts">
        <div><dt>p50 / p95</dt><dd>{milliseconds(server.p50_ms)} / {milliseconds(server.p95_ms)}</dd></div>
        <div><dt>{t.checks}</dt><dd>{server.checks.total}{t.failedCount(server.checks.failed)}</dd></div>
        <div><dt>{t.circuit}</dt><dd><CircuitBadge state={server.circuit_state} /> {t.circuitCounts(server.circuit.failure_count, server.circuit.threshold, server.circuit.failure_cycles, server.circuit.max_cycles)}{server.circuit.retry_at && <>{t.triesAgain} <Countdown time={server.circuit.retry_at} /></>}</dd></div>
        <div><dt>{t.protocol}</dt><dd>{server.protocol ? t.era(server.protocol.version, server.protocol.era) : '–'}</dd></div>
        <Authorization server={server} />
        {server.sandbox && <div><dt>{t.sandbox}</dt><dd data-testid="server-sandbox" className={server.sandbox.achieved === server.sandbox.requested ? '' : 'tone-warn'}>{server.sandbox.achieved ?? t.cannotBeHad}{server.sandbox.achieved !== server.sandbox.requested && t.askedFor(server.sandbox.requested)}{server.sandbox.requested !== 'none' && <span className="muted">: {server.sandbox.detail}</span>}</dd></div>}
        <div><dt>{t.server}</dt><dd>{safe([server.server_info?.title ?? server.server_info?.name, server.server_info?.version].filter(Boolean).join(' ') || '–')}</dd></div>
        <div><dt>{t.process}</dt><dd>{process ? <>{t.pid} <span data-testid="server-pid">{process.pid}</span>{t.processFigures(bytes(process.memory_bytes), decimal(process.cpu_percent, 1), process.fds)} <Ago time={process.started_at} /></> : '–'}</dd></div>
        <div><dt>{t.restarts}</dt><dd>{server.restarts}</dd></div>
        <div><dt>{t.calls}</dt><dd>{server.calls.total}{t.callFigures(server.calls.failed, server.calls.in_flight)}</dd></div>
        <div><dt>{t.findings}</dt><dd>{server.findings}</dd></div>
        <div><dt>{t.target}</dt><dd className="mono wrap">{safe(server.target)}</dd></div>
      </dl>
      {server.instructions && <details><summary>{t.instructions}</summary><pre className="block">{safe(server.instructions)}</pre></details>}
      {stats.data && stats.data.tools.length > 0 && (
        <><h3>{t.toolsCalled}</h3><div className="table-wrap" role="region" aria-label={t.toolsCalled} tabIndex={0}><table className="grid"><thead><tr><th>{t.tool}</th><th className="num">{t.calls}</th><th className="num">{t.failed}</th><th className="num">p50</th><th className="num">p95</th><th>{t.last}</th></tr></thead>
          <tbody>{stats.data.tools.map((tool) => <tr key={tool.name}><th scope="row" className="mono">{safe(tool.name)}</th><td className="num">{tool.calls}</td><td className="num">{tool.failures}</td><td className="num">{milliseconds(tool.p50_ms)}</td><td className="num">{milliseconds(tool.p95_ms)}</td><td><Ago time={tool.last_called_at} /></td></tr>)}</tbody></table></div></>
      )}
      <h3>{t.lastChecks}</h3>
      {health.error && <p className="fault">{health.error}</p>}
      <ul className="plain">{health.data?.items.map((check) => <li key={check.time}><span className={check.ok ? 'tone-ok' : 'tone-down'}>{check.ok ? 'ok' : t.failedText}</span> <Ago time={check.time} /> {check.kind} {check.ok ? milliseconds(check.response_time_ms) : safe(check.error)}</li>)}</ul>
      {definition.data && <details><summary>{t.definition}</summary><pre className="block mono">{safe(JSON.stringify(definition.data, null, 2))}</pre></details>}
    </>
  );
}

// The fleet at a glance: one sentence, key figures, and every server, worst first.
import {useMemo} from 'react';
import {useLocation, useSearchParams} from 'wouter';
import {may} from '../api/client';
import type {Server} from '../api/types';
import {useLive} from '../live/store';
import {bytes, milliseconds, plural} from '../ui/format';
import {CircuitBadge, StatusBadge, toneOf} from '../ui/Status';
import {Ago} from '../ui/Time';
import {ServerActions} from './actions';
import {sentence, worstFirst} from './sentence';
import {Sparkline} from './Sparkline';

function Figure({label, value, unit}: {label: string; value: string; unit?: string}) {
  return <div className="figure"><dt>{label}</dt><dd>{value}{unit && <small> {unit}</small>}</dd></div>;
}

function Row({server, onOpen}: {server: Server; onOpen: () => void}) {
  return (
    <tr data-testid={`server-row-${server.name}`} data-status={server.health_status} className={`row tone-row-${toneOf[server.health_status]}`} onClick={onOpen}>
      <td className="col-state"><StatusBadge status={server.health_status} /></td>
      <th scope="row" className="col-name">
        <button type="button" className="link" onClick={onOpen}>{server.name}</button>
        <span className="sub">{server.transport}{server.protocol && ` · ${server.protocol.version}`}</span>
      </th>
      <td className="col-reason"><span className="clip" title={server.reason}>{server.reason}</span><span className="sub">checked <Ago time={server.last_health_check} /></span></td>
      <td className="col-spark"><Sparkline points={server.response_times} /></td>
      <td className="num col-ms">{milliseconds(server.p50_ms)}<span className="sub">p95 {milliseconds(server.p95_ms)}</span></td>
      <td className="col-circuit"><CircuitBadge state={server.circuit_state} /></td>
      <td className="num col-tools">{server.tools_count}</td>
      <td className="num col-restarts">{server.restarts}</td>
      <td className="num col-memory">{server.process ? bytes(server.process.memory_bytes) : '–'}<span className="sub">{server.process ? `${server.process.cpu_percent.toFixed(0)} % CPU` : ''}</span></td>
      <td className="col-actions"><ServerActions server={server} /></td>
    </tr>
  );
}

export function FleetPage() {
  const store = useLive();
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const query = search.get('q') ?? '';
  const state = search.get('state') ?? '';
  const put = (key: string, value: string) => setSearch((old) => { const next = new URLSearchParams(old); if (value) next.set(key, value); else next.delete(key); return next; }, {replace: true});
  const all = [...store.servers.values()];
  const shown = useMemo(
    () => all.filter((server) => (!state || server.health_status === state) && `${server.name} ${server.target} ${server.tags.join(' ')}`.toLowerCase().includes(query.toLowerCase())).sort(worstFirst),
    [store.version, query, state],
  );
  const calls = all.reduce((sum, server) => sum + server.calls.total, 0);
  const failed = all.reduce((sum, server) => sum + server.calls.failed, 0);
  const tools = all.reduce((sum, server) => sum + server.tools_count, 0);
  const healthy = all.filter((server) => server.health_status === 'healthy').length;
  return (
    <div className="page">
      <header className="page-head">
        <h1 aria-live="polite">{sentence(all)}</h1>
        <dl className="figures">
          <Figure label="Healthy" value={`${healthy}`} unit={`of ${all.length}`} />
          <Figure label="Tools" value={`${tools}`} />
          <Figure label="Calls" value={`${calls}`} unit={failed ? `${failed} failed` : ''} />
          <Figure label="Restarts" value={`${all.reduce((sum, server) => sum + server.restarts, 0)}`} />
        </dl>
      </header>
      <div className="bar">
        <input type="search" aria-label="Search servers" placeholder="Search name, command, tag" value={query} onChange={(event) => put('q', event.target.value)} />
        <select aria-label="State" value={state} onChange={(event) => put('state', event.target.value)}>
          <option value="">All states</option>
          {['healthy', 'degraded', 'disconnected', 'circuit_open', 'starting', 'stopped', 'disabled'].map((one) => <option key={one} value={one}>{one.replace('_', ' ')}</option>)}
        </select>
        <span className="muted">{plural(shown.length, 'server')}</span>
        {may('fleet:define') && <button type="button" className="button primary end" onClick={() => navigate('/add')}>Add server</button>}
      </div>
      {all.length === 0 ? (
        <section className="empty"><h2>No servers yet</h2><p>Start Telltale with a fleet file, <code>telltale serve --mcp-config mcp.json</code>, or add one here.</p></section>
      ) : (
        <div className="table-wrap">
          <table className="grid fleet">
            <caption className="sr">Servers, worst first</caption>
            <thead><tr><th scope="col">State</th><th scope="col">Server</th><th scope="col">What was seen</th><th scope="col">Last 60 checks</th><th scope="col" className="num">p50</th><th scope="col">Circuit</th><th scope="col" className="num">Tools</th><th scope="col" className="num">Restarts</th><th scope="col" className="num">Memory</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
            <tbody>{shown.map((server) => <Row key={server.name} server={server} onOpen={() => navigate(`/servers/${encodeURIComponent(server.name)}`)} />)}</tbody>
          </table>
          {shown.length === 0 && <p className="empty">No server fits the search.</p>}
        </div>
      )}
    </div>
  );
}

// The fleet at a glance: one sentence, key figures, and every server, worst first.
import {type KeyboardEvent, type MouseEvent, useMemo, useRef, useState} from 'react';
import {useLocation, useSearchParams} from 'wouter';
import {whyNot} from '../api/client';
import type {Server} from '../api/types';
import {useLive} from '../live/store';
import {t} from '../messages/en/fleet';
import {ActionButton} from '../ui/ActionButton';
import {bytes, milliseconds, number} from '../ui/format';
import {useKeys} from '../ui/keys';
import {setPref, usePrefs} from '../ui/prefs';
import {CircuitBadge, StatusBadge, toneOf} from '../ui/Status';
import {Ago} from '../ui/Time';
import {ServerActions} from './actions';
import {BulkBar} from './BulkBar';
import {extend, nothing, selectAll, toggle, visible} from './selection';
import {sentence, worstFirst} from './sentence';
import {Sparkline} from './Sparkline';

function Figure({label, value, unit}: {label: string; value: string; unit?: string}) {
  return <div className="figure"><dt>{label}</dt><dd>{value}{unit && <small> {unit}</small>}</dd></div>;
}

interface RowProps {server: Server; selected: boolean; onOpen(): void; onSelect(range: boolean): void}

function Row({server, selected, onOpen, onSelect}: RowProps) {
  return (
    <tr data-testid={`server-row-${server.name}`} data-name={server.name} data-status={server.health_status} className={`row tone-row-${toneOf[server.health_status]}`} data-selected={selected} onClick={onOpen}>
      <td className="col-select" onClick={(event: MouseEvent) => event.stopPropagation()}><label className="select"><input type="checkbox" data-row-check={server.name} aria-label={t.selectOne(server.name)} checked={selected} onChange={() => undefined} onClick={(event) => onSelect(event.shiftKey)} /></label></td>
      <td className="col-state"><StatusBadge status={server.health_status} /></td>
      <th scope="row" className="col-name">
        <button type="button" className="link" onClick={(event) => { event.stopPropagation(); onOpen(); }}>{server.name}</button>
        <span className="sub">{server.transport}{server.protocol && ` · ${server.protocol.version}`}</span>
      </th>
      <td className="col-reason"><span className="clip" title={server.reason}>{server.reason}</span><span className="sub">{t.checked} <Ago time={server.last_health_check} /></span></td>
      <td className="col-spark"><Sparkline points={server.response_times} /></td>
      <td className="num col-ms">{milliseconds(server.p50_ms)}<span className="sub">p95 {milliseconds(server.p95_ms)}</span></td>
      <td className="col-circuit"><CircuitBadge state={server.circuit_state} /></td>
      <td className="num col-tools">{server.tools_count}</td>
      <td className="num col-restarts">{server.restarts}</td>
      <td className="num col-memory">{server.process ? bytes(server.process.memory_bytes) : '–'}<span className="sub">{server.process ? t.cpu(number(server.process.cpu_percent)) : ''}</span></td>
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
  const prefs = usePrefs();
  const [selection, setSelection] = useState(nothing);
  const table = useRef<HTMLTableElement>(null);
  const order = shown.map((server) => server.name);
  const chosen = visible(selection, order);
  const focusRow = (step: number) => {
    const boxes = [...(table.current?.querySelectorAll<HTMLInputElement>('input[data-row-check]') ?? [])];
    const here = boxes.findIndex((box) => box.closest('tr')?.contains(document.activeElement));
    const next = boxes[here < 0 ? (step > 0 ? 0 : boxes.length - 1) : Math.max(0, Math.min(boxes.length - 1, here + step))];
    next?.focus();
    return next?.dataset.rowCheck;
  };
  const density = () => setPref('density', prefs.density === 'compact' ? 'comfortable' : 'compact');
  const focused = () => document.activeElement?.closest<HTMLElement>('tr[data-name]')?.dataset.name;
  useKeys({j: () => focusRow(1), k: () => focusRow(-1), c: density, x: () => { const name = focused(); if (name) setSelection((old) => toggle(old, name)); }});
  const onTableKey = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      event.preventDefault();
      const from = focused();
      const to = focusRow(step);
      if (event.shiftKey && from && to) setSelection((old) => extend({...old, anchor: from}, to, order));
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      setSelection(selectAll(order));
    } else if (event.key === 'Escape') setSelection(nothing);
  };
  const calls = all.reduce((sum, server) => sum + server.calls.total, 0);
  const failed = all.reduce((sum, server) => sum + server.calls.failed, 0);
  const tools = all.reduce((sum, server) => sum + server.tools_count, 0);
  const healthy = all.filter((server) => server.health_status === 'healthy').length;
  return (
    <div className="page">
      <header className="page-head">
        <h1 aria-live="polite">{sentence(all)}</h1>
        <dl className="figures">
          <Figure label={t.healthy} value={`${healthy}`} unit={t.ofAll(all.length)} />
          <Figure label={t.tools} value={`${tools}`} />
          <Figure label={t.calls} value={`${calls}`} unit={failed ? t.failedCount(failed) : ''} />
          <Figure label={t.restarts} value={`${all.reduce((sum, server) => sum + server.restarts, 0)}`} />
        </dl>
      </header>
      <div className="bar">
        <input type="search" aria-label={t.searchServers} placeholder={t.searchHint} value={query} onChange={(event) => put('q', event.target.value)} />
        <select aria-label={t.state} value={state} onChange={(event) => put('state', event.target.value)}>
          <option value="">{t.allStates}</option>
          {['healthy', 'degraded', 'disconnected', 'circuit_open', 'starting', 'stopped', 'disabled'].map((one) => <option key={one} value={one}>{one.replace('_', ' ')}</option>)}
        </select>
        <span className="muted">{t.serverCount(shown.length)}</span>
        <button type="button" className="button quiet end density" aria-label={t.compactRows} aria-pressed={prefs.density === 'compact'} title={t.compactRowsHint} onClick={density}><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={prefs.density === 'compact' ? 'M2 3h12M2 6.3h12M2 9.7h12M2 13h12' : 'M2 3h12M2 8h12M2 13h12'} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" /></svg> {t.compact}</button>
        <ActionButton why={whyNot('fleet:define')} className="button primary" onClick={() => navigate('/add')}>{t.addServer}</ActionButton>
      </div>
      {all.length === 0 ? (
        <section className="empty"><h2>{t.noServers}</h2><p>{t.startWith} <code>telltale serve --mcp-config mcp.json</code>{t.orAdd}</p><ActionButton why={whyNot('fleet:define')} className="button primary" onClick={() => navigate('/add')}>{t.addFirst}</ActionButton></section>
      ) : (
        <div className="table-wrap">
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <table ref={table} className="grid fleet" onKeyDown={onTableKey}>
            <caption className="sr">{t.servers}</caption>
            <thead><tr><th scope="col" className="col-select"><label className="select"><input type="checkbox" aria-label={t.selectAll} checked={chosen.length > 0 && chosen.length === shown.length} ref={(box) => { if (box) box.indeterminate = chosen.length > 0 && chosen.length < shown.length; }} onChange={() => setSelection(chosen.length === shown.length ? nothing : selectAll(order))} /></label></th><th scope="col">{t.state}</th><th scope="col">{t.server}</th><th scope="col" className="col-reason">{t.seen}</th><th scope="col" className="col-spark">{t.lastChecks}</th><th scope="col" className="num">p50</th><th scope="col" className="col-circuit">{t.circuit}</th><th scope="col" className="num col-tools">{t.tools}</th><th scope="col" className="num col-restarts">{t.restarts}</th><th scope="col" className="num col-memory">{t.memory}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
            <tbody>{shown.map((server) => <Row key={server.name} server={server} selected={selection.chosen.has(server.name)} onSelect={(range) => setSelection((old) => (range ? extend(old, server.name, order) : toggle(old, server.name)))} onOpen={() => navigate(`/servers/${encodeURIComponent(server.name)}`)} />)}</tbody>
          </table>
          {shown.length === 0 && <p className="empty">{t.noneFits}</p>}
        </div>
      )}
      <BulkBar names={chosen} onClear={() => setSelection(nothing)} />
    </div>
  );
}

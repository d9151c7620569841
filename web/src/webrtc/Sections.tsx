// What else there is to know about streams: operations, tasks, the log, what ended, the monitor. Each reads when it is looked at.
import {Fragment, useEffect, useMemo, useState} from 'react';
import {ApiError, get} from '../api/client';
import type {Json, LiveEvent} from '../api/types';
import {lastSeq} from '../live/connect';
import {useLive} from '../live/store';
import {t} from '../messages/en/webrtc';
import {locale} from '../messages/language';
import {Structure} from '../tools/ResultView';
import {bytes, fixed, milliseconds, safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {bitrate, clock} from './format';
import {Health} from './Health';
import {decisionWord, reasonWord} from './lanes';
import {lineOf, type RtcLine} from './rtcLog';
import type {MonitorState, Summary} from './types';
import {useOperations} from './useOperations';

const iso = (ms: number) => (ms > 0 ? new Date(ms).toISOString() : null); // an event may lack it
interface Opens {onOpen(id: string): void}
const Id = ({id, onOpen}: {id: string} & Opens) => (id ? <button type="button" className="link mono" onClick={() => onOpen(id)}>{safe(id)}</button> : <>–</>);

const operationTones: Record<keyof typeof t.statuses, string> = {started: 'tone-info', completed: 'muted', failed: 'tone-down', canceled: 'tone-idle'};
const statuses = Object.keys(operationTones) as (keyof typeof operationTones)[];
export function Operations({onOpen}: Opens) {
  const {operations, error, loading} = useOperations();
  const [chosen, setChosen] = useState('');
  const [state, setState] = useState<keyof typeof operationTones | ''>('');
  const shown = operations.filter((one) => !state || one.status === state).slice(0, 300);
  return (
    <>
      <div className="bar"><select aria-label={t.status} value={state} onChange={(event) => setState(statuses.find((one) => one === event.target.value) ?? '')}><option value="">{t.everyStatus}</option>{statuses.map((one) => <option key={one} value={one}>{t.statuses[one]}</option>)}</select><span className="muted">{t.operationsCount(operations.length)}</span></div>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      <div className="table-wrap" role="region" aria-label={t.operationsName} tabIndex={0}><table className="grid"><caption className="sr">{t.operationsCaption}</caption><thead><tr><th scope="col">{t.status}</th><th scope="col">{t.operation}</th><th scope="col">{t.connection}</th><th scope="col">{t.began}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.result}</th></tr></thead>
        <tbody>{shown.map((one) => (
          <Fragment key={one.id}>
            <tr className="row"><td className={operationTones[one.status]}>{t.statuses[one.status]}</td><th scope="row"><button type="button" className="link" aria-expanded={chosen === one.id} onClick={() => setChosen(chosen === one.id ? '' : one.id)}>{one.name.replaceAll('_', ' ')}</button></th><td><Id id={one.connection.startsWith('op') ? '' : one.connection} onOpen={onOpen} /></td><td><Ago time={iso(one.started)} /></td><td className="num">{milliseconds(one.took)}</td><td className={`result-cell ${one.error ? 'tone-down' : 'muted'}`} title={one.error}>{one.error ? safe(one.error) : one.status === 'completed' ? 'ok' : ''}</td></tr>
            {chosen === one.id && <tr><td colSpan={6}><p className="mono muted">{one.id}</p><h3>{t.askedFor}</h3><Structure value={one.details} />{one.result !== null && <><h3>{t.result}</h3><Structure value={one.result} /></>}</td></tr>}
          </Fragment>))}</tbody></table>
        {shown.length === 0 && !error && <p className="empty">{loading ? t.reading : state ? t.noneIs(t.statuses[state]) : t.nothingAsked}</p>}</div>
    </>
  );
}

// Read again while it is looked at.
export function usePolled<T>(path: string, everyMs: number): {data: T | null; error: string} {
  const [state, setState] = useState<{data: T | null; error: string}>({data: null, error: ''});
  useEffect(() => {
    const abort = new AbortController();
    const read = () => {
      if (!document.hidden) get<T>(path, abort.signal).then((data) => setState({data, error: ''}), (fault: Error) => {
        if (fault.name === 'AbortError') return;
        setState((old) => ({...old, error: fault.message}));
        if (fault instanceof ApiError && fault.status === 404) clearInterval(timer); // it will not come
      });
    };
    const timer = setInterval(read, everyMs);
    read();
    return () => { abort.abort(); clearInterval(timer); };
  }, [path, everyMs]);
  return state;
}

interface V0Task {task_id: string; name: string; created_at: number; completed: boolean; completed_at: number | null; error: string | null}
export function Tasks() {
  const {data, error} = usePolled<{tasks: V0Task[]}>('/api/v0/webrtc/tasks', 2000);
  const tasks = data?.tasks ?? [];
  const running = tasks.filter((task) => !task.completed).length;
  return (
    <>
      <p className="muted">{data ? t.tasksCount(running, tasks.length - running) : ''}</p>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      <div className="table-wrap" role="region" aria-label={t.tasksName} tabIndex={0}><table className="grid"><caption className="sr">{t.tasksCaption}</caption><thead><tr><th scope="col">{t.state}</th><th scope="col">{t.task}</th><th scope="col">{t.began}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.error}</th></tr></thead>
        <tbody>{tasks.slice(0, 300).map((task) => <tr key={task.task_id} className="row"><td className={task.error ? 'tone-down' : task.completed ? 'muted' : 'tone-info'}>{task.error ? t.failed : task.completed ? t.ended : t.running}</td><th scope="row" className="mono">{safe(task.name)}</th><td><Ago time={iso(task.created_at * 1000)} /></td><td className="num">{task.completed_at === null ? '–' : milliseconds((task.completed_at - task.created_at) * 1000)}</td><td className="tone-down">{safe(task.error ?? '')}</td></tr>)}</tbody></table>
        {tasks.length === 0 && !error && <p className="empty">{data ? t.noTask : t.reading}</p>}</div>
    </>
  );
}

const recent = 3000; // events of all kinds that are looked through for what was before the page
export function Log({onOpen}: Opens) {
  const store = useLive();
  const [before, setBefore] = useState<LiveEvent[] | null>(null);
  const [error, setError] = useState('');
  const [query, setQuery] = useState('');
  const [onlyBad, setOnlyBad] = useState(false);
  useEffect(() => {
    const abort = new AbortController();
    get<{items: LiveEvent[]}>(`/api/events?since=${Math.max(0, lastSeq() - recent)}&limit=${recent}`, abort.signal).then((body) => setBefore(body.items.filter((event) => event.type === 'webrtc_connection' || event.type === 'webrtc_health')), (fault: Error) => { if (fault.name !== 'AbortError') { setBefore([]); setError(fault.message); } });
    return () => abort.abort();
  }, []);
  const lines = useMemo(() => {
    const all = new Map<number, LiveEvent>();
    for (const event of [...(before ?? []), ...store.rtcLog]) all.set(event.seq ?? 0, event);
    return [...all.values()].sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).map(lineOf);
  }, [before, store.rtcLog.at(-1)?.seq, store.rtcLog.length]);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (line: RtcLine) => (!onlyBad || line.tone === 'down' || line.tone === 'warn') && words.every((word) => `${line.id} ${line.source} ${line.text}`.toLowerCase().includes(word));
  const shown = lines.filter(fits);
  return (
    <>
      <div className="bar"><input type="search" aria-label={t.searchLog} placeholder={t.searchLogHint} value={query} onChange={(event) => setQuery(event.target.value)} /><label className="check"><input type="checkbox" checked={onlyBad} onChange={(event) => setOnlyBad(event.target.checked)} /> {t.onlyWrong}</label><span className="muted">{t.lines(shown.length)}</span></div>
      {error && <p className="fault" role="alert">{t.earlierUnread(safe(error))}</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="rtc-log" role="log" aria-label={t.eventsName} tabIndex={0}>
        {shown.slice(0, 400).map((line) => <div key={line.seq} className="rtc-line"><time dateTime={line.time} title={new Date(line.time).toLocaleString(locale())}>{line.clock}</time><span className={`rtc-what tone-${line.tone}`}>{line.what}</span><Id id={line.id} onOpen={onOpen} /><span className="rtc-text">{safe(line.text)}</span></div>)}
        {shown.length === 0 && <p className="empty">{before === null ? t.reading : lines.length > 0 ? t.noLine : t.nothingHappened}</p>}
      </div>
      {shown.length > 400 && <p className="muted">{t.newest(400)}</p>}
    </>
  );
}

export function History({onOpen}: Opens) {
  const store = useLive();
  const [asked, setAsked] = useState({source: '', actor: ''});
  const [form, setForm] = useState(asked);
  const [items, setItems] = useState<Summary[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const path = (cursor: string) => `/api/webrtc/history?${new URLSearchParams({limit: '100', ...(asked.source && {source: asked.source}), ...(asked.actor && {actor: asked.actor}), ...(cursor && {cursor})})}`;
  const ended = useMemo(() => [...store.connections.values()].filter((one) => one.state === 'closed').length, [store.connectionTurns]);
  useEffect(() => {
    const abort = new AbortController();
    const read = () => get<{items: Summary[]; next_cursor: string | null}>(path(''), abort.signal).then((body) => { setItems(body.items); setNext(body.next_cursor); setError(''); }, (fault: Error) => {
      if (fault.name === 'AbortError') return;
      setError(fault instanceof ApiError && fault.status === 404 ? t.nothingKept : fault.message);
      setItems((old) => old ?? []);
    });
    void read();
    const timer = setTimeout(() => void read(), 1500); // what ended just now is written with the others of its second
    return () => { abort.abort(); clearTimeout(timer); };
  }, [asked, ended]);
  const older = async () => {
    setBusy(true);
    await get<{items: Summary[]; next_cursor: string | null}>(path(next ?? '')).then((body) => { setItems((old) => [...(old ?? []), ...body.items]); setNext(body.next_cursor); }, (fault: Error) => setError(fault.message));
    setBusy(false);
  };
  return (
    <>
      <form className="bar" onSubmit={(event) => { event.preventDefault(); setAsked({source: form.source.trim(), actor: form.actor.trim()}); }}>
        <input type="search" aria-label={t.columns.source} placeholder={t.sourceExactly} value={form.source} onChange={(event) => setForm({...form, source: event.target.value})} /><input type="search" aria-label={t.columns.actor} placeholder={t.userExactly} value={form.actor} onChange={(event) => setForm({...form, actor: event.target.value})} /><button type="submit" className="button">{t.find}</button>
      </form>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      <div className="table-wrap" role="region" aria-label={t.tabs.history} tabIndex={0}><table className="grid history"><caption className="sr">{t.historyCaption}</caption><thead><tr><th scope="col">{t.history.ended}</th><th scope="col">{t.columns.health}</th><th scope="col" className="num">{t.history.worst}</th><th scope="col" className="num">{t.columns.score}</th><th scope="col">{t.connection}</th><th scope="col">{t.columns.source}</th><th scope="col">{t.columns.actor}</th><th scope="col" className="num">{t.history.lasted}</th><th scope="col" className="num">{t.columns.rate}</th><th scope="col" className="num">{t.columns.loss}</th><th scope="col" className="num">{t.history.worst}</th><th scope="col" className="num">{t.froze}</th><th scope="col" className="num">{t.history.switches}</th><th scope="col">{t.history.why}</th></tr></thead>
        <tbody>{[...(items ?? [])].sort((a, b) => (b.closed_at ?? '').localeCompare(a.closed_at ?? '')).map((one) => (
          <tr key={one.connection_id} className="row" data-row={one.connection_id}><td><Ago time={one.closed_at ?? one.created_at} /></td><td><Health health={one.mean_health ?? null} sentence={one.last} /></td><td className="num">{one.worst_health ?? '–'}</td><td className="num">{one.mean_quality === undefined ? '–' : fixed(one.mean_quality, 0)}</td><th scope="row"><Id id={one.connection_id} onOpen={onOpen} /></th><td className="source" title={safe(one.source)}>{safe(one.source)}</td><td>{safe(one.actor)}</td><td className="num">{clock(one.duration_seconds)}</td><td className="num">{bitrate(one.mean_kbps * 1000)}</td><td className="num">{fixed(one.mean_loss_percent, 1)} %</td><td className="num">{fixed(one.worst_loss_percent, 1)} %</td><td className="num">{one.freezes}</td><td className="num">{one.quality_switches}</td><td className={one.error ? 'tone-down' : 'muted'}>{safe(one.error ?? reasonWord(one.close_reason))}</td></tr>))}</tbody></table>
        {items === null && <p className="empty">{t.reading}</p>}{items?.length === 0 && !error && <p className="empty">{asked.source || asked.actor ? t.noneEndedFits : t.noneEnded}</p>}</div>
      {next && <p><button type="button" className="button" disabled={busy} onClick={() => void older()}>{busy ? t.reading : t.older}</button></p>}
    </>
  );
}

const settingText = (value: Json): string => (Array.isArray(value) ? value.map(settingText).join(value.every((one) => typeof one === 'number') ? ' – ' : ', ') : typeof value === 'boolean' ? (value ? t.on : t.off) : String(value));
export function Monitor() {
  const {data, error} = usePolled<MonitorState>('/api/webrtc/monitor', 4000);
  if (error && !data) return <p className="empty">{t.monitorSilent(safe(error))}<br />{t.withoutMonitor} <code>--disable-webrtc-monitor</code>.</p>;
  if (!data) return <p className="empty">{t.reading}</p>;
  const decided = Object.entries(data.decisions);
  return (
    <>
      <dl className="figures monitor-figures">
        <div className="figure"><dt>{t.connections}</dt><dd>{data.connections} <small>{t.soFar(data.connections_total)}</small></dd></div>
        <div className="figure"><dt>CPU</dt><dd>{fixed(data.cpu_percent, 0)} <small>%</small></dd></div><div className="figure"><dt>{t.memory}</dt><dd>{bytes(data.memory_bytes)}</dd></div>
        <div className="figure"><dt>{t.decisions}</dt><dd>{decided.reduce((sum, [, count]) => sum + count, 0)}</dd></div>
      </dl>
      <div className="monitor-groups">
        <section aria-label={t.decisions}><h3>{t.decisionsSoFar}</h3><dl className="facts">{decided.map(([name, count]) => <div key={name}><dt>{decisionWord(name)}</dt><dd className={count ? '' : 'muted'}>{count}</dd></div>)}</dl></section>
        {Object.entries(data.config).map(([group, settings]) => <section key={group} aria-label={group}><h3>{group[0].toUpperCase() + group.slice(1)}</h3><dl className="facts">{Object.entries(settings).map(([name, value]) => <div key={name}><dt className="mono">{name}</dt><dd className={value !== false ? '' : name === 'enabled' || name === 'auto_quality' ? 'tone-warn' : 'muted'}>{safe(settingText(value))}</dd></div>)}</dl></section>)}
      </div>
      <p className="muted">{t.configOf} <code>--webrtc-config-path</code> {t.andFlags}</p>
    </>
  );
}

// Streams: start one, watch it here; every connection of the server, worst first; operations, tasks, the log, history, the monitor.
import {lazy, Suspense, useEffect, useState, useSyncExternalStore} from 'react';
import {useLocation, useSearchParams} from 'wouter';
import {get, request, whyNot} from '../api/client';
import {live, useLive} from '../live/store';
import {stateWord} from '../messages/en/streams';
import {t} from '../messages/en/webrtc';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {ConnectionsTable} from './ConnectionsTable';
import {ConnectionWall} from './ConnectionWall';
import {bitrate} from './format';
import {PlayerCard} from './PlayerCard';
import {players} from './player';
import {nextSort, sortOf} from './rows';
import {TestButton, TestResult, useSelfTest} from './SelfTest';
import {type Connection, connectionStates, isOpen, qualities, type Quality} from './types';
import {useConnectionVersion, useRows} from './useRows';
import './webrtc.css';

const Operations = lazy(async () => ({default: (await import('./Sections')).Operations}));
const Tasks = lazy(async () => ({default: (await import('./Sections')).Tasks}));
const Log = lazy(async () => ({default: (await import('./Sections')).Log}));
const History = lazy(async () => ({default: (await import('./Sections')).History}));
const Monitor = lazy(async () => ({default: (await import('./Sections')).Monitor}));
const tabs = ['connections', 'operations', 'tasks', 'log', 'history', 'monitor'] as const;
type Tab = (typeof tabs)[number];

function Start({test, missing}: {test: ReturnType<typeof useSelfTest>; missing: string}) {
  const [content, setContent] = useState('');
  const [quality, setQuality] = useState<Quality>('auto');
  const why = whyNot('webrtc:read') || (missing && t.unavailableBecause(missing));
  const start = (what: string) => void players.play({content: what, quality});
  return (
    <form className="bar stream-form" onSubmit={(event) => { event.preventDefault(); if (content.trim() && !why) start(content.trim()); }}>
      <ActionButton className="button primary" why={why} onClick={() => start('test')}>{t.streamTest}</ActionButton>
      <TestButton test={test} />
      <input aria-label={t.contentLabel} placeholder={t.contentHint} value={content} spellCheck={false} autoComplete="off" onChange={(event) => setContent(event.target.value)} />
      <label>{t.quality} <select value={quality} onChange={(event) => setQuality(event.target.value as Quality)}>{qualities.map((one) => <option key={one} value={one}>{t.qualities[one]}</option>)}</select></label>
      <ActionButton why={why || (content.trim() ? '' : t.giveContent)} onClick={() => start(content.trim())}>{t.stream}</ActionButton>
    </form>
  );
}

// One sentence of how it is.
function sentence(all: Connection[]): string {
  const active = all.filter((one) => one.state === 'connected');
  const connecting = all.filter((one) => one.state === 'connecting' || one.state === 'new').length;
  const lost = all.filter((one) => one.state === 'disconnected').length;
  if (active.length + connecting + lost === 0) return t.nobody;
  const known = active.filter((one) => one.rate_bps !== undefined);
  const rate = known.reduce((sum, one) => sum + (one.rate_bps ?? 0), 0);
  const unwell = active.filter((one) => (one.scores?.health ?? 100) < 50).length;
  return t.lead(active.length, connecting, lost, known.length ? bitrate(rate) : '', unwell);
}

// What keeps WebRTC from working, in the words of /readyz; '' if nothing.
function useMissing(): {webrtc: string; monitor: string} {
  const [missing, setMissing] = useState({webrtc: '', monitor: ''});
  const {connection} = useLive();
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      try {
        const answer = (await (await fetch('/readyz', {signal: abort.signal})).json()) as {webrtc?: string; webrtc_monitor?: string}; // 503 has the same body
        setMissing({webrtc: answer.webrtc && answer.webrtc !== 'ok' ? answer.webrtc : '', monitor: answer.webrtc_monitor ?? ''});
      } catch {
        // the banner says when the server is away
      }
    };
    void read();
    const timer = setInterval(() => void read(), 15_000);
    return () => { abort.abort(); clearInterval(timer); };
  }, [connection]);
  return missing;
}

// The list comes once; what a player says of its buffer is in no event, so it is read again now and then: the rarer the longer it is.
const readAgainMs = (count: number) => (count <= 50 ? 5000 : count <= 500 ? 15_000 : 60_000);
function useConnectionList(allowed: boolean): {error: string; loading: boolean} {
  const store = useLive();
  const [error, setError] = useState('');
  const [loading, setLoading] = useState(true);
  const reading = store.connection === 'live';
  useEffect(() => {
    if (!allowed) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        if (!document.hidden && !live.paused) live.setConnections((await get<{items: Connection[]}>('/api/webrtc/connections?ended=true&limit=4000', abort.signal)).items);
        setError('');
      } catch (fault) {
        if (abort.signal.aborted) return;
        setError((fault as Error).message);
      }
      if (abort.signal.aborted) return;
      setLoading(false);
      timer = setTimeout(() => void read(), readAgainMs(live.connections.size));
    };
    void read();
    return () => { abort.abort(); clearTimeout(timer); };
  }, [reading, allowed]);
  return {error, loading};
}

const phone = matchMedia('(max-width: 720px)');
interface ListProps {chosen: string; loading: boolean; onOpen(id: string): void; onCloseAll(): void}
function Connections({chosen, loading, onOpen, onCloseAll}: ListProps) {
  const [search, setSearch] = useSearchParams();
  const query = search.get('q') ?? '';
  const state = search.get('state') ?? '';
  const view = search.get('view') ?? (phone.matches ? 'wall' : 'table'); // a table of this width needs room
  const wall = view === 'wall';
  const sort = sortOf(search.get('sort'));
  const put = (key: string, value: string) => setSearch((old) => { const next = new URLSearchParams(old); if (value) next.set(key, value); else next.delete(key); return next; }, {replace: true});
  const {rows} = useRows(query, state, sort);
  const counts = new Map<string, number>();
  let failed = 0;
  for (const one of live.connections.values()) {
    const word = one.state === 'new' ? 'connecting' : one.state;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    if (one.error) failed++;
  }
  if (failed) counts.set('failed', failed);
  const open = live.connections.size - (counts.get('closed') ?? 0);
  const chips = [...connectionStates, 'failed'].filter((one) => counts.has(one) || one === state);
  return (
    <>
      <div className="bar">
        <input type="search" aria-label={t.search} placeholder={t.searchHint} value={query} onChange={(event) => put('q', event.target.value)} />
        <div className="chips" role="group" aria-label={t.state}>
          <button type="button" className="filter-chip" aria-pressed={state === ''} onClick={() => put('state', '')}>{t.all(live.connections.size)}</button>
          {chips.map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={state === one} onClick={() => put('state', state === one ? '' : one)}>{stateWord(one)} {counts.get(one) ?? 0}</button>)}
        </div>
        <span className="end" />
        {sort.by !== 'worst' && <button type="button" className="button small" onClick={() => put('sort', '')}>{t.worstFirst}</button>}
        <div className="chips" role="group" aria-label={t.view}><button type="button" className="filter-chip" aria-pressed={!wall} onClick={() => put('view', 'table')}>{t.table}</button><button type="button" className="filter-chip" aria-pressed={wall} onClick={() => put('view', 'wall')}>{t.cards}</button></div>
        {open > 0 && <ActionButton className="button small" why={whyNot('webrtc:control')} onClick={onCloseAll}>{t.closeAll}</ActionButton>}
      </div>
      {rows.length > 0 ? (wall ? <ConnectionWall rows={rows} chosen={chosen} onOpen={onOpen} /> : <ConnectionsTable rows={rows} sort={sort} chosen={chosen} onOpen={onOpen} onSort={(column) => put('sort', nextSort(sort, column))} />)
        : live.connections.size > 0 ? <p className="empty">{t.noneFits} <button type="button" className="link" onClick={() => setSearch({})}>{t.showAll}</button></p>
          : <p className="empty">{loading ? t.reading : <>{t.noneYet} <code>telltale content add film.mp4</code> {t.printsOne}</>}</p>}
    </>
  );
}

function Lead() {
  useConnectionVersion();
  return <p className="lead" role="status">{sentence([...live.connections.values()])}</p>;
}

export default function WebrtcPage({chosen = ''}: {chosen?: string}) {
  useSyncExternalStore(players.subscribe, players.getVersion);
  const test = useSelfTest();
  const [question, setQuestion] = useState<Question | null>(null);
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const why = whyNot('webrtc:read');
  const {error, loading} = useConnectionList(why === '');
  const missing = useMissing();
  const tab = (tabs as readonly string[]).includes(search.get('tab') ?? '') ? (search.get('tab') as Tab) : 'connections';
  const setTab = (next: Tab) => setSearch((old) => { const out = new URLSearchParams(old); if (next === 'connections') out.delete('tab'); else out.set('tab', next); return out; });
  useEffect(() => void document.getElementById(`rtc-${tab}`)?.scrollIntoView({block: 'nearest', inline: 'nearest'}), [tab]); // some browsers answer with a promise
  const open = (id: string) => navigate(`/webrtc/${encodeURIComponent(id)}${location.search}`);
  const closeAll = () => setQuestion({title: t.closeEvery, text: t.willEnd([...live.connections.values()].filter(isOpen).length), action: t.closeAll, run: async () => {
    const {body} = await request<{count: number}>('/api/v0/webrtc/close_all', {method: 'POST', wait: 20, body: {}});
    toast('ok', t.closedCount(body.count));
  }});
  if (why) return <div className="page webrtc"><h1>{t.streams}</h1><section className="empty"><h2>{t.notYours}</h2><p>{t.whoCanGive(why)}</p></section></div>;
  return (
    <div className="page webrtc">
      <h1>{t.streams}</h1>
      <Lead />
      {missing.webrtc && <section className="notice" aria-label={t.unavailable}><strong>{t.unavailable}.</strong> {safe(missing.webrtc)} <span className="muted">{t.untilMended}</span></section>}
      {missing.monitor && <p className="muted" role="note">{safe(missing.monitor)}</p>}
      <Start test={test} missing={missing.webrtc} />
      <TestResult test={test} />
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {players.all.length > 0 && <div className="players">{players.all.map((player, index) => <PlayerCard key={`${players.all.length - index}`} player={player} onOpen={open} />)}</div>}
      <div className="tabs page-tabs" role="tablist" aria-label={t.about} onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (!step) return;
        const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
        setTab(next);
        document.getElementById(`rtc-${next}`)?.focus();
      }}>
        {tabs.map((one) => <button key={one} id={`rtc-${one}`} type="button" role="tab" aria-selected={tab === one} aria-controls="rtc-panel" tabIndex={tab === one ? 0 : -1} onClick={() => setTab(one)}>{t.tabs[one]}</button>)}
      </div>
      <div id="rtc-panel" role="tabpanel" aria-labelledby={`rtc-${tab}`} className="rtc-panel">
        <Suspense fallback={<p className="empty">{t.loading}</p>}>
          {tab === 'connections' && <Connections chosen={chosen} loading={loading} onOpen={open} onCloseAll={closeAll} />}
          {tab === 'operations' && <Operations onOpen={open} />}
          {tab === 'tasks' && <Tasks />}
          {tab === 'log' && <Log onOpen={open} />}
          {tab === 'history' && <History onOpen={open} />}
          {tab === 'monitor' && <Monitor />}
        </Suspense>
      </div>
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </div>
  );
}

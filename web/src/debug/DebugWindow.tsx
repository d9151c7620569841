// The debug window: the live connection, and every frame on it. Docked below the page or floating over it.
import './debug.css';
import {type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore} from 'react';
import {ping, readLogs, reconnect} from '../live/connect';
import {type Direction, wire} from '../live/wire';
import {t} from '../messages/en/debug';
import {copy} from '../ui/clipboard';
import {number, safe} from '../ui/format';
import {type Box, setPref, usePrefs} from '../ui/prefs';
import {Separator} from '../ui/Separator';
import {Ago, Countdown} from '../ui/Time';
import {FrameList} from './FrameList';
import {least, moved, placed, resized, stepOfKey} from './geometry';
import {everything, jsonLines, View} from './view';

const usual = 50;
const more = 500;
const stateWords = {get live() { return t.connected; }, get connecting() { return t.connecting; }, get offline() { return t.notConnected; }};

// The page's size, as one value that is the same while nothing changed.
const onResize = (listener: () => void) => {
  addEventListener('resize', listener);
  return () => removeEventListener('resize', listener);
};
const usePage = () => {
  const [width, height] = useSyncExternalStore(onResize, () => `${innerWidth} ${innerHeight}`).split(' ').map(Number);
  return {width, height};
};

function LinkFacts() {
  const {link, counts} = wire;
  return (
    <div className="debug-link">
      <span className="mono debug-url">{link.url}</span>
      <span>{t.inOut(number(counts.in), number(counts.out))}</span>
      <span className={counts.gaps || counts.missed ? 'tone-warn' : ''} data-testid="debug-gaps">{t.gaps(counts.gaps, counts.missed)}</span>
      <span>{link.state === 'offline' && link.retryAt > 0 ? <>{t.tryIn(link.attempts + 1)} <Countdown time={new Date(link.retryAt).toISOString()} /></> : link.since > 0 && <>{t.since} <Ago time={new Date(link.since).toISOString()} /></>}</span>
      {link.error && <span role={link.state === 'live' ? undefined : 'alert'} className={link.state === 'live' ? 'muted' : 'tone-down'} data-testid="debug-error">{link.state === 'live' ? t.lastError : ''}{safe(link.error)}{link.state === 'live' && <>, <Ago time={new Date(link.errorAt).toISOString()} /></>}</span>}
    </div>
  );
}

function Handle({label, className, box, apply, children}: {label: string; className: string; box: Box; apply(box: Box, step: [number, number]): Box; children: ReactNode}) {
  const page = usePage();
  const start = useRef<{box: Box; x: number; y: number} | null>(null);
  const put = (next: Box) => setPref('debugBox', placed(next, page));
  return (
    <button type="button" className={className} aria-label={label} title={t.moveHint(label)}
      onKeyDown={(event) => {
        const step = stepOfKey(event.key, event.shiftKey);
        if (!step) return;
        event.preventDefault();
        put(apply(box, step));
      }}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); start.current = {box, x: event.clientX, y: event.clientY}; }}
      onPointerMove={(event) => { if (start.current) put(apply(start.current.box, [event.clientX - start.current.x, event.clientY - start.current.y])); }}
      onPointerUp={() => { start.current = null; }} onPointerCancel={() => { start.current = null; }}>
      {children}
    </button>
  );
}

function Frames() {
  const version = useSyncExternalStore(wire.subscribe, wire.getVersion);
  const view = useMemo(() => new View(wire), []);
  const [filter, setFilter] = useState(everything);
  const [limit, setLimit] = useState(usual);
  const [paused, setPaused] = useState(false);
  const [round, setRound] = useState(0); // the view changed by hand
  useMemo(() => view.setFilter(filter), [view, filter]);
  const shown = useMemo(() => { view.paused = paused; view.update(); return view.last(limit); }, [view, version, filter, limit, paused, round]);
  const all = () => view.last(view.found);
  const save = () => {
    const url = URL.createObjectURL(new Blob([`${jsonLines(all())}\n`], {type: 'application/x-ndjson'}));
    const link = document.createElement('a');
    link.href = url;
    link.download = `telltale-frames-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  const types = [...wire.types].sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <LinkFacts />
      <div className="bar debug-tools">
        <input type="search" aria-label={t.searchFrames} placeholder={t.search} value={filter.text} onChange={(event) => setFilter({...filter, text: event.target.value})} />
        <select aria-label={t.type} value={filter.type} onChange={(event) => setFilter({...filter, type: event.target.value})}>
          <option value="">{t.allTypes}</option><option value="gaps">{t.gapsOnly}</option>
          {filter.type && filter.type !== 'gaps' && !wire.types.has(filter.type) && <option value={filter.type}>{filter.type} (0)</option>}
          {types.map(([type, count]) => <option key={type} value={type}>{type} ({count})</option>)}
        </select>
        <select aria-label={t.direction} value={filter.direction} onChange={(event) => setFilter({...filter, direction: event.target.value as Direction | ''})}><option value="">{t.bothWays}</option><option value="in">{t.received}</option><option value="out">{t.sent}</option><option value="note">{t.notes}</option></select>
        <button type="button" className="button small" aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? t.resume(view.waiting ? t.newCount(view.waiting) : '') : t.pause}</button>
        <button type="button" className="button small" onClick={() => void copy(jsonLines(shown), t.frames(shown.length))}>{t.copy}</button>
        <button type="button" className="button small" onClick={save}>{t.export}</button>
        <button type="button" className="button small" onClick={() => { wire.clear(); view.setFilter(filter); setLimit(usual); setRound(round + 1); }}>{t.clear}</button>
        <span className="muted" data-testid="debug-count">{t.shownOf(number(shown.length), number(view.found))}</span>
      </div>
      <FrameList frames={shown} older={view.found - shown.length} onOlder={() => setLimit(limit + more)} />
    </>
  );
}

function State() {
  useSyncExternalStore(wire.subscribe, wire.getVersion);
  const {state} = wire.link;
  return <span className={`connection ${state}`} data-testid="debug-state" data-state={state}>{stateWords[state]}</span>;
}

export default function DebugWindow({narrow, takeFocus, onClose}: {narrow: boolean; takeFocus: boolean; onClose(): void}) {
  useEffect(() => readLogs(), []); // every frame there can be
  const prefs = usePrefs();
  const page = usePage();
  const frame = useRef<HTMLElement>(null);
  const floating = prefs.debugMode === 'floating' && !narrow;
  const box = placed(prefs.debugBox, page);
  const most = Math.max(least.height, page.height - 220);
  useEffect(() => { if (takeFocus) frame.current?.focus(); }, []);
  // The title bar drags as well, where it is not a button.
  const start = useRef<{box: Box; x: number; y: number} | null>(null);
  const drag = floating ? {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if ((event.target as Element).closest('button')) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = {box, x: event.clientX, y: event.clientY};
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => { if (start.current) setPref('debugBox', placed(moved(start.current.box, [event.clientX - start.current.x, event.clientY - start.current.y]), page)); },
    onPointerUp: () => { start.current = null; },
    onPointerCancel: () => { start.current = null; },
  } : {};
  return (
    <section ref={frame} id="debug-window" tabIndex={-1} aria-label={t.debugWindow} className={`debug ${floating ? 'debug-floating' : 'debug-docked'}`} data-testid="debug-window" data-mode={floating ? 'floating' : 'docked'}
      style={floating ? {left: box.x, top: box.y, width: box.width, height: box.height} : {height: Math.min(prefs.debugHeight, most)}} onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      {!floating && <Separator label={t.height} controls="debug-window" toward="up" size={prefs.debugHeight} least={least.height} most={most} usual={320} onSize={(size) => setPref('debugHeight', size)} />}
      <header className="debug-head" data-testid="debug-title" {...drag}>
        {floating && <Handle label={t.move} className="icon-button grip" box={box} apply={moved}><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M5 4h.01M5 8h.01M5 12h.01M11 4h.01M11 8h.01M11 12h.01" stroke="currentColor" strokeWidth="2" strokeLinecap="round" /></svg></Handle>}
        <h2>WebSocket</h2>
        <State />
        <span className="end" />
        <button type="button" className="button small" onClick={ping}>{t.ping}</button>
        <button type="button" className="button small" onClick={reconnect}>{t.reconnect}</button>
        {!narrow && <button type="button" className="button small" onClick={() => setPref('debugMode', floating ? 'docked' : 'floating')}>{floating ? t.dock : t.float}</button>}
        <button type="button" className="icon-button" aria-label={t.close} onClick={onClose}>×</button>
      </header>
      <Frames />
      {floating && <Handle label={t.resize} className="resize" box={box} apply={resized}><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M11 3L3 11M11 7l-4 4" stroke="currentColor" strokeWidth="1.4" /></svg></Handle>}
    </section>
  );
}

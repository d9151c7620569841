// Log lines as one works with them: filtered by level, server, text or expression; followed, held still, jumped through.
import {useEffect, useMemo, useRef, useState} from 'react';
import './logs.css';
import {useSearch} from '../lab/useSearch';
import {type Jump, VirtualRows} from '../list/VirtualRows';
import {useLive} from '../live/store';
import {t} from '../messages/en/logs';
import {copy} from '../ui/clipboard';
import {bytes, number} from '../ui/format';
import {toast} from '../ui/toast';
import {HistogramBar} from './HistogramBar';
import {LineDrawer} from './LineDrawer';
import {LogRow} from './LogRow';
import {levels, type LogFilter} from './types';
import {useLogs} from './useLogs';

const rowHeight = 20;
const placeOf = (text: string): {server: string; seq: number} | null => {
  const at = text.lastIndexOf(':');
  return at > 0 && /^\d+$/.test(text.slice(at + 1)) ? {server: text.slice(0, at), seq: Number(text.slice(at + 1))} : null;
};

export function LogViewer({server = ''}: {server?: string}) {
  const [read, put] = useSearch();
  const store = useLive();
  const filter = useMemo<LogFilter>(() => ({levels: read('level').split(',').filter(Boolean), servers: server ? [] : read('server').split(',').filter(Boolean), text: read('find'), regular: read('regex') === '1'}), [read('level'), read('server'), read('find'), read('regex'), server]);
  const [text, setText] = useState(filter.text);
  const {source, hasOlder, reading, fault, more} = useLogs(server, () => { toast('down', t.neverEnds); setText(''); put({find: ''}); });
  const [follow, setFollow] = useState(true);
  const [held, setHeld] = useState<number | null>(null); // the end as it was when it was held
  const [jump, setJump] = useState<Jump | null>(null);
  const line = placeOf(read('line'));
  const [chosen, setChosen] = useState<number | null>(null);
  const state = source?.state;
  const end = state ? state.base + state.count : 0;
  const still = !follow || store.paused;

  useEffect(() => setText(filter.text), [filter.text]);
  useEffect(() => {
    if (text === filter.text) return;
    const timer = setTimeout(() => put({find: text}), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const asked = useRef('');
  useEffect(() => {
    if (!source) return;
    source.setFilter(filter);
    setHeld(null);
    setChosen(null);
  }, [source, filter]);
  // Held still, the list ends where it ended; the others are counted.
  useEffect(() => setHeld(still && state?.done ? (old) => old ?? end : still ? held : null), [still, state?.done, state?.turn]);
  const shownEnd = held === null ? end : Math.min(held, end);
  const waiting = end - shownEnd;

  const to = (row: number, align = 0.5) => { setFollow(false); setJump({row, align, turn: (jump?.turn ?? 0) + 1}); };
  // A line that the address names is looked for in what is here, and in some more.
  const pages = useRef(0);
  useEffect(() => {
    if (!source || !line || !state?.done || reading) return;
    const key = `${read('line')} ${state.turn} ${state.total}`;
    if (asked.current === key || chosen !== null && asked.current.startsWith(read('line'))) return;
    asked.current = key;
    void source.ask<number | null>({kind: 'row_of', ...line}).then((row) => {
      if (row !== null) {
        setChosen(row);
        to(row);
      } else if (hasOlder && pages.current++ < 20) void more();
    });
  }, [source, read('line'), state?.done, state?.total, reading]);
  const choose = (row: number | null) => {
    setChosen(row);
    const found = row === null ? undefined : source?.row(row);
    if (row !== null) setFollow(false);
    asked.current = found ? `${found.server}:${found.seq}` : '';
    put({line: found ? `${found.server}:${found.seq}` : ''});
  };
  const showLine = (name: string, seq: number) => { asked.current = ''; setChosen(null); put({line: `${name}:${seq}`}); };
  const toggle = (key: 'level' | 'server', list: string[], one: string) => put({[key]: (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]).join(',')});
  const names = [...store.servers.keys()].sort();
  const onView = (first: number, last: number) => {
    source?.need(first, last);
    if (state && hasOlder && !reading && state.done && first - state.base < 100 && !follow) void more();
  };
  useEffect(() => source?.follow(!still), [source, still]);
  useEffect(() => { if (source && state) source.need(Math.max(state.base, shownEnd - 60), shownEnd); }, [source, state?.turn, state?.count === 0]);
  const resume = () => { setHeld(null); setFollow(true); if (store.paused) store.setPaused(false); };
  const filtered = filter.levels.length > 0 || filter.servers.length > 0 || filter.text !== '';
  return (
    <div className="log">
      <div className="list-tools" role="search" aria-label={t.filter}>
        <input type="search" aria-label={t.searchLog} placeholder={filter.regular ? t.regular : t.searchText} className={filter.regular ? 'mono' : ''} value={text} onChange={(event) => setText(event.target.value)} aria-invalid={Boolean(state?.fault)} aria-describedby={state?.fault ? 'log-fault' : undefined} />
        <button type="button" className="filter-chip mono" aria-pressed={filter.regular} aria-label={t.regular} title={t.regular} onClick={() => put({regex: filter.regular ? '' : '1'})}>.*</button>
        <span role="group" aria-label={t.levels} className="log-levels">{levels.map((level, at) => <button key={level} type="button" className={`filter-chip level-chip chip-${level}`} aria-pressed={filter.levels.includes(level)} onClick={() => toggle('level', filter.levels, level)}>{level} <b>{number(state?.levels[at] ?? 0)}</b></button>)}</span>
        {!server && names.length > 0 && <details className="log-servers"><summary className="filter-chip">{filter.servers.length === 0 ? t.allServers : filter.servers.length === 1 ? filter.servers[0] : t.serverCount(filter.servers.length)}</summary><div className="menu-list" role="group" aria-label={t.servers}>{names.map((name) => <label key={name} className="check"><input type="checkbox" checked={filter.servers.includes(name)} onChange={() => toggle('server', filter.servers, name)} /> {name}</label>)}</div></details>}
        {filtered && <button type="button" className="button small" onClick={() => { setText(''); put({find: '', level: '', server: '', regex: ''}); }}>{t.clear}</button>}
        <button type="button" className="button small end" aria-pressed={still} onClick={() => (still ? resume() : setFollow(false))}>{still ? t.follow : t.hold}</button>
      </div>
      {state?.fault && <p className="fault" role="alert" id="log-fault">{t.noRegular(state.fault)}</p>}
      {fault && <p className="fault" role="alert">{t.linesUnread(fault)}</p>}
      <HistogramBar histogram={source?.histogram ?? null} onJump={(time) => void source?.ask<number>({kind: 'row_at', time}).then((row) => to(row, 0.1))} />
      <div className="list-split">
        <div className="list-left">
          {state && shownEnd > state.base ? (
            <VirtualRows label={t.log} testId="log-viewer" count={shownEnd - state.base} base={state.base} rowHeight={rowHeight} chosen={chosen} follow={!still} jump={jump} onFollow={(next) => { if (!store.paused && waiting === 0) setFollow(next); }} onView={onView} onChoose={choose}
              row={(at) => <LogRow row={source?.row(at)} showServer={!server} needle={filter.text} regular={filter.regular} />} rowClass={(at) => `log-row mono level-${source?.row(at)?.level ?? ''}`} />
          ) : <p className="empty" data-testid="log-viewer">{reading === 'first' || (state && !state.done) ? t.reading : filtered ? t.noLineFits : t.noLines}</p>}
          {still && <button type="button" className="button small list-new at-end" onClick={resume}>{waiting > 0 ? t.newCount(number(waiting)) : t.toNewest}</button>}
        </div>
        {line && source && <LineDrawer source={source} server={line.server} seq={line.seq} onClose={() => choose(null)} onLine={showLine} onFilter={(value) => { setText(value); put({find: value, regex: ''}); }} />}
      </div>
      <p className="list-status">
        {state && <span data-testid="log-count" role="status">{number(state.count)}{t.lineCount(filtered ? t.ofAll(number(state.total)) : '', state.done ? '' : t.searching)}</span>}
        {state && state.total > 0 && <span>{t.held(bytes(state.bytes), state.full ? t.noMoreHeld : '')}</span>}
        {reading === 'all' || reading === 'page' ? <span>{t.readingOlder}</span> : hasOlder && <button type="button" className="button small" onClick={() => void more(true)}>{t.readAll}</button>}
        {state && state.count > 0 && <button type="button" className="button small" onClick={() => void source?.ask<string>({kind: 'text', most: 100_000}).then((lines) => copy(lines, t.linesCopied(number(Math.min(100_000, state.count)))))}>{t.copyFitting}</button>}
      </p>
    </div>
  );
}

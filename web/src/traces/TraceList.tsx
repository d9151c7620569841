// All traces of a time: how long each took as points over time, and as a live list, newest first; two of them can be chosen to compare.
import {lazy, Suspense, useCallback, useMemo, useState} from 'react';
import {useLocation} from 'wouter';
import {decades, type Point} from '../chart/scatter';
import {useSearch} from '../lab/useSearch';
import {VirtualRows} from '../list/VirtualRows';
import {t} from '../messages/en/traces';
import {spanOf, zoomed} from '../time/range';
import {useRange} from '../time/useRange';
import {number} from '../ui/format';
import {dayText} from '../ui/moment';
import {Filters} from './Filters';
import {durationOf, type Outcome, outcomeOf, outcomes, toneOf, wordOf} from './outcome';
import {PickBar} from './PickBar';
import {fields, filterOf} from './query';
import {addressOf, afterPick, picksOf} from './picks';
import {TraceRow} from './TraceRow';
import type {TraceItem} from './types';
import {useTraces} from './useTraces';

const Scatter = lazy(() => import('../chart/Scatter'));
const phone = matchMedia('(max-width: 720px)');

function pointOf(item: TraceItem, now: number): Point {
  const outcome = outcomeOf(item);
  const at = Date.parse(item.start_time);
  return {key: item.trace_id, at, value: durationOf(item) ?? Math.max(0, now - at), tone: toneOf[outcome], name: `${item.operation} ${item.subject} ${item.detail}`.trim(), word: wordOf(outcome)};
}

export function TraceList() {
  const [read, put] = useSearch();
  const [, navigate] = useLocation();
  const {choice, zoom} = useRange();
  const asked = fields.map((field) => read(field)).join('\n');
  const filter = useMemo(() => filterOf(read), [asked]);
  const [atTop, setAtTop] = useState(true);
  const [jump, setJump] = useState({row: 0, align: 0, turn: 0});
  const {items, added, state, fault, waiting, showWaiting, more, hasMore, reload} = useTraces(filter, choice, true, atTop);
  // What the range is now: it moves on with what comes.
  const {from, to} = useMemo(() => spanOf(choice, Date.now()), [choice, items]);
  const points = useMemo(() => items.map((item) => pointOf(item, to)), [items]);
  const scale = useMemo(() => decades(points), [points]);
  const legend = useMemo(() => {
    const there = new Set<Outcome>(items.map(outcomeOf));
    return outcomes.filter((one) => there.has(one)).map((one) => ({tone: toneOf[one], word: wordOf(one)}));
  }, [items]);
  const picks = picksOf(read('pick'));
  const chosen = read('at') ? items.findIndex(({trace_id}) => trace_id === read('at')) : -1;
  const today = dayText(Date.now());
  // The list is left as one comes back to it: with what was opened chosen.
  const open = useCallback((id: string) => {
    put({at: id});
    navigate(addressOf(id));
  }, [put, navigate]);
  const onRange = useCallback((range: [number, number] | null) => zoom(range && zoomed(...range, Date.now())), [zoom]);
  // The first row has the number -added, so that those that come above do not move what one reads.
  const base = -added;
  const filtered = fields.some((field) => filter[field]);
  const unread = hasMore && items.length > 0 ? Date.parse(items[items.length - 1].start_time) : null;
  return (
    <div className="list-page traces">
      <div className="list-head"><h1>{t.traces}</h1><PickBar picks={picks} onNone={() => put({pick: ''})} /></div>
      <Filters filter={filter} items={items} put={put} />
      {fault && <p className="fault" role="alert">{fault} <button type="button" className="button small" onClick={reload}>{t.tryAgain}</button></p>}
      {items.length > 0 && <div className="panel trace-scatter"><Suspense fallback={<div className="plot-room" />}><Scatter title={t.latency} points={points} from={from} to={to} unit="ms" height={phone.matches ? 120 : 150} legend={legend} unread={unread} unreadWord={t.notRead} onOpen={open} onRange={onRange} /></Suspense></div>}
      <div className="list-split">
        <div className="list-left">
          {waiting > 0 && <button type="button" className="button small list-new at-start" onClick={() => { showWaiting(); setJump({row: -added - waiting, align: 0, turn: jump.turn + 1}); setAtTop(true); }}>{t.newCount(number(waiting))}</button>}
          {items.length === 0 ? <p className="empty" data-testid="traces-none">{state === 'reading' ? t.reading : state === 'failed' ? t.unread : filtered ? t.noneFits : t.nothing}</p> : (
            <VirtualRows label={t.traces} testId="trace-list" count={items.length} base={base} rowHeight={phone.matches ? 52 : 30} chosen={chosen < 0 ? null : base + chosen} jump={jump}
              onChoose={(row) => put({at: row === null ? '' : (items[row - base]?.trace_id ?? '')})} onOpen={(row) => { const item = items[row - base]; if (item) open(item.trace_id); }} onMark={(row) => { const item = items[row - base]; if (item) put({pick: afterPick(picks, item.trace_id).join(',')}); }}
              onView={(first, last) => { setAtTop(first - base === 0); if (last - base > items.length - 60) more(); }}
              row={(row) => items[row - base] && <TraceRow item={items[row - base]} today={today} picked={picks.includes(items[row - base].trace_id)} scale={scale} />} rowClass={() => 'audit-row trace-row'} />
          )}
        </div>
      </div>
      <p className="list-status" role="status">{items.length > 0 && <span data-testid="trace-count">{t.shown(number(items.length), items.length === 1)}{hasMore ? t.olderBelow : ''}</span>}{hasMore && <button type="button" className="button small" onClick={more}>{t.readOlder}</button>}</p>
    </div>
  );
}

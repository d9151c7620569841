// The traces of a filter, newest first: page by page as one goes down, and those that happen while one looks. Events say that an
// operation ended; what it makes of which trace the server says, asked once for all that ended meanwhile. What arrives while one reads
// further down, or while the page is paused, waits and is counted.
import {useCallback, useEffect, useRef, useState} from 'react';
import {get} from '../api/client';
import {useHeard, useLive} from '../live/store';
import type {Choice} from '../time/range';
import {type Filter, joined, queryOf} from './query';
import type {TraceItem, TracePage} from './types';

const pageSize = 500;
const most = 20_000; // in the page
const storedWithinMs = 1000; // an operation that ended is in the store by then
const everyMs = 1500;

interface List {key: string; items: TraceItem[]; added: number; cursor: string | null}
interface Waiting {items: TraceItem[]; instead: string | null | undefined} // instead: so many came that they do not reach down to what is there; they take its place, with this cursor
interface Reading {query: string; control: AbortController; timer?: ReturnType<typeof setTimeout>; heard: number; busy: boolean}
const none: List = {key: '', items: [], added: 0, cursor: null};
const nobody: Waiting = {items: [], instead: undefined};

export function useTraces(filter: Filter, choice: Choice, allowed: boolean, atTop: boolean) {
  const key = `${JSON.stringify(filter)} ${JSON.stringify(choice)}`;
  const [round, setRound] = useState(0);
  const [list, setList] = useState<List>(none);
  const [waiting, setWaiting] = useState<Waiting>(nobody);
  const [state, setState] = useState<'reading' | 'ready' | 'failed'>('reading');
  const [fault, setFault] = useState('');
  const {paused} = useLive();
  const held = paused || !atTop;
  const current = useRef({list, held, paused});
  current.current = {list, held, paused};
  const reading = useRef<Reading | null>(null);

  useEffect(() => {
    if (!allowed) return;
    const mine: Reading = {query: queryOf(filter, choice, Date.now()), control: new AbortController(), heard: 0, busy: false};
    const {signal} = mine.control;
    reading.current = mine;
    setState('reading');
    setWaiting(nobody);
    get<TracePage>(`/api/traces?${mine.query}&limit=${pageSize}`, signal).then(
      (page) => { setList({key, items: page.items, added: 0, cursor: page.next_cursor}); setFault(''); setState('ready'); },
      (error: Error) => { if (!signal.aborted) { setFault(error.message); setState('failed'); } },
    );
    return () => {
      mine.control.abort();
      clearTimeout(mine.timer);
    };
  }, [key, allowed, round]);

  const show = useCallback(({items, instead}: Waiting) => {
    setWaiting(nobody);
    setList((old) => {
      const had = new Set(old.items.map(({trace_id}) => trace_id));
      const fresh = items.filter(({trace_id}) => !had.has(trace_id));
      if (fresh.length === 0) return old;
      const added = old.added + fresh.length;
      return instead === undefined ? {...old, items: [...fresh, ...old.items].slice(0, most), added} : {...old, items, added, cursor: instead};
    });
  }, []);

  const readNewest = useCallback(async (mine: Reading) => {
    mine.timer = undefined;
    const {signal} = mine.control;
    const began = Date.now();
    try {
      const page = await get<TracePage>(`/api/traces?${mine.query}&limit=${pageSize}`, signal);
      if (signal.aborted) return;
      const now = current.current;
      const {known, fresh, gap} = joined(now.list.items, page);
      if (!now.paused && known !== now.list.items) setList((was) => (was === now.list ? {...was, items: known} : was));
      if (fresh.length > 0) setWaiting({items: fresh, instead: gap ? page.next_cursor : undefined});
      setFault('');
    } catch (error) {
      if (signal.aborted) return;
      setFault((error as Error).message);
    }
    // What was heard of meanwhile, or too late to be in the store, is asked for again.
    if (mine.heard > began - storedWithinMs) mine.timer ??= setTimeout(() => void readNewest(mine), everyMs);
  }, []);

  const soon = () => {
    const mine = reading.current;
    if (mine && !mine.control.signal.aborted) mine.timer ??= setTimeout(() => void readNewest(mine), everyMs);
  };
  const past = 'from' in choice ? choice.to : Number.POSITIVE_INFINITY;
  useHeard('operation', ({data}) => {
    if (!allowed || !reading.current || state !== 'ready' || data.status === 'started' || Date.parse(String(data.start_time)) > past) return;
    reading.current.heard = Date.now();
    soon();
  });
  useEffect(() => { if (!held && waiting.items.length > 0 && state === 'ready') show(waiting); }, [held, waiting, state, show]);
  // What changed while it was held still is read once more.
  useEffect(() => { if (!paused && reading.current?.heard) soon(); }, [paused]);

  const more = useCallback(() => {
    const mine = reading.current;
    const {cursor} = current.current.list;
    if (!mine || !cursor || mine.busy) return;
    mine.busy = true;
    const {signal} = mine.control;
    get<TracePage>(`/api/traces?${mine.query}&limit=${pageSize}&cursor=${encodeURIComponent(cursor)}`, signal).then(
      (page) => setList((old) => {
        if (old.cursor !== cursor) return old;
        const had = new Set(old.items.map(({trace_id}) => trace_id));
        return {...old, items: [...old.items, ...page.items.filter(({trace_id}) => !had.has(trace_id))], cursor: page.next_cursor};
      }),
      (error: Error) => { if (!signal.aborted) setFault(error.message); },
    ).finally(() => { mine.busy = false; });
  }, []);
  const here = list.key === key ? list : none;
  return {
    items: here.items, added: here.added, fault, waiting: waiting.items.length, showWaiting: () => show(waiting), more,
    state: list.key === key || state === 'failed' ? state : ('reading' as const),
    hasMore: here.cursor !== null && here.items.length < most, reload: () => setRound((old) => old + 1),
  };
}

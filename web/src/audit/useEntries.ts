// The entries of a filter, newest first: page by page as one goes down, and those that happen while one looks. What arrives while
// one reads further down, or while the page is paused, waits and is counted.
import {useCallback, useEffect, useRef, useState} from 'react';
import {get} from '../api/client';
import {useHeard, useLive} from '../live/store';
import type {Choice} from '../time/range';
import {type Entry, type Filter, fits, queryOf} from './entries';

const pageSize = 200;
const most = 100_000; // in the page
interface Page {items: Entry[]; next_cursor: string | null}

export function useEntries(filter: Filter, choice: Choice, allowed: boolean, atTop: boolean) {
  const key = `${JSON.stringify(filter)} ${JSON.stringify(choice)}`;
  const [round, setRound] = useState(0);
  const [list, setList] = useState<{key: string; entries: Entry[]; added: number}>({key: '', entries: [], added: 0});
  const [waiting, setWaiting] = useState<Entry[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [state, setState] = useState<'reading' | 'ready' | 'failed'>('reading');
  const [fault, setFault] = useState('');
  const busy = useRef(false);
  const query = useRef('');
  const {paused} = useLive();
  const held = paused || !atTop;

  useEffect(() => {
    if (!allowed) return;
    const ended = new AbortController();
    setState('reading');
    setWaiting([]);
    query.current = queryOf(filter, choice, Date.now());
    get<Page>(`/api/audit?${query.current}&limit=${pageSize}`, ended.signal).then(
      (page) => { setList({key, entries: page.items, added: 0}); setCursor(page.next_cursor); setFault(''); setState('ready'); },
      (error: Error) => { if (!ended.signal.aborted) { setFault(error.message); setState('failed'); } },
    );
    return () => ended.abort();
  }, [key, allowed, round]);

  const show = useCallback((arrived: Entry[]) => setList((old) => {
    const first = old.entries[0]?.seq ?? 0;
    const fresh = arrived.filter(({seq}) => seq > first).sort((a, b) => b.seq - a.seq);
    return fresh.length === 0 ? old : {...old, entries: [...fresh, ...old.entries].slice(0, most), added: old.added + fresh.length};
  }), []);
  useHeard('audit', (event) => {
    const entry = event.data as unknown as Entry;
    if (allowed && state === 'ready' && fits(entry, filter, choice)) setWaiting((old) => [...old, entry].slice(-most));
  });
  const showWaiting = useCallback(() => {
    show(waiting);
    setWaiting([]);
  }, [waiting, show]);
  useEffect(() => { if (!held && waiting.length > 0 && state === 'ready') showWaiting(); }, [held, waiting, state, showWaiting]);

  const more = useCallback(() => {
    if (!cursor || busy.current) return;
    busy.current = true;
    const asked = query.current;
    get<Page>(`/api/audit?${asked}&limit=${pageSize}&cursor=${cursor}`).then(
      (page) => {
        if (asked !== query.current) return;
        setList((old) => ({...old, entries: [...old.entries, ...page.items]}));
        setCursor(page.next_cursor);
      },
      (error: Error) => setFault(error.message),
    ).finally(() => { busy.current = false; });
  }, [cursor]);
  return {entries: list.key === key ? list.entries : [], added: list.added, state: list.key === key ? state : 'reading', fault, waiting: waiting.length, showWaiting, more, hasMore: cursor !== null && list.entries.length < most, reload: () => setRound((old) => old + 1)};
}

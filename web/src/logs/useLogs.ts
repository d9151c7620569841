// The lines of all servers, or of one: the newest that are kept, older ones as one asks for them, and those that arrive.
import {useCallback, useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {accessToken, ApiError} from '../api/client';
import type {LogLine, Problem} from '../api/types';
import {logsCome, readLogs} from '../live/connect';
import {useHeard} from '../live/store';
import {isOfLogs} from '../live/wire';
import {t} from '../messages/en/logs';
import {toast} from '../ui/toast';
import {Pace} from './pace';
import {LogSource} from './source';

const firstPage = 2000;
const pageSize = 5000;
const overlapMs = 5000;
const manyOverlapMs = 50; // of pages that follow each other: lines are kept in the order in which they came, nearly
const manyEveryMs = 300;
type Page = {count: number; fresh: number; cursor: string | null; newest: LogLine | null};
const shown = () => !document.hidden || new Promise<void>((done) => document.addEventListener('visibilitychange', () => done(), {once: true}));
const pause = (ms: number) => new Promise<void>((done) => { setTimeout(done, ms); });

async function readText(path: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(path, {headers: {authorization: `Bearer ${await accessToken()}`}, signal});
  if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({detail: t.serverAnswered(answer.status)}))) as Problem);
  return answer.text();
}

export function useLogs(server: string, onStuck: () => void) {
  const [source, setSource] = useState<LogSource | null>(null);
  const [older, setOlder] = useState<string | null>('');
  const [reading, setReading] = useState<'' | 'first' | 'page' | 'all'>('first');
  const [fault, setFault] = useState('');
  const [life, setLife] = useState(0); // a source that had to be given up is another life
  const ended = useRef(new AbortController());
  const held = useRef<LogLine[] | null>([]); // lines that came while those before them are read
  const first = useRef<Promise<unknown>>(Promise.resolve());
  const newest = useRef<LogLine | null>(null);
  const pace = useRef(new Pace());
  const [many, setMany] = useState(false);
  const stuck = useRef(onStuck);
  stuck.current = onStuck;

  const read = useCallback(async (from: LogSource, cursor: string, limit: number) => {
    const search = new URLSearchParams({limit: String(limit), ...(server && {server}), ...(cursor && {before: cursor})});
    const page = await from.ask<Page>({kind: 'older', text: await readText(`/api/logs?${search}`, ended.current.signal)});
    newest.current ??= page.newest;
    setOlder(page.count < limit ? null : page.cursor);
    return page.count < limit ? null : page.cursor;
  }, [server]);

  // What was said between the newest line that is here and the moment from which lines come again: after the first page, after
  // the page was hidden, after a connection broke.
  const catchUp = useCallback(async (to: LogSource) => {
    const mine: LogLine[] = [];
    held.current = mine;
    try {
      await first.current;
      // A little before it: servers' lines are not in the order of their times to the millisecond. What is here is not taken twice.
      let cursor: string | null = `${newest.current ? Date.parse(newest.current.time) - overlapMs : 0}.0`;
      while (cursor && held.current === mine) {
        const search = new URLSearchParams({limit: String(pageSize), after: cursor, ...(server && {server})});
        const page: Page = await to.ask<Page>({kind: 'newer', text: await readText(`/api/logs?${search}`, ended.current.signal)});
        newest.current = page.newest ?? newest.current;
        cursor = page.count < pageSize ? null : page.cursor;
      }
    } catch (error) {
      if (!ended.current.signal.aborted) toast('down', t.newerUnread((error as Error).message));
    }
    if (held.current !== mine) return; // another catches up
    held.current = null;
    for (const line of mine) to.append(line);
  }, [server]);

  useEffect(() => {
    const made = new LogSource(() => { stuck.current(); setLife((old) => old + 1); });
    const control = new AbortController();
    ended.current = control;
    setSource(made);
    setReading('first');
    newest.current = null;
    held.current = [];
    first.current = read(made, '', firstPage).then(() => setFault(''), (error: Error) => { if (!control.signal.aborted) setFault(error.message); }).finally(() => { if (!control.signal.aborted) setReading(''); });
    return () => { control.abort(); made.close(); };
  }, [read, life]);

  const readMany = useCallback(async (to: LogSource, signal: AbortSignal) => {
    try {
      await first.current;
      while (!signal.aborted) {
        await shown();
        const after = newest.current ? Date.parse(newest.current.time) - manyOverlapMs : Date.now();
        const search = new URLSearchParams({limit: String(pageSize), after: `${after}.0`, ...(server && {server})});
        const page = await to.ask<Page>({kind: 'newer', text: await readText(`/api/logs?${search}`, signal)});
        newest.current = page.newest ?? newest.current;
        if (pace.current.add(page.fresh)) setMany(pace.current.many);
        if (page.count < pageSize) await pause(manyEveryMs);
      }
    } catch (error) {
      if (signal.aborted) return;
      toast('down', t.newerUnread((error as Error).message));
      pace.current = new Pace();
      setMany(false);
    }
  }, [server]);
  useEffect(() => {
    if (!source) return;
    if (many) {
      const control = new AbortController();
      void readMany(source, control.signal);
      return () => control.abort();
    }
    const enough = readLogs();
    if (logsCome()) void catchUp(source);
    return enough;
  }, [source, many, catchUp, readMany]);
  useHeard('log', (event) => {
    const line = event.data as unknown as LogLine;
    if (!source || (server && line.server !== server)) return;
    if (pace.current.add(1)) setMany(pace.current.many);
    if (held.current) held.current.push(line);
    else {
      newest.current = line;
      source.append(line);
    }
  });
  useHeard('subscribed', (event) => { if (source && isOfLogs(event)) void catchUp(source); });
  useSyncExternalStore(source?.subscribe ?? none, source?.getVersion ?? zero);

  const more = useCallback(async (all = false) => {
    if (!source || !older || reading) return;
    setReading(all ? 'all' : 'page');
    try {
      let cursor: string | null = older;
      do cursor = await read(source, cursor, pageSize);
      while (all && cursor && !source.state.full && !ended.current.signal.aborted);
    } catch (error) {
      if (!ended.current.signal.aborted) toast('down', t.olderUnread((error as Error).message));
    }
    setReading('');
  }, [source, older, reading, read]);
  return {source, hasOlder: Boolean(older) && !source?.state.full, reading, fault: fault || (source?.failure ?? ''), more};
}
const none = () => () => undefined;
const zero = () => 0;

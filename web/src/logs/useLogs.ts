// The lines of all servers, or of one: the newest that are kept, older ones as one asks for them, and those that arrive.
import {useCallback, useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {accessToken, ApiError} from '../api/client';
import type {LogLine, Problem} from '../api/types';
import {useHeard} from '../live/store';
import {t} from '../messages/en/logs';
import {toast} from '../ui/toast';
import {LogSource} from './source';

const firstPage = 2000;
const pageSize = 5000;
type Page = {count: number; older: string | null; newest: LogLine | null};

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
  const stuck = useRef(onStuck);
  stuck.current = onStuck;

  const read = useCallback(async (from: LogSource, cursor: string, limit: number) => {
    const search = new URLSearchParams({limit: String(limit), ...(server && {server}), ...(cursor && {before: cursor})});
    const page = await from.ask<Page>({kind: 'older', text: await readText(`/api/logs?${search}`, ended.current.signal)});
    setOlder(page.count < limit ? null : page.older);
    return page.count < limit ? null : page.older;
  }, [server]);

  useEffect(() => {
    const made = new LogSource(() => { stuck.current(); setLife((old) => old + 1); });
    const control = new AbortController();
    ended.current = control;
    setSource(made);
    setReading('first');
    read(made, '', firstPage).then(() => setFault(''), (error: Error) => { if (!control.signal.aborted) setFault(error.message); }).finally(() => { if (!control.signal.aborted) setReading(''); });
    return () => { control.abort(); made.close(); };
  }, [read, life]);
  useHeard('log', (event) => {
    const line = event.data as unknown as LogLine;
    if (source && (!server || line.server === server)) source.append(line);
  });
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

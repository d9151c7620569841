// One connection's timeline: read whole at first, then with each report its newest samples, so that what is drawn is what the server
// measured and not what this page was told. After the end it comes from the store, which may take a moment.
import {useCallback, useEffect, useRef, useState} from 'react';
import {ApiError, get} from '../api/client';
import {merged} from './lanes';
import type {Connection, Timeline} from './types';

const whole = 1000;
const tail = 20;
const triesAfterEnd = 8;

export interface TimelineState {timeline: Timeline | null; error: string; missing: boolean}

export function useTimeline(id: string, connection: Connection | undefined): TimelineState {
  const [state, setState] = useState<TimelineState>({timeline: null, error: '', missing: false});
  const now = useRef<Timeline | null>(null);
  const busy = useRef(false);
  const again = useRef(false);
  const closed = connection?.state === 'closed';
  const read = useCallback(async (signal: AbortSignal) => {
    if (busy.current) return void (again.current = true);
    busy.current = true;
    const path = `/api/webrtc/connections/${encodeURIComponent(id)}/timeline?samples=`;
    for (let tries = 0; !signal.aborted; tries++) {
      again.current = false;
      try {
        const before = now.current;
        let body = await get<Timeline>(path + (before ? tail : whole), signal);
        const at = body.columns.indexOf('at');
        const gap = before && body.samples.length >= tail && String(body.samples[0][at]) > String(before.samples.at(-1)?.[at] ?? '');
        if (gap) body = await get<Timeline>(path + whole, signal);
        if (signal.aborted) break;
        now.current = merged(before, body);
        setState({timeline: now.current, error: '', missing: false});
      } catch (fault) {
        if (signal.aborted) break;
        const gone = fault instanceof ApiError && fault.status === 404;
        // Between the end and the store's next write nobody has it.
        if (gone && now.current && tries < triesAfterEnd) {
          await new Promise((done) => setTimeout(done, 500));
          continue;
        }
        setState((old) => ({...old, error: (fault as Error).message, missing: gone}));
      }
      if (!again.current) break;
    }
    busy.current = false;
  }, [id]);
  useEffect(() => {
    now.current = null;
    busy.current = false;
    setState({timeline: null, error: '', missing: false});
  }, [id]);
  // Each report of it, each turn it takes, its end.
  const turn = connection ? `${connection.stats.timestamp} ${connection.state} ${connection.quality} ${connection.switch_count} ${closed}` : '';
  const abort = useRef(new AbortController());
  useEffect(() => {
    abort.current = new AbortController();
    const mine = abort.current;
    return () => mine.abort();
  }, [id]);
  useEffect(() => void read(abort.current.signal), [read, turn]);
  return state;
}

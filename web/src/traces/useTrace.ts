// One trace by its id, or that of one of its operations; read again when one of them goes on, and each second while one runs.
import {useEffect, useState} from 'react';
import {ApiError, get} from '../api/client';
import {useHeard, useLive} from '../live/store';
import type {Trace} from './types';

const whileRunningMs = 1000;

export interface Read {trace: Trace; at: number} // at: when it was so

export function useTrace(id: string) {
  const [read, setRead] = useState<Read | null>(null);
  const [error, setError] = useState('');
  const [missing, setMissing] = useState(false);
  const [round, setRound] = useState(0);
  const {paused} = useLive();
  useEffect(() => {
    const ended = new AbortController();
    get<Trace>(`/api/traces/${encodeURIComponent(id)}`, ended.signal).then(
      (trace) => { setRead({trace, at: Date.now()}); setError(''); setMissing(false); },
      (fault: Error) => {
        if (ended.signal.aborted) return;
        setMissing(fault instanceof ApiError && fault.status === 404);
        setError(fault.message);
      },
    );
    return () => ended.abort();
  }, [id, round]);
  const running = read?.trace.operations.some(({status}) => status === 'started') ?? false;
  useEffect(() => {
    if (!running || paused) return;
    const timer = setInterval(() => setRound((old) => old + 1), whileRunningMs);
    return () => clearInterval(timer);
  }, [running, paused]);
  useHeard('operation', ({data}) => {
    if (!paused && (data.operation_id === id || data.trace_id === (read?.trace.trace_id ?? id))) setRound((old) => old + 1);
  });
  return {read, error, missing, reload: () => setRound((old) => old + 1)};
}

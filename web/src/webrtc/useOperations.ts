// The WebRTC operations: those the server remembers, and what is heard of them since.
import {useEffect, useMemo, useState} from 'react';
import {get} from '../api/client';
import type {Json, Operation} from '../api/types';
import {live, useLive} from '../live/store';

export interface RtcOperation {id: string; name: string; connection: string; status: Operation['status']; started: number; took: number | null; error: string; details: Json; result: Json}
interface V0Operation {operation_id: string; operation: string; connection_id: string; status: Operation['status']; start_time: number; duration: number | null; error: string | null; details: Json; result: Json}

const fieldOf = (value: Json | undefined, name: string) => (value && typeof value === 'object' && !Array.isArray(value) && typeof value[name] === 'string' ? (value[name] as string) : '');
const ofV0 = (one: V0Operation): RtcOperation => ({id: one.operation_id, name: one.operation.replace(/^webrtc\./, ''), connection: one.connection_id ?? '', status: one.status, started: one.start_time * 1000, took: one.duration === null ? null : one.duration * 1000, error: one.error ?? '', details: one.details, result: one.result});

export function ofLive(one: Operation): RtcOperation {
  return {id: one.operation_id, name: one.operation.replace(/^webrtc\./, ''), connection: fieldOf(one.arguments, 'connection_id') || fieldOf(one.result, 'connection_id') || (one.subject ?? ''), status: one.status, started: Date.parse(one.start_time) || 0, took: one.duration_ms ?? null, error: one.error?.detail ?? '', details: one.arguments ?? null, result: one.result ?? null};
}

// The newer word about one wins, but a name and a connection that are known stay.
export function joined(read: RtcOperation[], heard: RtcOperation[]): RtcOperation[] {
  const all = new Map(read.map((one) => [one.id, one]));
  for (const one of heard) {
    const known = all.get(one.id);
    if (!known) all.set(one.id, one);
    else if (known.status === 'started') all.set(one.id, {...known, ...one, started: known.started, name: known.name, connection: one.connection || known.connection, details: one.details ?? known.details});
  }
  return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

export function useOperations(): {operations: RtcOperation[]; error: string; loading: boolean} {
  const store = useLive();
  const [read, setRead] = useState<RtcOperation[] | null>(null);
  const [error, setError] = useState('');
  // Not each event: when one more ended, names and results are read again.
  const heard = [...live.operations.values()].filter((one) => one.operation.startsWith('webrtc.'));
  const ended = heard.filter((one) => one.status !== 'started').length;
  useEffect(() => {
    const abort = new AbortController();
    get<{operations: V0Operation[]}>('/api/v0/webrtc/operations', abort.signal).then((body) => { setRead(body.operations.map(ofV0)); setError(''); }, (fault: Error) => { if (fault.name !== 'AbortError') setError(fault.message); });
    return () => abort.abort();
  }, [ended, store.connection]);
  const operations = useMemo(() => joined(read ?? [], heard.map(ofLive)), [read, store.version]);
  return {operations, error, loading: read === null && error === ''};
}

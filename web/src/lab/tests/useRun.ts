// One run: read from the store, while it runs told by events, case by case; and read again when it has ended.
import {useCallback, useEffect, useState} from 'react';
import {ApiError, get} from '../../api/client';
import type {LiveEvent} from '../../api/types';
import {lastSeq} from '../../live/connect';
import {useHeard} from '../../live/store';
import type {CaseResult, CaseStatus, Run} from '../types';
import {learn} from './runs';

export interface Brief {id: string; name: string; kind: string; status: CaseStatus; message: string; duration_ms: number; progress?: number}
export interface Progress {done: number; total: number; cases: Map<string, Brief>}
const blank: Progress = {done: 0, total: 0, cases: new Map()};
const recent = 3000; // events that are looked through for what was before the page

export function afterEvent(old: Progress, event: LiveEvent): Progress {
  const data = event.data as {event?: string; done?: number; total?: number; case?: Brief};
  // Until it has ended it runs, whatever it would be if nothing went wrong.
  const cases = data.case ? new Map(old.cases).set(data.case.id, data.event === 'case_ended' ? data.case : {...data.case, status: 'running'}) : old.cases;
  return {done: data.done ?? old.done, total: data.total ?? old.total, cases};
}

// A brief case as the whole one it will be.
export const wholeOf = (brief: Brief): CaseResult => ({...brief, suite: '', server: '', tags: [], matrix: {}, line: 0, started: '', attempts: [], latency: null, findings: [], figures: {}, golden_updated: []});

export function useRun(id: string) {
  const [run, setRun] = useState<Run | null>(null);
  const [error, setError] = useState('');
  const [missing, setMissing] = useState(false);
  const [progress, setProgress] = useState(blank);
  const [round, setRound] = useState(0);
  useEffect(() => {
    setRun(null);
    setError('');
    setMissing(false);
    setProgress(blank);
  }, [id]);
  useEffect(() => {
    const abort = new AbortController();
    get<Run>(`/api/tests/runs/${encodeURIComponent(id)}`, abort.signal).then(async (body) => {
      setRun({...body, cases: body.cases ?? [], samples: body.samples ?? []});
      setError('');
      if (body.status !== 'running') return;
      const {items} = await get<{items: LiveEvent[]}>(`/api/events?since=${Math.max(0, lastSeq() - recent)}&limit=${recent}`, abort.signal);
      items.filter(({type}) => type === 'tool_progress').forEach(learn);
      const mine = items.filter((event) => event.type === 'test_progress' && event.data.run_id === id);
      // What came live meanwhile is newer.
      setProgress((now) => { const before = mine.reduce(afterEvent, blank); return {done: Math.max(now.done, before.done), total: now.total || before.total, cases: new Map([...before.cases, ...now.cases])}; });
      if (mine.some(({data}) => data.event === 'ended')) setRound((old) => old + 1);
    }).catch((fault: Error) => {
      if (fault.name === 'AbortError') return;
      setMissing(fault instanceof ApiError && fault.status === 404);
      setError(fault.message);
    });
    return () => abort.abort();
  }, [id, round]);
  useHeard('test_progress', (event) => {
    if (event.data.run_id !== id) return;
    setProgress((old) => afterEvent(old, event));
    if (event.data.event === 'ended') setRound((old) => old + 1);
  });
  const reload = useCallback(() => setRound((old) => old + 1), []);
  const running = run?.status === 'running';
  const cases = run === null ? [] : run.cases.length > 0 || !running ? run.cases : [...progress.cases.values()].map(wholeOf);
  return {run, cases, running, progress, error, missing, reload};
}

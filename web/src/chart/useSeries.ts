// Figures over the shared range, one line a query, read on while one looks. Paused it stays as it is.
import {useEffect, useRef, useState} from 'react';
import {ApiError, get} from '../api/client';
import {useLive} from '../live/store';
import {type Choice, spanOf, stepOf} from '../time/range';
import {anomalyScore} from './anomalies';
import {type Anomaly, type Curve, emptyGrid, type Grid, linesOf, merged, readFrom} from './grid';

const leastWindow = 60_000; // checks are seconds apart: a narrower window would have holes
const leastPause = 5000; // the server records every 5 s

export interface Query {key: string; q(window: string): string; anomalies?: boolean} // anomalies: what stands out is asked for, too
export interface Series {at: number[]; values: Map<string, (number | null)[]>; anomalies: Map<string, Anomaly[]>; from: number; to: number; step: number; ready: boolean; error: string}

async function read(q: string, anomalies: boolean, start: number, end: number, step: number, signal: AbortSignal): Promise<Curve | undefined> {
  const search = new URLSearchParams({q, start: new Date(start).toISOString(), end: new Date(end).toISOString(), step: `${step / 1000}s`, ...(anomalies && {anomalies: anomalyScore})});
  try {
    return (await get<{series: Curve[]}>(`/api/metrics?${search}`, signal)).series[0];
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 422)) return undefined; // nobody recorded such a thing so far
    throw error;
  }
}

export function useSeries(queries: Query[], choice: Choice): Series {
  const [state, setState] = useState<{grid: Grid; error: string; ready: boolean} | null>(null);
  const paused = useLive().paused;
  const grid = useRef<Grid | null>(null);
  const moving = 'last' in choice;
  const key = `${'last' in choice ? choice.last : `${choice.from} ${choice.to}`} ${queries.map((one) => one.key).join()}`;
  const asked = useRef('');
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (asked.current !== key) grid.current = null;
    asked.current = key;
    const round = async () => {
      const {from, to} = spanOf(choice, Date.now());
      const old = grid.current;
      const step = old?.step ?? stepOf(to - from);
      const start = old ? readFrom(old) : from;
      try {
        if (!document.hidden || !old) {
          const window = `${Math.max(step, leastWindow) / 1000}s`;
          const answers = await Promise.all(queries.map((one) => read(one.q(window), one.anomalies ?? false, start, to, step, abort.signal)));
          grid.current = merged(old ?? emptyGrid(from, to, step, queries.length), from, to, answers);
          setState({grid: grid.current, error: '', ready: true});
        }
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((last) => ({grid: last?.grid ?? emptyGrid(from, to, step, queries.length), error: (error as Error).message, ready: true}));
      }
      if (moving && !abort.signal.aborted) timer = setTimeout(() => void round(), Math.max(leastPause, step / 3));
    };
    if (!paused || !grid.current) void round();
    return () => { abort.abort(); clearTimeout(timer); };
  }, [key, paused]);
  const shown = state?.grid.curves.length === queries.length ? state : null;
  const made = useRef<{grid: Grid | undefined; series: Series} | null>(null);
  if (!made.current || made.current.grid !== shown?.grid || made.current.series.error !== (shown?.error ?? '')) {
    const {at, values} = shown ? linesOf(shown.grid) : {at: [], values: queries.map(() => [])};
    const span = shown?.grid ?? spanOf(choice, Date.now());
    made.current = {grid: shown?.grid, series: {at, values: new Map(queries.map((one, index) => [one.key, values[index]])), anomalies: new Map(queries.map((one, index) => [one.key, [...(shown?.grid.anomalies[index]?.values() ?? [])]])), from: span.from / 1000, to: span.to / 1000, step: shown?.grid.step ?? 0, ready: shown?.ready ?? false, error: shown?.error ?? ''}};
  }
  return made.current.series;
}

export const lastOf = (values: readonly (number | null)[] | undefined): number | null => values?.findLast((value) => value !== null) ?? null;
export function meanOf(values: readonly (number | null)[] | undefined): number | null {
  const known = values?.filter((value): value is number => value !== null) ?? [];
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

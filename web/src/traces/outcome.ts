// How a trace ended, in one word: its first operation's end, unless something in it went wrong.
import type {Tone} from '../chart/spans';
import {t} from '../messages/en/traces';
import type {Trace, TraceItem, TraceStatus} from './types';

export type Outcome = 'running' | 'done' | 'errors' | 'failed' | 'canceled';
export const outcomes: Outcome[] = ['done', 'errors', 'failed', 'canceled', 'running'];
export const toneOf: Record<Outcome, Tone> = {running: 'info', done: 'ok', errors: 'warn', failed: 'down', canceled: 'idle'};
export const wordOf = (outcome: Outcome): string => t.outcomes[outcome];

export const ofStatus: Record<TraceStatus, Outcome> = {started: 'running', completed: 'done', failed: 'failed', canceled: 'canceled'};

export function outcomeOf({status, failed, ok}: Pick<TraceItem, 'status' | 'failed' | 'ok'>): Outcome {
  if (status === 'started') return 'running';
  if (status === 'failed' || failed > 0) return 'failed';
  if (status === 'canceled') return 'canceled';
  return ok ? 'done' : 'errors';
}

// Of one that runs it is not known yet.
export const durationOf = ({status, duration_ms}: Pick<TraceItem, 'status' | 'duration_ms'>) => (status === 'started' ? null : duration_ms);

// As the list says it of the same trace.
export function outcomeOfTrace({operations}: Trace): Outcome {
  const some = (status: TraceStatus) => operations.some((one) => one.status === status);
  if (some('started')) return 'running';
  const wrong = operations.some(({spans}) => spans?.some(({ok}) => !ok));
  return outcomeOf({status: operations[0]?.status ?? 'completed', failed: operations.filter(({status}) => status === 'failed').length, ok: !wrong});
}

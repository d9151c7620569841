// A run as spans: the run, its cases, and within a case each request with its answer, from the messages as they were on the wire. What
// is drawn was measured: a case of which no messages are kept has none, and what was not answered ends with its case.
import type {JsonObject} from '../../api/types';
import type {Span} from '../../chart/spans';
import {t} from '../../messages/en/tests';
import {type CaseResult, type Exchange, isBad, type Run} from '../types';

const toneOf = (status: CaseResult['status']): Span['tone'] => (isBad(status) ? 'down' : status === 'flaky' ? 'warn' : status === 'passed' ? 'ok' : 'idle');

interface Message {id?: string | number; method?: string; params?: JsonObject; error?: unknown}
function read({text, cut}: Exchange): Message {
  if (!cut)
    try {
      return JSON.parse(text) as Message;
    } catch {
      return {}; // what a hostile server sent
    }
  const id = /"id":\s*(\d+|"[^"]*")/.exec(text)?.[1]; // its end is not there
  return {id: id === undefined ? undefined : (JSON.parse(id) as string | number), method: /"method":\s*"([^"]*)"/.exec(text)?.[1]};
}

// Requests either way, each until its answer.
export function requestsOf(exchanges: Exchange[], end: number): {name: string; from: number; to: number; tone: Span['tone']; word: string}[] {
  const open = new Map<string, number>();
  const out: {name: string; from: number; to: number; tone: Span['tone']; word: string}[] = [];
  for (const one of exchanges) {
    const {id, method, params, error} = read(one);
    if (id === undefined || id === null) continue;
    if (method !== undefined) {
      const what = typeof params?.name === 'string' ? ` ${params.name}` : '';
      open.set(`${one.direction}${JSON.stringify(id)}`, out.length);
      out.push({name: `${one.direction === '<' ? t.askedByServer : ''}${method}${what}`, from: one.at_ms, to: Math.max(end, one.at_ms), tone: 'down', word: t.notAnswered});
      continue;
    }
    const key = `${one.direction === '>' ? '<' : '>'}${JSON.stringify(id)}`;
    const request = out[open.get(key) ?? -1] as (typeof out)[number] | undefined;
    if (!request) continue;
    open.delete(key);
    Object.assign(request, {to: one.at_ms, ...(error === undefined ? {tone: 'info', word: t.answered} : {tone: 'down', word: t.answeredWithError})});
  }
  return out;
}

export function traceOf(run: Pick<Run, 'suite' | 'started' | 'duration_ms' | 'status' | 'cases'>): Span[] {
  const began = Date.parse(run.started);
  const spans: Span[] = [{name: run.suite, depth: 0, from: 0, to: run.duration_ms, tone: toneOf(run.status), word: run.status}];
  const ran = run.cases.filter((one) => !Number.isNaN(Date.parse(one.started)) && one.status !== 'skipped').sort((a, b) => Date.parse(a.started) - Date.parse(b.started));
  for (const one of ran) {
    const from = Math.max(0, Date.parse(one.started) - began);
    spans.push({name: one.name, depth: 1, from, to: from + one.duration_ms, tone: toneOf(one.status), word: one.status, key: one.id});
    // Only of one attempt it is known when it began: with the case.
    const [attempt] = one.attempts;
    if (one.attempts.length !== 1 || !attempt) continue;
    for (const {name, from: at, to, tone, word} of requestsOf(attempt.exchanges, attempt.duration_ms)) spans.push({name, depth: 2, from: from + at, to: from + to, tone, word, key: one.id});
  }
  return spans;
}

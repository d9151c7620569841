// Spans of a trace as the flat list that a waterfall draws: each after its parent, in the order they began.
import {t} from '../messages/en/chart';
import {brief, fixed} from '../ui/format';
import {cell} from './model';

export type Tone = 'ok' | 'warn' | 'down' | 'info' | 'idle';
// Milliseconds since the trace began; word: how it ended; key: of what it opens; critical: the parts of it that nothing else could have made shorter.
export interface Span {name: string; depth: number; from: number; to: number; tone: Tone; word: string; key?: string; critical?: [number, number][]}
export interface Tick {at: number; tone: Tone; key: string} // something that happened at one moment, in the same milliseconds

export function extentOf(spans: Pick<Span, 'from' | 'to'>[]): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const span of spans) {
    from = Math.min(from, span.from);
    to = Math.max(to, span.to);
  }
  return from < to ? [from, to] : [Number.isFinite(from) ? from : 0, (Number.isFinite(from) ? from : 0) + 1];
}

export function took(ms: number): string {
  if (Math.abs(ms) < 1) return `${fixed(ms * 1000, 0)} µs`;
  return Math.abs(ms) < 10_000 ? `${brief(ms)} ms` : `${brief(ms / 1000)} s`;
}
export const criticalOf = ({critical}: Pick<Span, 'critical'>) => (critical ?? []).reduce((sum, [from, to]) => sum + to - from, 0);
export const hasCritical = (spans: Span[]) => spans.some(({critical}) => critical !== undefined);
export function spanText(span: Span, began: number): string {
  const said = t.spanText(span.name, span.word, took(span.to - span.from), took(span.from - began));
  return span.critical?.length ? `${said}, ${t.ofItCritical(took(criticalOf(span)))}` : said;
}

// Round figures between two times, at most so many.
export function spanTicks(from: number, to: number, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) out.push(at);
  return out;
}

export function spansCsv(spans: Span[]): string {
  const critical = hasCritical(spans);
  const head = `name,depth,from (ms),took (ms),ended${critical ? ',critical (ms)' : ''}`;
  return [head, ...spans.map((span) => [cell(span.name), span.depth, span.from, span.to - span.from, cell(span.word), ...(critical ? [criticalOf(span)] : [])].join(','))].join('\n') + '\n';
}

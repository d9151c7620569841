// The time range that all charts share: the last so much, or from one moment to another. It is in the address, so that a link
// shows what its sender saw.
import {locale} from '../messages/language';
import {t} from '../messages/en/time';
export type Choice = {last: string} | {from: number; to: number}; // ms
export const presets = ['15m', '1h', '6h', '24h', '7d', '30d'];
const shortest = 10_000; // a narrower zoom shows single points

const units: Record<string, number> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};
export function durationOf(text: string): number {
  const match = /^(\d{1,4})([smhd])$/.exec(text);
  return match ? Number(match[1]) * units[match[2]] : 0;
}

const momentOf = (text: string | null) => (text ? Date.parse(text) : Number.NaN);

// What an address says; what it does not say, or says wrongly, is `usual`.
export function choiceOf(search: URLSearchParams, usual: Choice): Choice {
  const [from, to] = [momentOf(search.get('from')), momentOf(search.get('to'))];
  if (from < to) return {from, to};
  const last = search.get('range') ?? '';
  return durationOf(last) ? {last} : usual;
}
export const isChosen = (search: URLSearchParams) => search.has('range') || search.has('from');

const seconds = (ms: number) => new Date(Math.round(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
export const searchOf = (choice: Choice): Record<'range' | 'from' | 'to', string> => ('last' in choice ? {range: choice.last, from: '', to: ''} : {range: '', from: seconds(choice.from), to: seconds(choice.to)});

export const spanOf = (choice: Choice, now: number): {from: number; to: number} => ('last' in choice ? {from: now - durationOf(choice.last), to: now} : choice);

// As parameters of the API.
export const parametersOf = (choice: Choice): Record<string, string> => ('last' in choice ? {range: choice.last} : {start: seconds(choice.from), end: seconds(choice.to)});

const steps = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 21_600, 86_400].map((one) => one * 1000);
// About as many points as a chart has room for.
export const stepOf = (span: number, most = 300) => steps.find((step) => span / step <= most) ?? steps[steps.length - 1];

export function textOf(choice: Choice): string {
  if ('last' in choice) return t.last(choice.last.replace(/m$/, ' min').replace(/[shd]$/, ' $&'));
  const day = (ms: number) => new Date(ms).toLocaleDateString(locale(), {day: 'numeric', month: 'short'});
  const clock = (ms: number) => new Date(ms).toLocaleTimeString(locale(), choice.to - choice.from < 600_000 ? undefined : {hour: '2-digit', minute: '2-digit'});
  const sameDay = day(choice.from) === day(choice.to);
  return `${day(choice.from)} ${clock(choice.from)} – ${sameDay ? '' : `${day(choice.to)} `}${clock(choice.to)}`;
}

// Never narrower than can be drawn, never beyond now.
export function zoomed(from: number, to: number, now: number): Choice {
  const wide = Math.max(shortest, to - from);
  const end = Math.min(now, (from + to + wide) / 2);
  return {from: end - wide, to: end};
}

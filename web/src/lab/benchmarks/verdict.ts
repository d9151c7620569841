// Is one run faster than another? From the medians of their rounds: Welch's t interval of the difference of their logarithms, and a
// verdict only where the whole interval says so. The server's own verdict (kind bench, with `versus`) comes from pairs of rounds
// made in turn and is worth more: what slows the machine between two runs slows only one of these.
import {t} from '../../messages/en/benchmarks';
import {decimal} from '../../ui/format';

export type Verdict = 'faster' | 'slower' | 'cannot tell';
export interface Compared {verdict: Verdict; ratio: number; low: number; high: number; why: string}

export const leastRounds = 5;
const least = 0.02; // a smaller difference is none

// Student's t, 97.5 %, by degrees of freedom.
const table: [number, number][] = [[1, 12.706], [2, 4.303], [3, 3.182], [4, 2.776], [5, 2.571], [6, 2.447], [7, 2.365], [8, 2.306], [9, 2.262], [10, 2.228], [12, 2.179], [15, 2.131], [20, 2.086], [30, 2.042], [60, 2], [120, 1.98]];
// Between two rows the larger one: the interval is rather too wide than too narrow.
export const tOf = (freedom: number) => table.findLast(([degrees]) => degrees <= freedom)?.[1] ?? table[0][1];

const percent = (ratio: number) => `${ratio >= 1 ? '+' : '−'}${decimal(Math.abs((ratio - 1) * 100), 1)} %`;
const logsOf = (values: number[]) => values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: number[], middle: number) => values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);

export function compareRounds(before: number[], after: number[]): Compared {
  const a = logsOf(before);
  const b = logsOf(after);
  const none = {verdict: 'cannot tell' as const, ratio: a.length && b.length ? Math.exp(mean(b) - mean(a)) : 1, low: 0, high: Number.POSITIVE_INFINITY};
  if (a.length < leastRounds || b.length < leastRounds) return {...none, why: t.tooFewRounds(Math.min(a.length, b.length), leastRounds)};
  const [from, to] = [mean(a), mean(b)];
  const [errorA, errorB] = [variance(a, from) / a.length, variance(b, to) / b.length];
  const both = errorA + errorB;
  const freedom = both > 0 ? both ** 2 / (errorA ** 2 / (a.length - 1) + errorB ** 2 / (b.length - 1)) : a.length + b.length - 2;
  const reach = tOf(freedom) * Math.sqrt(both);
  const [ratio, low, high] = [Math.exp(to - from), Math.exp(to - from - reach), Math.exp(to - from + reach)];
  const interval = t.confidence(percent(ratio), percent(low), percent(high), a.length, b.length);
  if (high < 1 - least) return {verdict: 'faster', ratio, low, high, why: t.lessTime(interval)};
  if (low > 1 + least) return {verdict: 'slower', ratio, low, high, why: t.moreTime(interval)};
  if (low >= 1 - least && high <= 1 + least) return {verdict: 'cannot tell', ratio, low, high, why: t.noDifference(interval)};
  return {verdict: 'cannot tell', ratio, low, high, why: t.bothWays(interval)};
}

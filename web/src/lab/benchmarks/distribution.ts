// Latencies of two runs on one axis. The server counts between quarters of powers of two, the same for every run (lab/run/latency.hpp).
import type {Json, JsonObject} from '../../api/types';
import type {Distribution} from '../../chart/Histogram';
import {locale} from '../../messages/language';
import {benchmarks as english, t} from '../../messages/en/benchmarks';
import type {Cell} from './grid';

interface Counted {bounds: number[]; counts: number[]} // ms

const numbers = (value: Json | undefined): number[] => (Array.isArray(value) ? value.filter((one): one is number => typeof one === 'number') : []);
export function countedOf(figures: JsonObject): Counted | null {
  const told = figures.distribution;
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return null;
  const [bounds, counts] = [numbers(told.bounds_ms), numbers(told.counts)];
  return counts.length > 0 && bounds.length === counts.length + 1 ? {bounds, counts} : null;
}

// From one bound to the next: a quarter of the power of two below it.
const nextBound = (ms: number) => {
  const us = Math.round(ms * 2000) / 2; // halves of µs are exact
  return (us + 2 ** Math.floor(Math.log2(us)) / 4) / 1000;
};
const key = (ms: number) => Math.round(ms * 2000);

// All of them over the bounds that any of them has.
export function onOneAxis(all: Counted[]): {bounds: number[]; counts: number[][]} {
  const low = Math.min(...all.map(({bounds}) => bounds[0]));
  const high = Math.max(...all.map(({bounds}) => bounds[bounds.length - 1]));
  const bounds = [low];
  while (bounds.length < 200 && key(bounds[bounds.length - 1]) < key(high)) bounds.push(nextBound(bounds[bounds.length - 1]));
  const place = new Map(bounds.map((bound, at) => [key(bound), at]));
  return {bounds, counts: all.map((one) => {
    const out = Array<number>(bounds.length - 1).fill(0);
    one.counts.forEach((count, at) => { const to = place.get(key(one.bounds[at])); if (to !== undefined) out[to] += count; });
    return out;
  })};
}

// The newest run of a case as A, what it is compared with as B: the baseline, or the run before it.
export function overlayOf(cells: (Cell | null)[], baseline: string): {bounds: number[]; series: Distribution[]} | null {
  const known = cells.flatMap((cell) => {
    const counted = cell && countedOf(cell.result.figures);
    return cell && counted ? [{cell, counted}] : [];
  });
  const newest = known.at(-1);
  if (!newest) return null;
  const other = known.find(({cell}) => cell.run.id === baseline) ?? known.at(-2);
  const chosen = other && other !== newest ? [newest, other] : [newest];
  const {bounds, counts} = onOneAxis(chosen.map(({counted}) => counted));
  return {bounds, series: chosen.map(({cell}, rank) => ({
    name: `${chosen.length > 1 ? `${'AB'[rank]}, ` : ''}${t.runOf(new Date(cell.run.started).toLocaleString(locale()))}`, column: `${chosen.length > 1 ? `${'AB'[rank]}, ` : ''}${english.runOf(new Date(cell.run.started).toISOString())}`, counts: counts[rank],
    quantiles: [{name: 'p50', value: cell.p50}, {name: 'p99', value: cell.p99}],
  }))};
}

// Values counted between bounds, step by step, as /api/metrics/distribution answers: what heatmaps and histograms are drawn from.
import {t} from '../messages/en/chart';
import {cell, figure, inFile} from './model';

export interface Buckets {step_ms: number; bounds: number[]; times: number[]; counts: (number[] | null)[]; count: number; not_above_zero: number; min: number | null; max: number | null; p50: number | null; p90: number | null; p95: number | null; p99: number | null}

export const bucketText = (bounds: number[], bucket: number, unit: string) => t.fromTo(figure(bounds[bucket], ''), figure(bounds[bucket + 1], unit));

// All steps together.
export function totals({bounds, counts}: Pick<Buckets, 'bounds' | 'counts'>): number[] {
  const out = Array<number>(Math.max(0, bounds.length - 1)).fill(0);
  for (const step of counts) step?.forEach((count, bucket) => { out[bucket] += count; });
  return out;
}

// Where a value lies on the axis of the buckets, 0 to 1: bounds grow by a factor, so it goes by the logarithm.
export function shareOf(bounds: number[], value: number): number {
  const [low, high] = [bounds[0], bounds[bounds.length - 1]];
  return Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));
}

// 1, 2 and 5 of each decade within the bounds; of many decades only 1.
export function roundValues(bounds: number[], most: number): number[] {
  const [low, high] = [bounds[0], bounds[bounds.length - 1]];
  const of = (steps: number[]) => {
    const out: number[] = [];
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++)
      for (const step of steps) if (step * 10 ** decade >= low && step * 10 ** decade <= high) out.push(Number((step * 10 ** decade).toPrecision(1)));
    return out;
  };
  return [[1, 2, 5], [1, 3], [1]].map(of).find((values) => values.length <= most) ?? of([1]).filter((_, index, all) => index % Math.ceil(all.length / Math.max(1, most)) === 0);
}

export function heatCsv({bounds, times, counts}: Buckets, unit: string): string {
  const head = ['time', ...bounds.slice(0, -1).map((_, bucket) => cell(`${inFile(bounds[bucket], '')} to ${inFile(bounds[bucket + 1], unit)}`))].join(',');
  return [head, ...times.map((time, at) => [new Date(time).toISOString(), ...(counts[at] ?? bounds.slice(1).map(() => ''))].join(','))].join('\n') + '\n';
}
export function histogramCsv(bounds: number[], series: {name: string; column?: string; counts: number[]}[], unit: string): string {
  const head = ['from', 'to', ...series.map(({name, column = name}) => cell(column))].map((word, at) => (at < 2 && unit ? `${word} (${unit})` : word)).join(',');
  return [head, ...bounds.slice(0, -1).map((low, bucket) => [low, bounds[bucket + 1], ...series.map(({counts}) => counts[bucket])].join(','))].join('\n') + '\n';
}

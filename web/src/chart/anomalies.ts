// What the server's detector found of a curve (docs/metrics-api.md), as marks of their own shape, with words.
import {t} from '../messages/en/chart';
import type {Anomaly} from './grid';
import {figure, type Marker} from './model';

export const anomalyScore = '5'; // latencies have long tails: the 3.5 of the textbook would mark too much

// Neighbours of a lasting change, at most `step` apart, are one mark. All in milliseconds.
export function anomalyMarkers(name: string, anomalies: Anomaly[], unit: string, step: number): Marker[] {
  return anomalies.flatMap(({time, value, expected, score}, index, all) => {
    const before = all[index - 1];
    if (before && step > 0 && time - before.time <= step && Math.sign(before.score) === Math.sign(score)) return [];
    return [{at: time / 1000, text: `${name && `${name}: `}${(score > 0 ? t.unusuallyHigh : t.unusuallyLow)(figure(value, unit), figure(expected, unit))}`, tone: 'warn' as const, kind: 'anomaly' as const}];
  });
}

// The series of an answer on one time axis, and where in a query its fault is.
import {anomalyMarkers} from '../../chart/anomalies';
import {type Line, type Marker, mostLines} from '../../chart/model';
import {t} from '../../messages/en/analytics';
import type {Curve, MetricName} from './types';

export function nameOf({name, labels}: Pick<Curve, 'name' | 'labels'>): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return parts.length ? parts.join(', ') : name || t.all;
}

// The largest first; what a series lacks at a time is a gap, and so is a step at which none has anything.
export function alignedOf(curves: Curve[], step = 0): {at: number[]; lines: Line[]; left: number} {
  const peak = ({points}: Curve) => points.reduce((most, [, value]) => Math.max(most, Math.abs(value ?? 0)), 0);
  const shown = [...curves].sort((a, b) => peak(b) - peak(a)).slice(0, mostLines);
  const known = [...new Set(shown.flatMap(({points}) => points.map(([time]) => time)))].sort((a, b) => a - b);
  const times = step > 0 ? known.flatMap((time, index) => (index > 0 && time - known[index - 1] > 1.5 * step ? [known[index - 1] + step, time] : [time])) : known;
  const place = new Map(times.map((time, index) => [time, index]));
  const lines = shown.map((curve) => {
    const values = Array<number | null>(times.length).fill(null);
    for (const [time, value] of curve.points) values[place.get(time) ?? 0] = value;
    return {name: nameOf(curve), values};
  });
  return {at: times.map((time) => time / 1000), lines, left: curves.length - shown.length};
}

// What stands out of the curves of an answer.
export const anomaliesOf = (curves: Curve[], unit: string, step = 0): Marker[] => curves.flatMap((curve) => anomalyMarkers(curves.length > 1 ? nameOf(curve) : '', curve.anomalies ?? [], unit, step));

// The unit of an answer: that of its metric, a second where it is a rate, none where points are counted.
export function unitOf(query: string, names: MetricName[]): string {
  const unit = names.find(({name}) => query.split(/[^\w.:-]+/).includes(name))?.unit ?? '';
  if (query.startsWith('rate(')) return unit === 'B' ? 'B/s' : `${unit}/s`;
  return query.startsWith('count(') ? '' : unit;
}

// "column 7: …" of the server: from 1, in bytes; here in characters, from 0.
export function faultColumn(message: string, query: string): number | null {
  const match = /column (\d+)/.exec(message);
  if (!match) return null;
  const bytes = new TextEncoder().encode(query).slice(0, Number(match[1]) - 1);
  return new TextDecoder().decode(bytes).length;
}

// What was changed, in words.
export const changeWord = (what: string) => (t.changes as Record<string, string>)[what] ?? what.replace('config_changed: ', '').replaceAll('_', ' ');

// The figures behind an alert or a rehearsal, with the threshold as a line of its own.
import {lazy, Suspense} from 'react';
import type {Line, Marker} from '../chart/model';
import {t} from '../messages/en/alerts';
import type {Curve, Episode} from './types';

const Chart = lazy(() => import('../chart/Chart'));

export function linesOf(curves: Curve[], threshold?: number): {at: number[]; lines: Line[]} {
  const at = [...new Set(curves.flatMap(({points}) => points.map(([ms]) => ms / 1000)))].sort((a, b) => a - b);
  const lines: Line[] = curves.map(({name, labels, points}) => {
    const values = new Map(points.map(([ms, value]) => [ms / 1000, value]));
    return {name: Object.values(labels).join(' ') || name, values: at.map((time) => values.get(time) ?? null)};
  });
  if (threshold !== undefined) lines.push({name: 'threshold', values: at.map(() => threshold), colour: '--warn'});
  return {at, lines};
}

export function Evidence({title, curves, episodes, threshold}: {title: string; curves: Curve[]; episodes: Episode[]; threshold?: number}) {
  const {at, lines} = linesOf(curves, threshold);
  const markers: Marker[] = episodes.slice(0, 20).map(({from}) => ({at: Date.parse(from) / 1000, text: t.fired, tone: 'down'}));
  if (at.length === 0) return null;
  return <Suspense fallback={null}><Chart title={title} at={at} lines={lines} markers={markers} height={140} /></Suspense>;
}

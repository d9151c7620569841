// Single measurements over time: where each lies, which is meant by a place or a key, and the same as CSV. Pure.
import {axisRoom, cell, edgeRoom} from './model';
import type {Tone} from './spans';

export interface Point {key: string; at: number; value: number; tone: Tone; name: string; word: string} // ms; word: how it ended; value of an unfinished one: how far it has come
export interface Frame {left: number; top: number; wide: number; high: number; from: number; to: number; least: number; most: number}

export const foot = 22;
const above = 8;

// The axis of values: whole decades around what there is, one at least.
export function decades(points: Point[]): [number, number] {
  const known = points.map(({value}) => value).filter((value) => value > 0);
  if (known.length === 0) return [1, 1000];
  const [least, most] = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Number.POSITIVE_INFINITY, 0]);
  const low = 10 ** Math.floor(Math.log10(least));
  return [low, Math.max(low * 10, 10 ** Math.ceil(Math.log10(most)))];
}

export function frameOf(width: number, height: number, from: number, to: number, [least, most]: [number, number]): Frame {
  return {left: axisRoom, top: above, wide: Math.max(1, width - axisRoom - edgeRoom), high: Math.max(1, height - above - foot), from, to: Math.max(to, from + 1), least, most};
}
export const placeX = (frame: Frame, at: number) => frame.left + ((at - frame.from) / (frame.to - frame.from)) * frame.wide;
export const timeAt = (frame: Frame, x: number) => frame.from + ((Math.max(frame.left, Math.min(frame.left + frame.wide, x)) - frame.left) / frame.wide) * (frame.to - frame.from);
// What took no time at all has no logarithm: it lies on the ground.
export const placeY = (frame: Frame, value: number) => frame.top + (1 - Math.max(0, Math.min(1, Math.log(Math.max(value, frame.least) / frame.least) / Math.log(frame.most / frame.least)))) * frame.high;

// The point nearest to a place, within reach.
export function nearest(points: Point[], frame: Frame, x: number, y: number, reach = 12): number | null {
  let found: number | null = null;
  let best = reach * reach;
  points.forEach(({at, value}, index) => {
    const far = (placeX(frame, at) - x) ** 2 + (placeY(frame, value) - y) ** 2;
    if (far <= best) [found, best] = [index, far];
  });
  return found;
}

// Where a key leads: left and right in time, up and down to the next slower or faster one. `order` is of the points by time.
export function pointAfter(points: Point[], order: number[], chosen: number | null, key: string, step: number): number | null {
  if (points.length === 0) return null;
  const place = chosen === null ? null : order.indexOf(chosen);
  const inTime = (to: number) => order[Math.max(0, Math.min(order.length - 1, to))];
  if (key === 'Home') return inTime(0);
  if (key === 'End') return inTime(order.length - 1);
  if (key === 'ArrowLeft') return inTime(place === null ? order.length - 1 : place - step);
  if (key === 'ArrowRight') return inTime(place === null ? 0 : place + step);
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null;
  const byValue = points.map((_, index) => index).sort((a, b) => points[a].value - points[b].value || a - b);
  if (chosen === null) return key === 'ArrowUp' ? byValue[byValue.length - 1] : byValue[0];
  return byValue[Math.max(0, Math.min(byValue.length - 1, byValue.indexOf(chosen) + (key === 'ArrowUp' ? step : -step)))];
}
export const inOrder = (points: Point[]) => points.map((_, index) => index).sort((a, b) => points[a].at - points[b].at || a - b);

export function scatterCsv(points: Point[], unit: string): string {
  return [`time,name,${unit},ended`, ...points.map(({at, name, value, word}) => [new Date(at).toISOString(), cell(name), value, cell(word)].join(','))].join('\n') + '\n';
}

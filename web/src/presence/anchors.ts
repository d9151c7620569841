// From a place on the screen to what is shown there, and back: a chart's time and value, or a share of an element that has a name.
// So a cursor lands right at any width, theme and scroll, or nowhere where the other does not have that row.
import {chartAt, chartNamed} from '../chart/shown';
import type {Anchor} from './types';

export interface Place {x: number; y: number}
const named = '[data-anchor], [data-testid], main[id]';
const nameOf = (element: Element) => element.getAttribute('data-anchor') ?? element.getAttribute('data-testid') ?? element.id;
const share = (at: number, from: number, size: number) => (size > 0 ? Math.min(1, Math.max(0, (at - from) / size)) : 0);
const round = (value: number) => Number(value.toFixed(4));

export function anchorAt(target: Element | null, x: number, y: number): Anchor | null {
  const chart = target && chartAt(target);
  if (chart) {
    const at = chart.dataAt(x, y);
    if (at) return {chart: chart.name, time: round(at.time), value: Number(at.value.toPrecision(6))};
  }
  const element = target?.closest(named);
  if (!element) return null;
  const name = nameOf(element);
  const box = element.getBoundingClientRect();
  // Of what scrolls, a share of all there is, not of what one happens to see.
  const [top, height] = element.scrollHeight > box.height ? [box.top - element.scrollTop, element.scrollHeight] : [box.top, box.height];
  return name.length > 300 ? null : {element: name, x: round(share(x, box.left, box.width)), y: round(share(y, top, height))};
}

export function elementOf(name: string): Element | null {
  const quoted = CSS.escape(name);
  return document.querySelector(`[data-anchor="${quoted}"], [data-testid="${quoted}"], main#${quoted}`);
}

export function placeOf(anchor: Anchor): Place | null {
  if (anchor.chart !== undefined) return chartNamed(anchor.chart)?.placeAt(anchor.time ?? 0, anchor.value ?? 0) ?? null;
  const element = anchor.element === undefined ? null : elementOf(anchor.element);
  if (!element) return null;
  const box = element.getBoundingClientRect();
  if (box.width === 0) return null;
  const [top, height] = element.scrollHeight > box.height ? [box.top - element.scrollTop, element.scrollHeight] : [box.top, box.height];
  const place = {x: box.left + (anchor.x ?? 0) * box.width, y: top + (anchor.y ?? 0) * height};
  return place.y < 0 || place.y > innerHeight ? null : place;
}

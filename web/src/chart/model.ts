// What a chart shows, apart from how it is drawn: lines over one time axis, their figures, and the same as a table and as CSV.
import {t} from '../messages/en/chart';
import {brief, bytes, fixed} from '../ui/format';

export interface Line {name: string; values: (number | null)[]; colour?: string; column?: string} // colour: the name of a CSS variable; column: its name in files, where that is another: files are English
export interface Marker {at: number; text: string; tone: 'ok' | 'warn' | 'down' | 'info' | 'idle'; to?: number; note?: boolean; kind?: 'anomaly'} // seconds; what somebody wrote is named on the chart
export const mostLines = 8; // more cannot be told apart
export const axisRoom = 62; // pixels left of every plot, so that all time axes of a page begin alike
export const edgeRoom = 8; // right of a plot without names

export const colourOf = (line: Pick<Line, 'colour'>, rank: number) => line.colour ?? `--series-${(rank % mostLines) + 1}`;
// From the fifth on colour is not enough.
export const dashOf = (rank: number): number[] | undefined => (rank < 4 ? undefined : [[6, 3], [2, 3], [8, 3, 2, 3], [4, 2]][rank % 4]);

export function figure(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'B') return bytes(value);
  if (unit === 'ms' && Math.abs(value) >= 10_000) return `${fixed(value / 1000, 1)} s`;
  if (unit === 'kbit/s' && Math.abs(value) >= 1000) return `${brief(value / 1000)} Mbit/s`;
  const digits = Math.abs(value) >= 100 ? fixed(value, 0) : brief(value);
  return unit ? `${digits} ${unit}` : digits;
}
// As files have it, whatever the language shown.
export function inFile(value: number, unit: string): string {
  if (unit === 'ms' && Math.abs(value) >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  const digits = String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
  return unit ? `${digits} ${unit}` : digits;
}

// Alone between gaps: without a dot of its own it could not be seen.
export function isolated(values: ArrayLike<number | null | undefined>): number[] {
  const has = (at: number) => values[at] !== null && values[at] !== undefined;
  const alone: number[] = [];
  for (let at = 0; at < values.length; at++) if (has(at) && !has(at - 1) && !has(at + 1)) alone.push(at);
  return alone;
}

// The last value, where `index` is none.
export const valueAt = (line: Line, index: number | null) => (index === null ? (line.values.findLast((value) => value !== null) ?? null) : (line.values[index] ?? null));

export function summary(title: string, lines: Line[], unit: string): string {
  const said = lines.map((line) => {
    const known = line.values.filter((value): value is number => value !== null);
    if (known.length === 0) return t.noPoints(line.name);
    return t.spread(line.name, figure(Math.min(...known), unit), figure(Math.max(...known), unit), figure(known[known.length - 1], unit));
  });
  return `${title}: ${said.join('; ') || t.nothing}`;
}

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
// A spreadsheet runs what begins like a formula.
export const cell = (text: string) => quoted(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

export function csvOf(at: number[], lines: Line[], unit: string): string {
  const head = ['time', ...lines.map(({name, column = name}) => cell(unit ? `${column} (${unit})` : column))].join(',');
  return [head, ...at.map((time, index) => [new Date(time * 1000).toISOString(), ...lines.map(({values}) => values[index] ?? '')].join(','))].join('\n') + '\n';
}

// Names at the ends of their lines: moved apart until none covers another.
export function spread(wanted: number[], tall: number, least: number, most: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  let above = least - tall;
  for (const index of order) above = places[index] = Math.max(places[index], above + tall);
  let below = most + tall;
  for (const index of order.reverse()) below = places[index] = Math.min(places[index], below - tall);
  return places;
}

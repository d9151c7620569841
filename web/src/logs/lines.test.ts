import {expect, test} from 'vitest';
import type {LogLine} from '../api/types';
import {Lines} from './lines';
import {levels, type LogFilter, noLogFilter} from './types';

const line = (n: number, more: Partial<LogLine> = {}): LogLine => ({server: n % 3 === 0 ? 'db' : 'web', log_seq: n, time: new Date(1_700_000_000_000 + n * 10).toISOString(), stream: 'stderr', level: levels[n % 5], message: `line ${n}`, ...more});
const some = (from: number, to: number) => Array.from({length: to - from}, (_, at) => line(from + at));
const all = (lines: Lines) => lines.rows(lines.base, lines.base + lines.count).map((row) => row.seq);
function filtered(lines: Lines, filter: Partial<LogFilter>): number[] {
  lines.setFilter({...noLogFilter, ...filter}, lines.turn + 1);
  while (lines.work(0));
  return all(lines);
}
// What a filter means, without blocks, buffers or slices.
const meant = (lines: LogLine[], {levels: wanted = [], servers = [], text = '', regular = false}: Partial<LogFilter>) =>
  lines.filter((one) => (wanted.length === 0 || wanted.includes(one.level)) && (servers.length === 0 || servers.includes(one.server)) && (regular ? new RegExp(text, 'i').test(one.message) : one.message.toLowerCase().includes(text.toLowerCase()))).map((one) => one.log_seq);

const filters: Partial<LogFilter>[] = [{}, {text: 'LINE 12'}, {text: 'e 9'}, {levels: ['error', 'debug']}, {servers: ['db']}, {text: '7', levels: ['warning'], servers: ['web']}, {text: '1[0-3]5$', regular: true}, {text: 'nowhere'}, {servers: ['none']}];

test('every filter finds what it means, before and after lines come at both ends', {timeout: 30_000}, () => {
  const lines = new Lines();
  const kept = some(2500, 5600);
  lines.append(kept.slice(0, 2500));
  for (const filter of filters) expect(filtered(lines, filter)).toEqual(meant(kept.slice(0, 2500), filter));
  for (const filter of filters) {
    const grown = new Lines();
    grown.append(kept.slice(0, 2500));
    filtered(grown, filter);
    grown.append(kept.slice(2500));
    grown.prepend(some(0, 2500));
    while (grown.work(0));
    expect(all(grown)).toEqual(meant([...some(0, 2500), ...kept], filter));
  }
});
test('lines arrive after those that were read first', () => {
  for (const filter of filters) {
    const lines = new Lines();
    lines.prepend(some(0, 3));
    filtered(lines, filter);
    lines.append(some(3, 2100));
    expect(all(lines)).toEqual(meant(some(0, 2100), filter));
    expect(filtered(lines, {})).toHaveLength(2100);
    expect(lines.rows(lines.base, lines.base + 5).map(({text}) => text)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
  }
});
test('a line is there once, however often it comes', () => {
  const lines = new Lines();
  lines.append(some(100, 200));
  lines.append(some(150, 220));
  lines.prepend(some(50, 130));
  while (lines.work(0));
  expect(all(lines)).toEqual(some(50, 220).map((one) => one.log_seq));
});
test('what one reads keeps its number while lines come before and after it', () => {
  const lines = new Lines();
  lines.append(some(5000, 6000));
  const number = lines.rowOf('web', 5500);
  lines.append(some(6000, 9000));
  lines.prepend(some(0, 5000));
  while (lines.work(0));
  expect(lines.rowOf('web', 5500)).toBe(number);
  expect(lines.rows(number ?? 0, (number ?? 0) + 1)[0].seq).toBe(5500);
});
test('a million is the most: the oldest go, and the numbers of the others stay', () => {
  const lines = new Lines(() => 0, 6000);
  lines.append(some(0, 6000));
  const number = lines.rowOf('web', 5000);
  lines.append(some(6000, 7000));
  expect(lines.total).toBeLessThanOrEqual(6000);
  expect(lines.full).toBe(true);
  expect(lines.rowOf('web', 5000)).toBe(number);
  expect(lines.rowOf('web', 1)).toBeNull();
  lines.prepend(some(0, 3000));
  expect(lines.total).toBeLessThanOrEqual(6000);
});
test('the filter is worked off from the newest, in slices', () => {
  const lines = new Lines(() => 0);
  let clock = 0;
  const slow = new Lines(() => ++clock);
  slow.append(some(0, 10_000));
  slow.setFilter({...noLogFilter, text: 'line'}, 1);
  expect(slow.work(0)).toBe(true);
  expect(slow.state().done).toBe(false);
  expect(all(slow).at(-1)).toBe(9999);
  expect(slow.count).toBeLessThan(5000);
  while (slow.work(0));
  expect(slow.state()).toMatchObject({count: 10_000, done: true, base: -10_000});
  expect(lines.state().count).toBe(0);
});
test('a wrong expression says what is wrong and fits nothing', () => {
  const lines = new Lines();
  lines.append(some(0, 10));
  expect(filtered(lines, {text: '(', regular: true})).toEqual([]);
  expect(lines.state().fault).toContain('group');
  filtered(lines, {text: 'x', regular: true});
  expect(lines.state().fault).toBe('');
});
test('levels are counted but for the level itself', () => {
  const lines = new Lines();
  lines.append(some(0, 1000));
  filtered(lines, {levels: ['error'], servers: ['db']});
  expect(lines.count).toBe(67);
  expect(lines.state().levels.reduce((sum, one) => sum + one)).toBe(334);
});
test('text of any kind comes back as it was', () => {
  const lines = new Lines();
  const strange = ['', 'a\nb\n', '日本語 İstanbul 🦊', '\u001b[31mred', '{"a":1}', 'x'.repeat(20_000)];
  lines.append(strange.map((message, n) => line(n, {message})));
  lines.append(some(10, 5000)); // the block is sealed
  expect(lines.rows(lines.base, lines.base + 6).map((row) => row.text)).toEqual(strange);
  expect(filtered(lines, {text: 'STANBUL'})).toEqual([2]);
  expect(filtered(lines, {text: '{"a'})).toEqual([4]);
});
test('around a line are its neighbours, whatever the filter, over the ends of blocks', () => {
  const lines = new Lines();
  lines.append(some(0, 6000));
  filtered(lines, {text: 'nowhere'});
  for (const n of [0, 5, 2047, 2048, 4095, 4100, 5999]) expect(lines.context(n % 3 === 0 ? 'db' : 'web', n, 3)?.map((row) => row.seq)).toEqual(some(Math.max(0, n - 3), Math.min(6000, n + 4)).map((one) => one.log_seq));
  expect(lines.context('db', 7000, 3)).toBeNull();
});
test('a histogram has every line that fits, and leads to its moment', () => {
  const lines = new Lines();
  expect(lines.histogram(10)).toBeNull();
  lines.append(some(0, 1000));
  const {all: bins, warnings, errors, from} = lines.histogram(10) ?? {all: [], warnings: [], errors: [], from: 0};
  expect(bins).toEqual(Array.from({length: 10}).fill(100));
  expect([warnings[3], errors[3]]).toEqual([20, 20]);
  expect(lines.rowAt(from + 5000) - lines.base).toBe(500);
  expect(lines.rowAt(from + 1e9) - lines.base).toBe(999);
});

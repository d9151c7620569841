import {expect, test} from 'vitest';
import {choiceOf, durationOf, parametersOf, searchOf, spanOf, stepOf, textOf, zoomed} from './range';

const usual = {last: '1h'};
const read = (text: string) => choiceOf(new URLSearchParams(text), usual);

test('an address says the range, and nonsense is the usual one', () => {
  expect(read('range=6h')).toEqual({last: '6h'});
  expect(read('from=2026-11-22T07:00:00Z&to=2026-11-22T07:05:00Z')).toEqual({from: Date.UTC(2026, 10, 22, 7), to: Date.UTC(2026, 10, 22, 7, 5)});
  for (const wrong of ['', 'range=soon', 'range=0h', 'from=2026-11-22T07:05:00Z&to=2026-11-22T07:00:00Z', 'from=x&to=y']) expect(read(wrong)).toEqual(usual);
});
test('what is written into an address is read from it again', () => {
  for (const choice of [{last: '7d'}, {from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2)}]) {
    const search = new URLSearchParams(Object.entries(searchOf(choice)).filter(([, value]) => value));
    expect(choiceOf(search, usual)).toEqual(choice);
  }
});
test('the API is asked for the same', () => {
  expect(parametersOf({last: '6h'})).toEqual({range: '6h'});
  expect(parametersOf({from: 0, to: 60_000})).toEqual({start: '1970-01-01T00:00:00Z', end: '1970-01-01T00:01:00Z'});
  expect(spanOf({last: '15m'}, 1_000_000)).toEqual({from: 100_000, to: 1_000_000});
});
test('a step leaves no more points than there is room for', () => {
  expect(['15m', '1h', '6h', '24h', '7d', '30d'].map((one) => stepOf(durationOf(one)) / 1000)).toEqual([5, 15, 120, 300, 3600, 10_800]);
  expect(stepOf(1e15)).toBe(86_400_000);
});
test('a zoom is never too narrow nor in the future', () => {
  expect(zoomed(50_000, 51_000, 1e9)).toEqual({from: 45_500, to: 55_500});
  expect(zoomed(90_000, 110_000, 100_000)).toEqual({from: 80_000, to: 100_000});
});
test('a range is said in words', () => {
  expect(textOf({last: '24h'})).toBe('Last 24 h');
  expect(textOf({last: '15m'})).toBe('Last 15 min');
  expect(textOf({from: Date.UTC(2026, 10, 22, 7), to: Date.UTC(2026, 10, 22, 9)})).toMatch(/ – \d\d:\d\d$/);
});

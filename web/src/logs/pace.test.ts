import {expect, test} from 'vitest';
import {Pace} from './pace';

test('many a second are read in pages, until few come for a while', () => {
  let now = 0;
  const pace = new Pace(() => now);
  const second = (lines: number) => { now += 1000; return pace.add(lines); };
  expect(second(1000)).toBe(false);
  expect(second(2000)).toBe(true);
  expect(pace.many).toBe(true);
  expect([second(1200), second(500), second(900), second(100), second(100)]).toEqual([false, false, false, false, false]); // not three calm seconds yet
  expect(second(0)).toBe(true);
  expect(pace.many).toBe(false);
});
test('a burst that is over within a second after a quiet time is not many', () => {
  let now = 0;
  const pace = new Pace(() => now);
  now = 60_000;
  expect(pace.add(1)).toBe(false);
  now += 10;
  for (let i = 0; i < 2000; i++) expect(pace.add(1)).toBe(false);
  now += 10_000;
  expect(pace.add(1)).toBe(false);
  expect(pace.many).toBe(false);
});

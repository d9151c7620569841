import {expect, test} from 'vitest';
import {scrollTo, tallest, windowOf} from './window';

test('only what is in view and a little more is drawn', () => {
  expect(windowOf(1000, 20, 2000, 400, 5)).toMatchObject({first: 95, last: 125, height: 20_000});
  expect(windowOf(3, 20, 0, 400, 5)).toMatchObject({first: 0, last: 3, height: 60});
  expect(windowOf(1000, 20, 2000, 400).place(100)).toBe(2000);
});
test('a list that is taller than an element may be still reaches both its ends', () => {
  const count = 2_000_000, view = 800;
  const start = windowOf(count, 20, 0, view, 0);
  expect(start.height).toBe(tallest);
  expect([start.first, start.place(0)]).toEqual([0, 0]);
  const end = windowOf(count, 20, tallest - view, view, 0);
  expect(end.last).toBe(count);
  expect(Math.round(end.place(count - 1))).toBe(tallest - 20);
});
test('to scroll to a row is to see it, also in the tallest list', () => {
  for (const count of [1000, 1_000_000, 5_000_000])
    for (const align of [0, 0.5, 1])
      for (const row of [0, 7, Math.floor(count / 3), count - 1]) {
        const top = scrollTo(row, count, 20, 800, align);
        const {first, last, place} = windowOf(count, 20, top, 800, 0);
        expect(row).toBeGreaterThanOrEqual(first);
        expect(row).toBeLessThan(last);
        expect(place(row) - top).toBeGreaterThanOrEqual(-20);
        expect(place(row) - top).toBeLessThanOrEqual(800);
      }
});

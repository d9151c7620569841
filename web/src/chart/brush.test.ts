import {expect, test} from 'vitest';
import {afterKey, drawn, leastOf, moved, partOf, type Range} from './brush';

const whole: Range = [0, 100];

test('what reaches from end to end is the whole', () => {
  expect(partOf(whole, [0, 100])).toBeNull();
  expect(partOf(whole, [1, 100])).toEqual([1, 100]);
});
test('a part is moved as it is, and stays within the whole', () => {
  expect(moved(whole, [20, 40], 'part', 10)).toEqual([30, 50]);
  expect(moved(whole, [20, 40], 'part', 90)).toEqual([80, 100]);
  expect(moved(whole, [20, 40], 'part', -90)).toEqual([0, 20]);
});
test('its ends do not pass each other', () => {
  expect(moved(whole, [20, 40], 'from', 50)).toEqual([40 - leastOf(whole), 40]);
  expect(moved(whole, [20, 40], 'to', -50)).toEqual([20, 20 + leastOf(whole)]);
  expect([moved(whole, [20, 40], 'from', -50), moved(whole, [20, 40], 'to', 500)]).toEqual([[0, 40], [20, 100]]);
});
test('what was narrowed by other means is not widened by a touch of an end', () => {
  const narrow: Range = [20, 20.01];
  expect(moved(whole, narrow, 'to', 0)[1]).toBeCloseTo(20.01, 9);
});
test('a part is drawn either way, and never too narrow to be gripped', () => {
  expect([drawn(whole, 30, 60), drawn(whole, 60, 30), drawn(whole, -5, 500)]).toEqual([[30, 60], [30, 60], [0, 100]]);
  expect(drawn(whole, 50, 50)).toEqual([50, 50 + leastOf(whole)]);
  const [from, to] = drawn(whole, 100, 100);
  expect(to).toBe(100);
  expect(to - from).toBeCloseTo(leastOf(whole), 9);
});
test('keys move a grip by steps, or as far as it goes', () => {
  expect(afterKey(whole, [20, 40], 'from', 'ArrowRight', false)).toEqual([21, 40]);
  expect(afterKey(whole, [20, 40], 'to', 'ArrowLeft', true)).toEqual([20, 30]);
  expect(afterKey(whole, [20, 40], 'part', 'End', false)).toEqual([80, 100]);
  expect(afterKey(whole, [20, 40], 'part', 'x', false)).toBeNull();
});

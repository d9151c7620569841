import {expect, test} from 'vitest';
import {isZone} from '../ui/moment';
import {forecastText, termsWith, termText, type Usage} from './retention';

const usage = (forecast: Usage['forecast']): Usage => ({size_bytes: 0, disk: {free_bytes: 1000, size_bytes: 2000}, kinds: [], forecast});
const bytes = (value: number) => `${value} B`;

test('terms in words, also those nobody offers', () => {
  expect([1, 168, 240, 5].map(termText)).toEqual(['1 hour', '1 week', '10 days', '5 hours']);
  expect(termsWith(240).map(([hours]) => hours)).toContain(240);
  expect(termsWith(168).filter(([hours]) => hours === 168).length).toBe(1);
});
test('a forecast says what comes', () => {
  expect(forecastText(usage({bytes_per_day: 0, settles_bytes: 500, days_until_full: null}), bytes)).toBe('It does not grow now. The disk (1000 B free) lasts for more than ten years at this rate.');
  expect(forecastText(usage({bytes_per_day: 10, settles_bytes: 700, days_until_full: null}), bytes)).toContain('It comes to about 700 B and stays there.');
  expect(forecastText(usage({bytes_per_day: 10, settles_bytes: null, days_until_full: 100}), bytes)).toContain('is full in 100 days');
});
test('zones', () => {
  expect(['', 'UTC', 'Europe/Vienna', 'Nowhere/Else'].map(isZone)).toEqual([true, true, true, false]);
});

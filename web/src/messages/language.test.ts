import {expect, test} from 'vitest';
import {languageFor, localeFor} from './language';
import {pluralOf} from './plural';

test('the language is the chosen one, else the first the browser names that there is', () => {
  expect(languageFor('de', ['en-US'])).toBe('de');
  expect(languageFor('', ['fr', 'de-AT', 'en'])).toBe('de');
  expect(languageFor('', ['fr'])).toBe('en');
  expect(languageFor('tlh', ['de'])).toBe('de');
  expect(languageFor('', [])).toBe('en');
});
test('numbers and dates go by the region of that language', () => {
  expect(localeFor('de', ['en-US', 'de-AT'])).toBe('de-AT');
  expect(localeFor('de', ['en-US'])).toBe('de');
  expect(localeFor('en', ['en-US', 'de-AT'])).toBe('en-GB');
});
test('words go by the number', () => {
  const words = {one: 'Prüfung', other: 'Prüfungen'};
  expect([0, 1, 2].map((count) => pluralOf('de')(count, words))).toEqual(['Prüfungen', 'Prüfung', 'Prüfungen']);
});

// A message read while a module is loaded would keep the language of that moment for ever.
import {expect, test, vi} from 'vitest';

const {early} = vi.hoisted(() => ({early: [] as string[]}));
vi.mock('./language', () => ({
  inLanguage: (room: string) => new Proxy({}, {get: (_, key) => { early.push(`${room}.${String(key)}`); return () => ''; }}),
  currentLanguage: () => 'en',
  locale: () => 'en-GB',
  languages: {en: 'English', de: 'Deutsch'},
  useLanguage: () => 'en',
}));

test('no module reads messages while it is loaded', async () => {
  const quiet = {addEventListener() {}, removeEventListener() {}, matches: false, postMessage() {}};
  vi.stubGlobal('matchMedia', () => quiet);
  const modules = import.meta.glob(['../**/*.{ts,tsx}', '!../**/*.test.{ts,tsx}', '!./**', '!../main.tsx', '!../**/worker.ts']);
  const seen = new Map<string, string[]>();
  for (const [path, load] of Object.entries(modules)) {
    early.length = 0;
    await load();
    if (early.length) seen.set(path, [...early]);
  }
  expect(Object.keys(modules).length).toBeGreaterThan(150);
  expect(Object.fromEntries(seen)).toEqual({});
}, 60_000);

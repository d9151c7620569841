// Which language the page speaks. English messages are part of the rooms that use them; those of another language are one
// chunk, loaded before anything is drawn. Messages are read when something is drawn, never while a module is loaded
// (loading.test.ts sees to that), so that a choice holds at once.
import {useSyncExternalStore} from 'react';
import {getPrefs} from '../ui/prefs';

type Catalogue = typeof import('./de');
export type Language = 'en' | 'de';
export const languages: Record<Language, string> = {en: 'English', de: 'Deutsch'}; // each calls itself by its own name
const isLanguage = (text: string): text is Language => text in languages;

let language: Language = 'en';
let catalogue: Catalogue | null = null;
const listeners = new Set<() => void>();

// The messages of a room in the language shown. That the other language has the same ones, no more and no fewer, is a matter of types.
export function inLanguage<Name extends keyof Catalogue>(name: Name, english: Catalogue[Name]): Catalogue[Name] {
  return new Proxy(english, {get: (target, key) => Reflect.get(catalogue?.[name] ?? target, key) as unknown});
}

const wanted = (): readonly string[] => (typeof navigator === 'undefined' ? [] : navigator.languages);
export function languageFor(choice: string, browser: readonly string[]): Language {
  if (isLanguage(choice)) return choice;
  return browser.map((one) => one.split('-')[0].toLowerCase()).find(isLanguage) ?? 'en';
}
// The region the browser names for that language ("de-AT"), else the language alone; British English as ever when it names none.
export const localeFor = (shown: Language, browser: readonly string[]) => (shown === 'en' ? 'en-GB' : (browser.find((one) => one.toLowerCase().startsWith(`${shown}-`)) ?? shown));
export const currentLanguage = () => language;
export const locale = () => localeFor(language, wanted());

// Shows what the preferences say. Rejects, with everything as it was, if the messages cannot be had.
export async function showLanguage(): Promise<void> {
  const next = languageFor(getPrefs().language, wanted());
  const loaded = next === 'en' ? null : await import('./de');
  language = next;
  catalogue = loaded;
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export const useLanguage = () => useSyncExternalStore(subscribe, currentLanguage);

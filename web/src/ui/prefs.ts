// What one person prefers in this browser: kept in localStorage, the same in every tab at once.
import {useSyncExternalStore} from 'react';

export interface Box {x: number; y: number; width: number; height: number}
export interface Prefs {
  density: 'comfortable' | 'compact';
  language: string; // '' is the browser's; an unknown one, too
  timeZone: string; // IANA; '' is the browser's
  keys: boolean; // single-key shortcuts; some assistive technology needs them off (WCAG 2.1.4)
  railOpen: boolean;
  cursors: boolean; // those of others on the page, and mine on theirs
  invisible: boolean; // others do not see me
  drawerWidth: number;
  debugOpen: boolean;
  debugMode: 'docked' | 'floating';
  debugHeight: number;
  debugBox: Box;
  alertNotify: boolean; // how this browser tells of alerts
  alertSound: boolean;
  alertVolume: number; // percent
  alertQuietFrom: string; // HH:MM, "": never
  alertQuietTo: string;
}
export const defaults: Prefs = {density: 'comfortable', language: '', timeZone: '', keys: true, railOpen: false, cursors: true, invisible: false, drawerWidth: 640, debugOpen: false, debugMode: 'docked', debugHeight: 320, debugBox: {x: 120, y: 120, width: 720, height: 420}, alertNotify: false, alertSound: false, alertVolume: 50, alertQuietFrom: '', alertQuietTo: ''};

const storageKey = 'telltale.prefs';
const listeners = new Set<() => void>();

// What is stored may be old or edited by hand: only known keys of the known type are taken.
export function readPrefs(text: string | null): Prefs {
  let stored: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (parsed && typeof parsed === 'object') stored = parsed as Record<string, unknown>;
  } catch {
    return defaults; // unreadable: as if nothing had been stored
  }
  const known = Object.entries(defaults).map(([key, value]) => [key, typeof stored[key] === typeof value && stored[key] !== null ? stored[key] : value]);
  const prefs = Object.fromEntries(known) as Prefs;
  const box = {...defaults.debugBox, ...prefs.debugBox};
  const sound = Object.values(box).every((one) => Number.isFinite(one));
  return {...prefs, debugBox: sound ? box : defaults.debugBox};
}

let prefs = typeof localStorage === 'undefined' ? defaults : readPrefs(localStorage.getItem(storageKey));
const show = () => {
  if (typeof document !== 'undefined') document.documentElement.dataset.density = prefs.density;
  for (const listener of listeners) listener();
};
if (typeof window !== 'undefined') {
  show();
  window.addEventListener('storage', (event) => {
    if (event.key !== storageKey) return;
    prefs = readPrefs(event.newValue);
    show();
  });
}

export const getPrefs = () => prefs;
export function setPref<K extends keyof Prefs>(key: K, value: Prefs[K]) {
  prefs = {...prefs, [key]: value};
  localStorage.setItem(storageKey, JSON.stringify(prefs));
  show();
}
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export const usePrefs = () => useSyncExternalStore(subscribe, getPrefs);

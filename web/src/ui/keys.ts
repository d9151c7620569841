// Keyboard shortcuts: what there is, in one table that the overlay shows, and how key presses become their names.
import {useEffect, useRef} from 'react';
import {getPrefs} from './prefs';

export interface Shortcut {keys: string; what: string}
export const keymap: {group: string; shortcuts: Shortcut[]}[] = [
  {group: 'Anywhere', shortcuts: [
    {keys: 'Ctrl+k', what: 'Search, jump or run'}, {keys: '?', what: 'This map'}, {keys: '/', what: 'To the search field of the page'},
    {keys: 'd', what: 'Open or close the debug window'}, {keys: 'p', what: 'Pause or resume what is live'}, {keys: '[', what: 'Expand or collapse the pages at the left'}, {keys: 'Escape', what: 'Close what is open'},
  ]},
  {group: 'Go to', shortcuts: [{keys: 'g h', what: 'Overview'}, {keys: 'g f', what: 'Servers'}, {keys: 'g l', what: 'Logs'}, {keys: 'g i', what: 'Audit'}, {keys: 'g o', what: 'Operations'}, {keys: 'g w', what: 'Streams (WebRTC)'}, {keys: 'g t', what: 'Tests'}, {keys: 'g b', what: 'Benchmarks'}, {keys: 'g n', what: 'Analytics'}, {keys: 'g r', what: 'Reports and schedules'}, {keys: 'g s', what: 'System'}, {keys: 'g u', what: 'Settings: users, retention, configuration, backups'}, {keys: 'g a', what: 'Account'}]},
  {group: 'Fleet and streams', shortcuts: [
    {keys: 'j', what: 'Next server, or connection'}, {keys: 'k', what: 'Previous one'}, {keys: 'x', what: 'Select it, or not'}, {keys: 'Shift+ArrowDown', what: 'Select on to the next (on a checkbox)'}, {keys: 'Shift+ArrowUp', what: 'Select on to the previous (on a checkbox)'},
    {keys: 'Ctrl+a', what: 'Select all that are shown (on a checkbox)'}, {keys: 'c', what: 'Comfortable or compact rows'},
  ]},
  {group: 'Charts (with the focus on one)', shortcuts: [{keys: 'ArrowLeft', what: 'Crosshair back, with Shift by ten'}, {keys: 'ArrowRight', what: 'Crosshair on'}, {keys: '+', what: 'Zoom in'}, {keys: '-', what: 'Zoom out'}, {keys: '0', what: 'The whole range'}, {keys: 'n', what: 'Write a note at the crosshair'}]},
  {group: 'Bars and windows', shortcuts: [{keys: 'Arrows', what: 'Move or resize what has the focus, with Shift in larger steps'}, {keys: 'Home', what: 'Smallest'}, {keys: 'End', what: 'Largest'}]},
];

const sequenceMs = 1200;

// Single keys, and two in a row after `g`.
export class KeyReader {
  private prefix = '';
  private at = 0;
  read(key: string, now: number): string {
    const after = this.prefix && now - this.at <= sequenceMs ? this.prefix : '';
    this.prefix = '';
    if (!after && key === 'g') {
      this.prefix = 'g';
      this.at = now;
      return '';
    }
    return after ? `${after} ${key}` : key;
  }
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export function useKeys(handlers: Record<string, () => void>) {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    const reader = new KeyReader();
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !getPrefs().keys || isTyping(event.target) || document.querySelector('dialog[open]')) return;
      const handler = current.current[reader.read(event.key, event.timeStamp)];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

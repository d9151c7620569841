// Keyboard shortcuts: what there is, in one table that the overlay shows, and how key presses become their names.
import {useEffect, useRef} from 'react';
import {t} from '../messages/en/ui';
import {getPrefs} from './prefs';

export interface Shortcut {keys: string; what: string}
// `places`: the pages, which have their keys with them.
export const keymap = (places: Shortcut[]): {group: string; shortcuts: Shortcut[]}[] => [
  {group: t.anywhere, shortcuts: [
    {keys: 'Ctrl+k', what: t.search}, {keys: '?', what: t.thisMap}, {keys: '/', what: t.toSearch},
    {keys: 'd', what: t.toggleDebug}, {keys: 'p', what: t.togglePause}, {keys: '[', what: t.toggleRail}, {keys: 'Escape', what: t.closeOpen},
  ]},
  {group: t.goTo, shortcuts: [...places, {keys: 'g a', what: t.account}, {keys: 'g 1', what: t.firstSteps}]},
  {group: t.fleetAndStreams, shortcuts: [
    {keys: 'j', what: t.nextOne}, {keys: 'k', what: t.previousOne}, {keys: 'x', what: t.selectIt}, {keys: 'Shift+ArrowDown', what: t.selectNext}, {keys: 'Shift+ArrowUp', what: t.selectPrevious},
    {keys: 'Ctrl+a', what: t.selectAll}, {keys: 'c', what: t.rowDensity},
  ]},
  {group: t.charts, shortcuts: [{keys: 'ArrowLeft', what: t.crosshairBack}, {keys: 'ArrowRight', what: t.crosshairOn}, {keys: '+', what: t.zoomIn}, {keys: '-', what: t.zoomOut}, {keys: '0', what: t.wholeRange}, {keys: 'n', what: t.writeNote}]},
  {group: t.bars, shortcuts: [{keys: 'Arrows', what: t.moveOrResize}, {keys: 'Home', what: t.smallest}, {keys: 'End', what: t.largest}]},
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

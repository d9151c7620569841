// Oneself, told to the others while the page is open: which page and how far down, idle or not, and the cursor at most 20 times a second.
import {useEffect} from 'react';
import {useLocation, useSearch} from 'wouter';
import {getPrefs, usePrefs} from '../ui/prefs';
import {anchorAt} from './anchors';
import {people} from './people';
import type {Anchor, Selection} from './types';

const idleMs = 120_000;
const cursorMs = 50;
const scrollMs = 250;

export const scroller = () => document.getElementById('main');
function scrolled(): number {
  const main = scroller();
  return main && main.scrollHeight > main.clientHeight ? Number((main.scrollTop / (main.scrollHeight - main.clientHeight)).toFixed(3)) : 0;
}

export function useWhereabouts() {
  const [path] = useLocation();
  const search = useSearch();
  const {invisible} = usePrefs();
  useEffect(() => {
    let idle = document.hidden;
    let at = Date.now();
    const tell = () => people.goTo({page: path.slice(0, 300), query: search.slice(0, 1000), scroll: people.followed ? scrolled() : 0, idle, invisible});
    const awake = () => {
      at = Date.now();
      if (!idle) return;
      idle = false;
      tell();
    };
    const look = () => {
      const now = document.hidden || Date.now() - at > idleMs;
      if (now === idle) return;
      idle = now;
      tell();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onScroll = () => {
      if (people.followed) timer ??= setTimeout(() => { timer = undefined; tell(); }, scrollMs);
    };
    tell();
    const clock = setInterval(look, 5000);
    const inputs = ['pointermove', 'keydown', 'wheel'] as const;
    for (const input of inputs) addEventListener(input, awake, {passive: true});
    document.addEventListener('visibilitychange', look);
    document.addEventListener('scroll', onScroll, {capture: true, passive: true});
    return () => {
      clearInterval(clock);
      clearTimeout(timer);
      for (const input of inputs) removeEventListener(input, awake);
      document.removeEventListener('visibilitychange', look);
      document.removeEventListener('scroll', onScroll, {capture: true});
    };
  }, [path, search, invisible]);
}

// The pointer, and what has the focus; nothing is sent while nobody else is on the page.
export function useOwnCursor() {
  const [path] = useLocation();
  useEffect(() => {
    let anchor: Anchor | null = null;
    let selection: Selection | null = null;
    let sentAt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = () => {
      timer = undefined;
      if (people.beside().length === 0 || !getPrefs().cursors) return;
      sentAt = performance.now();
      people.point({anchor, selection});
    };
    const soon = () => { timer ??= setTimeout(send, Math.max(0, cursorMs - (performance.now() - sentAt))); };
    const onMove = (event: PointerEvent) => {
      const next = event.target instanceof Element && event.target.closest('main, aside') ? anchorAt(event.target, event.clientX, event.clientY) : null;
      if (!next && !anchor) return;
      anchor = next;
      soon();
    };
    const onLeave = () => { anchor = null; soon(); };
    const onFocus = (event: FocusEvent) => {
      const element = event.target instanceof Element ? event.target.closest('main [data-anchor], main [data-testid]') : null;
      const name = element?.getAttribute('data-anchor') ?? element?.getAttribute('data-testid');
      selection = name ? {element: name} : null;
      soon();
    };
    // Who comes later sees where the pointer rests.
    let known = new Set<string>();
    const forget = people.subscribe(() => {
      const beside = people.beside().map(({id}) => id);
      if ((anchor || selection) && beside.some((id) => !known.has(id))) soon();
      known = new Set(beside);
    });
    document.addEventListener('pointermove', onMove, {passive: true});
    document.documentElement.addEventListener('pointerleave', onLeave);
    document.addEventListener('focusin', onFocus);
    return () => {
      clearTimeout(timer);
      forget();
      document.removeEventListener('pointermove', onMove);
      document.documentElement.removeEventListener('pointerleave', onLeave);
      document.removeEventListener('focusin', onFocus);
    };
  }, [path]);
}

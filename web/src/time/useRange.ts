// The shared range of the page one is on. Chosen once it goes along to the other pages; the last preset is what a zoom is left for.
import {useCallback, useMemo} from 'react';
import {useSearchParams} from 'wouter';
import {type Choice, choiceOf, searchOf} from './range';

let remembered: Choice | null = null;
let before: Choice | null = null; // the zoom
export const rememberedRange = () => remembered;

const usualAt = (path: string): Choice => ({last: path.startsWith('/analytics/') || path === '/audit' || path === '/traces' ? '24h' : '1h'});

export interface Range {choice: Choice; set(choice: Choice): void; zoom(choice: Choice | null): void; zoomedIn: boolean}

export function useRange(): Range {
  const [search, setSearch] = useSearchParams();
  const usual = remembered ?? usualAt(location.pathname);
  const key = `${search.get('range')} ${search.get('from')} ${search.get('to')}`;
  const choice = useMemo(() => choiceOf(search, usual), [key, 'last' in usual ? usual.last : usual.from]);
  const set = useCallback((next: Choice) => {
    remembered = next;
    setSearch((old) => {
      const search = new URLSearchParams(old);
      for (const [name, value] of Object.entries(searchOf(next))) if (value) search.set(name, value); else search.delete(name);
      return search;
    }, {replace: true});
  }, [setSearch]);
  const zoom = useCallback((next: Choice | null) => {
    if (next === null) return set(before ?? usualAt(location.pathname));
    if ('last' in choice) before = choice;
    set(next);
  }, [set, choice]);
  return {choice, set, zoom, zoomedIn: 'from' in choice};
}

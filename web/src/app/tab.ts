// The browser's tab tells from afar: how many servers are down in its title, the worst state as the colour of its picture.
import {useEffect} from 'react';
import {useLocation} from 'wouter';
import {useLive} from '../live/store';
import {crumbsOf} from './pages';

const colours = {ok: '#5eead4', warn: '#f5b83d', down: '#ff5470', idle: '#8a96a2'};
const lines = {ok: 'M2 9h3l1.5-5 3 9L11 8h3', warn: 'M2 10h3l2-6 3 8 1-2h3', down: 'M2 13h4V3h4v10h4', idle: 'M2 8h12'}; // another shape, not only another colour
export type TabState = keyof typeof colours;

export const pictureOf = (state: TabState) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#151a20"/><path d="${lines[state]}" fill="none" stroke="${colours[state]}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"/></svg>`)}`;

export const titleOf = (down: number, crumbs: string[]) => `${down ? `(${down}) ` : ''}${[...crumbs].reverse().join(' · ')} · Telltale`;

export function useTab() {
  const store = useLive();
  const [path] = useLocation();
  const states = [...store.servers.values()].map(({health_status}) => health_status);
  const down = states.filter((one) => one === 'disconnected' || one === 'circuit_open').length;
  const state: TabState = store.connection === 'offline' ? 'idle' : states.includes('disconnected') ? 'down' : states.some((one) => one === 'degraded' || one === 'circuit_open') ? 'warn' : 'ok';
  useEffect(() => { document.title = titleOf(down, crumbsOf(path).map(({label}) => label)); }, [down, path]);
  useEffect(() => { document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.setAttribute('href', pictureOf(state)); }, [state]);
}

// Which server, how far back: the same for every view of the calls, and in the address.
import type {ReactNode} from 'react';
import {useLive} from '../../live/store';
import {useSearch} from '../useSearch';
import {ranges} from './types';

export function queryOf(at: (key: string, usual?: string) => string, more: Record<string, string> = {}): string {
  const server = at('server');
  return String(new URLSearchParams({range: at('range', '24h'), ...(server && {server}), ...more}));
}

export function Filter({children, longest = '30d', usual = '24h'}: {children?: ReactNode; longest?: string; usual?: string}) {
  const [at, put] = useSearch();
  const servers = [...useLive().servers.keys()].sort();
  const server = at('server');
  return (
    <div className="bar">
      <label>Server <select value={server} onChange={(event) => put({server: event.target.value})}><option value="">every server</option>{[...new Set([...servers, ...(server ? [server] : [])])].map((one) => <option key={one}>{one}</option>)}</select></label>
      <label>Range <select value={at('range', usual)} onChange={(event) => put({range: event.target.value})}>{ranges.slice(0, ranges.indexOf(longest) + 1).map((one) => <option key={one}>{one}</option>)}</select></label>
      {children}
    </div>
  );
}

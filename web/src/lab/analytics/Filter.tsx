// Which server, and how far back (the range all charts share): the same for every view of the calls, and in the address.
import type {ReactNode} from 'react';
import {useLive} from '../../live/store';
import {t} from '../../messages/en/analytics';
import {type Choice, parametersOf} from '../../time/range';
import {useSearch} from '../useSearch';

export function queryOf(choice: Choice, server: string, more: Record<string, string> = {}): string {
  return String(new URLSearchParams({...parametersOf(choice), ...(server && {server}), ...more}));
}

export function Filter({children}: {children?: ReactNode}) {
  const [at, put] = useSearch();
  const servers = [...useLive().servers.keys()].sort();
  const server = at('server');
  return (
    <div className="bar">
      <label>{t.server} <select value={server} onChange={(event) => put({server: event.target.value})}><option value="">{t.everyServer}</option>{[...new Set([...servers, ...(server ? [server] : [])])].map((one) => <option key={one}>{one}</option>)}</select></label>
      {children}
    </div>
  );
}

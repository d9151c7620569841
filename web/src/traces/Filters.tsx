// Which traces: by server, operation, user, duration and outcome; all of it in the address.
import {useMemo} from 'react';
import {useDraft} from '../list/useDraft';
import {useLive} from '../live/store';
import {t} from '../messages/en/traces';
import {type Filter, fields, noFilter} from './query';
import type {TraceItem} from './types';

const most = 2000; // looked through for what one may choose from
const valuesOf = (items: TraceItem[], of: (item: TraceItem) => string) => [...new Set(items.slice(0, most).map(of))].filter(Boolean).sort();

export function Filters({filter, items, put}: {filter: Filter; items: TraceItem[]; put(values: Record<string, string>): void}) {
  const servers = [...useLive().servers.keys()].sort();
  const [operation, setOperation] = useDraft(filter.operation, (value) => put({operation: value}));
  const [actor, setActor] = useDraft(filter.actor, (value) => put({actor: value}));
  const [least, setLeast] = useDraft(filter.min_ms, (value) => put({min_ms: value}));
  const operations = useMemo(() => valuesOf(items, (one) => one.operation), [items]);
  const actors = useMemo(() => valuesOf(items, (one) => one.actor), [items]);
  return (
    <div className="list-tools" role="search" aria-label={t.filter}>
      <select aria-label={t.server} value={filter.server} onChange={(event) => put({server: event.target.value})}><option value="">{t.anyServer}</option>{[...new Set([...servers, ...(filter.server ? [filter.server] : [])])].map((one) => <option key={one}>{one}</option>)}</select>
      <input aria-label={t.operation} placeholder={t.operation} list="trace-operations" value={operation} onChange={(event) => setOperation(event.target.value)} /><datalist id="trace-operations">{operations.map((one) => <option key={one} value={one} />)}</datalist>
      <input className="narrow-field" aria-label={t.actor} placeholder={t.actor} list="trace-actors" value={actor} onChange={(event) => setActor(event.target.value)} /><datalist id="trace-actors">{actors.map((one) => <option key={one} value={one} />)}</datalist>
      <input className="narrow-field" type="number" min={0} step="any" aria-label={t.least} placeholder={t.least} value={least} onChange={(event) => setLeast(event.target.value)} />
      <label className="check"><input type="checkbox" checked={filter.failed === '1'} onChange={(event) => put({failed: event.target.checked ? '1' : ''})} /> {t.failedOnly}</label>
      {fields.some((field) => filter[field]) && <button type="button" className="button small" onClick={() => put(noFilter as unknown as Record<string, string>)}>{t.clear}</button>}
    </div>
  );
}

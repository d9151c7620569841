// The filter of the list as the address and the API have it, and how what was read later joins what is there. Pure.
import {type Choice, spanOf} from '../time/range';
import type {TraceItem, TracePage} from './types';

export interface Filter {server: string; operation: string; actor: string; min_ms: string; failed: string}
export const fields: (keyof Filter)[] = ['server', 'operation', 'actor', 'min_ms', 'failed'];
export const noFilter: Filter = {server: '', operation: '', actor: '', min_ms: '', failed: ''};

// What an address says, with nonsense left out.
export function filterOf(read: (field: string) => string): Filter {
  const least = Number(read('min_ms'));
  return {server: read('server'), operation: read('operation'), actor: read('actor'), min_ms: least > 0 && Number.isFinite(least) ? String(least) : '', failed: read('failed') === '1' ? '1' : ''};
}

// The last so much has no end: what begins while one looks is in it.
export function queryOf(filter: Filter, choice: Choice, now: number): string {
  const {from, to} = spanOf(choice, now);
  const search = new URLSearchParams({from: new Date(from).toISOString()});
  if ('from' in choice) search.set('to', new Date(to).toISOString());
  for (const field of fields) if (filter[field]) search.set(field, field === 'failed' ? 'true' : filter[field]);
  return search.toString();
}

// What was there with the newest page read again: what is known is as it is now, the rest is new; `gap`: there may be others between.
export function joined(old: TraceItem[], page: Pick<TracePage, 'items' | 'next_cursor'>): {known: TraceItem[]; fresh: TraceItem[]; gap: boolean} {
  const now = new Map(page.items.map((one) => [one.trace_id, one]));
  const had = new Set(old.map(({trace_id}) => trace_id));
  const fresh = page.items.filter(({trace_id}) => !had.has(trace_id));
  const same = (a: TraceItem, b: TraceItem) => a.status === b.status && a.duration_ms === b.duration_ms && a.operations === b.operations && a.spans === b.spans && a.ok === b.ok;
  let changed = false;
  const known = old.map((one) => {
    const next = now.get(one.trace_id);
    if (!next || same(one, next)) return one;
    changed = true;
    return next;
  });
  return {known: changed ? known : old, fresh, gap: old.length > 0 && page.next_cursor !== null && fresh.length === page.items.length};
}

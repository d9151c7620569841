// What one looks at is in the address, so that it can be sent to somebody: one value of the query string.
import {useCallback} from 'react';
import {useSearchParams} from 'wouter';

export function useSearch(): [(key: string, usual?: string) => string, (values: Record<string, string>) => void] {
  const [search, setSearch] = useSearchParams();
  const put = useCallback((values: Record<string, string>) => setSearch((old) => {
    const next = new URLSearchParams(old);
    for (const [key, value] of Object.entries(values)) if (value) next.set(key, value); else next.delete(key);
    return next;
  }, {replace: true}), [setSearch]);
  return [(key, usual = '') => search.get(key) ?? usual, put];
}

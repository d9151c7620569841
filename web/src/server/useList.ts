// One reading of the API, again when its key changes or reload() is called.
import {useCallback, useEffect, useState} from 'react';
import {get} from '../api/client';

interface Page<T> {items: T[]; next_cursor?: string | null}

// Every page of a list, one after the other.
export async function readAll<T>(path: string, signal?: AbortSignal): Promise<{items: T[]}> {
  const items: T[] = [];
  for (let cursor: string | null | undefined = ''; cursor !== null && cursor !== undefined; ) {
    const page: Page<T> = await get<Page<T>>(cursor ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : path, signal);
    items.push(...page.items);
    cursor = page.next_cursor || null;
  }
  return {items};
}
export const useAll = <T>(path: string | null, key: unknown = '') => useList<{items: T[]}>(path, key, readAll as typeof get);

export function useList<T>(path: string | null, key: unknown = '', read: typeof get = get) {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState('');
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!path) return;
    const abort = new AbortController();
    read<T>(path, abort.signal).then(
      (body) => { setData(body); setError(''); },
      (failure: Error) => { if (failure.name !== 'AbortError') setError(failure.message); },
    );
    return () => abort.abort();
  }, [path, key, round]);
  return {data, error, reload: useCallback(() => setRound((old) => old + 1), [])};
}

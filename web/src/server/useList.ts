// One reading of the API, again when its key changes or reload() is called.
import {useCallback, useEffect, useState} from 'react';
import {get} from '../api/client';

export function useList<T>(path: string | null, key: unknown = '') {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState('');
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!path) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (body) => { setData(body); setError(''); },
      (failure: Error) => { if (failure.name !== 'AbortError') setError(failure.message); },
    );
    return () => abort.abort();
  }, [path, key, round]);
  return {data, error, reload: useCallback(() => setRound((old) => old + 1), [])};
}

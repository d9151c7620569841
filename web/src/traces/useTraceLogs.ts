// What servers said while a trace lasted, and a little before and after it.
import {useEffect, useState} from 'react';
import {get} from '../api/client';
import type {LogLine} from '../api/types';

export const most = 200;
const aroundMs = 250;

// From and to are UNIX ms. Null: not read yet.
export function useTraceLogs(servers: string[], from: number, to: number) {
  const [found, setFound] = useState<{lines: LogLine[]; cut: boolean} | null>(null);
  const [error, setError] = useState('');
  const names = servers.join(',');
  const [begin, end] = [Math.floor(from - aroundMs), Math.ceil(to + aroundMs)];
  useEffect(() => {
    if (!names) return;
    const ended = new AbortController();
    get<{items: LogLine[]}>(`/api/logs?${new URLSearchParams({server: names, after: `${begin}.0`, limit: String(most)})}`, ended.signal).then(
      ({items}) => {
        const lines = items.filter(({time}) => Date.parse(time) <= end);
        setFound({lines, cut: lines.length === most});
        setError('');
      },
      (fault: Error) => { if (!ended.signal.aborted) setError(fault.message); },
    );
    return () => ended.abort();
  }, [names, begin, end]);
  return {found, error};
}

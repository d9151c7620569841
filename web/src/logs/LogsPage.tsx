// All servers' lines: the last ones of each, then as they arrive.
import {useEffect, useMemo, useState} from 'react';
import {get, serverPath} from '../api/client';
import type {LogLine} from '../api/types';
import {useLive} from '../live/store';
import {LogViewer} from './LogViewer';
import {merged} from './merge';

const EACH = 100; // lines of a server to begin with
const MOST = 50; // servers

export default function LogsPage() {
  const store = useLive();
  const [earlier, setEarlier] = useState<LogLine[]>([]);
  const [fault, setFault] = useState('');
  const known = store.servers.size > 0;
  useEffect(() => {
    if (!known) return;
    const ended = new AbortController();
    const names = [...store.servers.keys()].slice(0, MOST);
    Promise.all(names.map((name) => get<{items: LogLine[]}>(serverPath(name, `/logs?limit=${EACH}`), ended.signal))).then(
      (answers) => setEarlier(answers.flatMap((answer) => answer.items)),
      (error: unknown) => { if (!ended.signal.aborted) setFault((error as Error).message); },
    );
    return () => ended.abort();
  }, [known]);
  const lines = useMemo(() => merged(earlier, store.logs), [earlier, store.logs, store.logs.length]);
  return (
    <div className="page fill">
      <h1>Logs</h1>
      {fault && <p className="fault" role="alert">Earlier lines cannot be read: {fault}</p>}
      <LogViewer lines={lines} showServer />
    </div>
  );
}

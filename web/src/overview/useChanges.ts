// What changed lately, kept up while one looks: from the audit log where one may read it, else from the operations one sees.
import {useEffect, useMemo, useRef, useState} from 'react';
import {may} from '../api/client';
import {useList} from '../server/useList';
import type {Operation} from '../api/types';
import {useHeard, useLive} from '../live/store';
import {type AuditEntry, type Change, isChange, ofAudit, ofOperations, ofServers} from './changes';

const day = 86_400_000;
const restMs = 1000; // a burst is one reading

export function useChanges(): Change[] {
  const audits = may('audit:read');
  const [turn, setTurn] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useHeard('operation', (event) => {
    if (isChange(String(event.data.operation)) && event.data.status !== 'started') timer.current ??= setTimeout(() => { timer.current = undefined; setTurn((old) => old + 1); }, restMs);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const from = useMemo(() => new Date(Date.now() - day).toISOString(), []);
  const audit = useList<{items: AuditEntry[]}>(audits ? `/api/audit?from=${from}&limit=500` : null, turn);
  const operations = useList<{items: Operation[]}>(audits ? null : '/api/operations?limit=200', turn);
  const store = useLive();
  const states = [...store.servers.values()].map(({name, since}) => name + since).join();
  return useMemo(() => [...ofAudit(audit.data?.items ?? []), ...ofOperations(operations.data?.items ?? []), ...ofServers([...store.servers.values()])], [audit.data, operations.data, states]);
}

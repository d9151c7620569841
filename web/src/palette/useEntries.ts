// The palette's entries: what is known at once, and what is read when it opens. Tools stay known until their server changes.
import {useEffect, useMemo, useState} from 'react';
import {get, may, serverPath} from '../api/client';
import type {Tool} from '../api/types';
import type {RunSummary, SuiteSummary} from '../lab/types';
import {live} from '../live/store';
import {type Entry, ofOperations, ofPages, ofReports, ofRuns, ofServers, ofStreams, ofSuites, ofTools, type Report} from './entries';
import {readOperations} from './operations';

type Named = {server: string; tool: string; title: string}[];
const mostServers = 200; // tools of more are found on the page of their server
const atOnce = 4;
const toolsOf = new Map<string, {version: string; tools: Named}>();

async function readTools(onSome: (tools: Named) => void, signal: AbortSignal) {
  const queue = [...live.servers.values()].filter(({name, tools_count}) => tools_count > 0 && may('tools:read', {server: name})).slice(0, mostServers);
  const known = () => [...toolsOf].filter(([name]) => live.servers.has(name)).flatMap(([, {tools}]) => tools);
  onSome(known());
  const worker = async () => {
    for (let server = queue.shift(); server && !signal.aborted; server = queue.shift()) {
      const {name, tools_count, since} = server;
      const version = `${tools_count} ${since}`;
      if (toolsOf.get(name)?.version === version) continue;
      const {items} = await get<{items: Tool[]}>(serverPath(name, '/tools'), signal);
      toolsOf.set(name, {version, tools: items.map((tool) => ({server: name, tool: tool.name, title: tool.title ?? ''}))});
      onSome(known());
    }
  };
  await Promise.all(Array.from({length: atOnce}, worker));
}

export function useEntries(): {entries: Entry[]; reading: boolean} {
  const [read, setRead] = useState<Record<string, Entry[]>>({});
  const [open, setOpen] = useState(1);
  useEffect(() => {
    const abort = new AbortController();
    const put = (part: string) => (entries: Entry[]) => { if (!abort.signal.aborted) setRead((old) => ({...old, [part]: entries})); };
    const list = <T,>(path: string, part: string, make: (items: T[]) => Entry[]) => get<{items: T[]}>(path, abort.signal).then(({items}) => put(part)(make(items)));
    const parts = [
      readTools((tools) => put('tools')(ofTools(tools)), abort.signal),
      readOperations().then((operations) => put('operations')(ofOperations(operations))),
      may('tests:read') && list<SuiteSummary>('/api/tests?limit=500', 'suites', ofSuites),
      may('tests:read') && list<RunSummary>('/api/tests/runs?limit=50', 'runs', ofRuns),
      may('reports:read') && list<Report>('/api/reports?limit=100', 'reports', ofReports),
    ];
    // What cannot be read is not found; the rest is.
    void Promise.allSettled(parts).then(() => { if (!abort.signal.aborted) setOpen(0); });
    return () => abort.abort();
  }, []);
  const entries = useMemo(() => [...ofPages(), ...ofServers(live.servers.values()), ...(read.tools ?? []), ...(read.suites ?? []), ...ofStreams(live.connections.values()), ...(read.runs ?? []), ...(read.reports ?? []), ...(read.operations ?? [])], [read]);
  return {entries, reading: open > 0};
}

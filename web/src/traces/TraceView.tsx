// One trace: what it was, its waterfall with a minimap, where the time went, and what the servers said meanwhile.
import {useCallback, useMemo, useState} from 'react';
import {Link, useLocation} from 'wouter';
import Minimap from '../chart/Minimap';
import type {Tick, Tone} from '../chart/spans';
import Waterfall from '../chart/Waterfall';
import {useLive} from '../live/store';
import {t} from '../messages/en/traces';
import {safe} from '../ui/format';
import {selfTimes} from './selfTime';
import {SelfTimeTable} from './SelfTimeTable';
import {spansOf} from './spans';
import {TraceHead} from './TraceHead';
import {addressOfLine, keyOf, TraceLogs} from './TraceLogs';
import {treeOf} from './tree';
import type {Trace} from './types';
import {type Read, useTrace} from './useTrace';
import {useTraceLogs} from './useTraceLogs';

const toneOfLevel: Record<string, Tone> = {error: 'down', warning: 'warn', notice: 'info'};
const noServers: string[] = [];

// Those of the fleet that an operation was about.
function useServersOf(trace: Trace | undefined): string[] {
  const {servers} = useLive();
  const names = [...new Set(trace?.operations.map(({subject}) => subject))].filter((one) => servers.has(one)).sort();
  const key = names.join('\n');
  return useMemo(() => (key ? key.split('\n') : noServers), [key]);
}

function Shown({read: {trace, at}}: {read: Read}) {
  const [, navigate] = useLocation();
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const tree = useMemo(() => treeOf(trace, at), [trace, at]);
  const spans = useMemo(() => spansOf(tree), [tree]);
  const times = useMemo(() => selfTimes(tree), [tree]);
  const servers = useServersOf(trace);
  const {found, error} = useTraceLogs(servers, tree.began + tree.from, tree.began + tree.to);
  const ticks = useMemo<Tick[]>(() => (found?.lines ?? []).map((line) => ({at: Date.parse(line.time) - tree.began, tone: toneOfLevel[line.level] ?? 'idle', key: keyOf(line)})), [found, tree.began]);
  const extent = useMemo<[number, number]>(() => [tree.from, Math.max(tree.to, tree.from + 0.001)], [tree.from, tree.to]);
  const onTick = useCallback((key: string) => navigate(addressOfLine(key)), [navigate]);
  const title = safe(`${trace.operations[0].operation} ${trace.operations[0].subject}`).trim();
  return (
    <>
      <TraceHead trace={trace} tree={tree} servers={servers} line={found?.lines.length ? keyOf(found.lines[0]) : ''} />
      <div className="panel" data-testid="waterfall">
        <Minimap title={title} spans={spans} extent={extent} zoom={zoom} onZoom={setZoom} />
        <Waterfall title={title} spans={spans} extent={extent} zoom={zoom} onZoom={setZoom} ticks={ticks} onTick={onTick} height={560} />
        {spans.length === tree.operations.length && <p className="muted">{t.noSpans}</p>}
        {tree.dropped > 0 && <p className="muted">{t.dropped(tree.dropped)}</p>}
        {tree.operations.length > 1 && <p className="muted">{t.aboutMoments}</p>}
      </div>
      <div className="trace-below"><SelfTimeTable times={times} /><TraceLogs servers={servers} began={tree.began + tree.from} found={found} error={error} /></div>
    </>
  );
}

export function TraceView({id}: {id: string}) {
  const {read, error, missing, reload} = useTrace(id);
  return (
    <div className="page trace-page">
      {error && !missing && <p className="fault" role="alert">{safe(error)} <button type="button" className="button small" onClick={reload}>{t.tryAgain}</button></p>}
      {read ? <Shown read={read} /> : <><h1>{t.traces}</h1>{missing ? <section className="empty"><p>{t.noTrace(safe(id))}</p><Link href="/traces">{t.toList}</Link></section> : !error && <p className="empty" role="status">{t.reading}</p>}</>}
    </div>
  );
}

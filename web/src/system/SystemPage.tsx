// Telltale itself: loops, memory, store.
import {useLive} from '../live/store';
import {useList} from '../server/useList';
import {bytes, milliseconds} from '../ui/format';
import {Ago} from '../ui/Time';

interface Info {version: string; started_at: string; loops: {name: string; lag_p99_ms: number; lag_max_ms: number; stalls: number; tasks: number}[]; process: {cpu_percent: number; memory_bytes: number; fds: number; threads: number}; websocket_clients: number; events_seq: number; store: {path: string; size_bytes: number; commits: number; dropped: number; health: string}}

export default function SystemPage() {
  const store = useLive();
  const {data, error} = useList<Info>('/api/system', store.system);
  return (
    <div className="page">
      <h1>System</h1>
      {error && <p className="fault">{error}</p>}
      {data && (
        <>
          <dl className="facts">
            <div><dt>Version</dt><dd>{data.version}, up since <Ago time={data.started_at} /></dd></div>
            <div><dt>Memory</dt><dd>{bytes(data.process.memory_bytes)}</dd></div>
            <div><dt>CPU</dt><dd>{(store.system?.cpu_percent ?? data.process.cpu_percent).toFixed(1)} %</dd></div>
            <div><dt>Descriptors, threads</dt><dd>{data.process.fds}, {data.process.threads}</dd></div>
            <div><dt>Dashboards open</dt><dd>{data.websocket_clients}</dd></div>
            <div><dt>Last event</dt><dd>{data.events_seq}</dd></div>
            <div><dt>Store</dt><dd className="wrap">{bytes(data.store.size_bytes)}, {data.store.commits} commits, {data.store.dropped} dropped{data.store.health && `, ${data.store.health}`}</dd></div>
          </dl>
          <h2>Loops</h2>
          <div className="table-wrap" role="region" aria-label="Loops" tabIndex={0}><table className="grid"><thead><tr><th>Loop</th><th className="num">Lag p99</th><th className="num">Worst</th><th className="num">Stalls</th><th className="num">Tasks</th></tr></thead><tbody>{data.loops.map((loop) => <tr key={loop.name}><th scope="row">{loop.name}</th><td className="num">{milliseconds(loop.lag_p99_ms)}</td><td className="num">{milliseconds(loop.lag_max_ms)}</td><td className="num">{loop.stalls}</td><td className="num">{loop.tasks}</td></tr>)}</tbody></table></div>
        </>
      )}
    </div>
  );
}

// Telltale itself: loops, memory, store.
import {useLive} from '../live/store';
import {t} from '../messages/en/system';
import {useList} from '../server/useList';
import {bytes, decimal, milliseconds} from '../ui/format';
import {Ago} from '../ui/Time';

interface Info {version: string; started_at: string; loops: {name: string; lag_p99_ms: number; lag_max_ms: number; stalls: number; tasks: number}[]; process: {cpu_percent: number; memory_bytes: number; fds: number; threads: number}; websocket_clients: number; events_seq: number; store: {path: string; size_bytes: number; commits: number; dropped: number; health: string}}

export default function SystemPage() {
  const store = useLive();
  const {data, error} = useList<Info>('/api/system', store.system);
  return (
    <div className="page">
      <h1>{t.system}</h1>
      {error && <p className="fault">{error}</p>}
      {data && (
        <>
          <dl className="facts">
            <div><dt>{t.version}</dt><dd>{t.upSince(data.version)} <Ago time={data.started_at} /></dd></div>
            <div><dt>{t.memory}</dt><dd>{bytes(data.process.memory_bytes)}</dd></div>
            <div><dt>{t.cpu}</dt><dd>{decimal(store.system?.cpu_percent ?? data.process.cpu_percent, 1)} %</dd></div>
            <div><dt>{t.descriptors}</dt><dd>{data.process.fds}, {data.process.threads}</dd></div>
            <div><dt>{t.dashboards}</dt><dd>{data.websocket_clients}</dd></div>
            <div><dt>{t.lastEvent}</dt><dd>{data.events_seq}</dd></div>
            <div><dt>{t.store}</dt><dd className="wrap">{bytes(data.store.size_bytes)}{t.storeFigures(data.store.commits, data.store.dropped, data.store.health && `, ${data.store.health}`)}</dd></div>
          </dl>
          <h2>{t.loops}</h2>
          <div className="table-wrap" role="region" aria-label={t.loops} tabIndex={0}><table className="grid"><thead><tr><th>{t.loop}</th><th className="num">{t.lag}</th><th className="num">{t.worst}</th><th className="num">{t.stalls}</th><th className="num">{t.tasks}</th></tr></thead><tbody>{data.loops.map((loop) => <tr key={loop.name}><th scope="row">{loop.name}</th><td className="num">{milliseconds(loop.lag_p99_ms)}</td><td className="num">{milliseconds(loop.lag_max_ms)}</td><td className="num">{loop.stalls}</td><td className="num">{loop.tasks}</td></tr>)}</tbody></table></div>
        </>
      )}
    </div>
  );
}

// Views of the calls there were: the slowest tools, failures alike.
import {t} from '../../messages/en/analytics';
import {milliseconds, safe} from '../../ui/format';
import {useList} from '../../server/useList';
import {Ago} from '../../ui/Time';
import {ListState} from '../Room';
import {useRange} from '../../time/useRange';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import type {ErrorCluster, Listed, SlowTool} from './types';

const toolLink = (server: string, tool: string) => `/servers/${encodeURIComponent(server)}?tab=tools&tool=${encodeURIComponent(tool)}`;

export function SlowRoom() {
  const [at] = useSearch();
  const {choice} = useRange();
  const {data, error, reload} = useList<Listed<SlowTool>>(`/api/analytics/slowest?${queryOf(choice, at('server'))}`);
  const most = Math.max(1, ...(data?.items.map((one) => one.p95_ms ?? 0) ?? []));
  return (
    <>
      <Filter />
      <ListState data={data?.items} error={error} reload={reload} empty={t.noCalls} />
      {data && data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.rooms.slowest} tabIndex={0}><table className="grid"><caption className="sr">{t.slowestCaption}</caption><thead><tr><th scope="col">{t.tool}</th><th scope="col">{t.server}</th><th scope="col" className="num">{t.calls}</th><th scope="col" className="num">{t.failed}</th><th scope="col" className="num">p50</th><th scope="col" className="num">p95</th><th scope="col"><span className="sr">{t.p95Bar}</span></th><th scope="col" className="num">p99</th><th scope="col" className="num">{t.longest}</th></tr></thead>
        <tbody>{data.items.map((one) => <tr key={`${one.server}/${one.tool}`} className="row"><th scope="row"><a className="mono" href={toolLink(one.server, one.tool)}>{safe(one.tool)}</a></th><td>{safe(one.server)}</td><td className="num">{one.calls}</td><td className={`num ${one.errors ? 'tone-down' : ''}`}>{one.errors}</td><td className="num">{milliseconds(one.p50_ms)}</td><td className="num">{milliseconds(one.p95_ms)}</td><td className="bar-cell" aria-hidden="true"><svg viewBox="0 0 100 6" preserveAspectRatio="none"><rect className="bar-fill" width={(100 * (one.p95_ms ?? 0)) / most} height="6" /></svg></td><td className="num">{milliseconds(one.p99_ms)}</td><td className="num">{milliseconds(one.max_ms)}</td></tr>)}</tbody></table></div>}
    </>
  );
}

export function ErrorRoom() {
  const [at] = useSearch();
  const {choice} = useRange();
  const {data, error, reload} = useList<Listed<ErrorCluster>>(`/api/analytics/errors?${queryOf(choice, at('server'))}`);
  return (
    <>
      <Filter />
      <ListState data={data?.items} error={error} reload={reload} empty={t.noFailures} />
      <ul className="plain groups" aria-label={t.rooms.alike}>{data?.items.map((one) => (
        <li key={one.shape} className="group"><details><summary><b className="tone-down">{t.callsCount(one.count)}</b> <span className="mono wrap">{safe(one.shape)}</span></summary>
          <p className="muted">{t.first} <Ago time={one.first} />{t.last} <Ago time={one.last} />.</p><pre className="block">{safe(one.example)}</pre>
          <ul className="plain">{one.tools.map((tool) => <li key={`${tool.server}/${tool.tool}`}>{tool.count} {t.of} <a className="mono" href={toolLink(tool.server, tool.tool)}>{safe(tool.server)} {safe(tool.tool)}</a></li>)}</ul></details></li>))}</ul>
    </>
  );
}

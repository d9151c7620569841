// Views of the calls there were: the slowest tools, failures alike.
import {milliseconds, plural, safe} from '../../ui/format';
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
      <ListState data={data?.items} error={error} reload={reload} empty="No tool was called in this time." />
      {data && data.items.length > 0 && <div className="table-wrap" role="region" aria-label="Slowest tools" tabIndex={0}><table className="grid"><caption className="sr">Tools by the p95 of their latency</caption><thead><tr><th scope="col">Tool</th><th scope="col">Server</th><th scope="col" className="num">Calls</th><th scope="col" className="num">Failed</th><th scope="col" className="num">p50</th><th scope="col" className="num">p95</th><th scope="col"><span className="sr">p95 as a bar</span></th><th scope="col" className="num">p99</th><th scope="col" className="num">Longest</th></tr></thead>
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
      <ListState data={data?.items} error={error} reload={reload} empty="No call failed in this time." />
      <ul className="plain groups" aria-label="Failures alike">{data?.items.map((one) => (
        <li key={one.shape} className="group"><details><summary><b className="tone-down">{plural(one.count, 'call')}</b> <span className="mono wrap">{safe(one.shape)}</span></summary>
          <p className="muted">First <Ago time={one.first} />, last <Ago time={one.last} />.</p><pre className="block">{safe(one.example)}</pre>
          <ul className="plain">{one.tools.map((tool) => <li key={`${tool.server}/${tool.tool}`}>{tool.count} of <a className="mono" href={toolLink(tool.server, tool.tool)}>{safe(tool.server)} {safe(tool.tool)}</a></li>)}</ul></details></li>))}</ul>
    </>
  );
}

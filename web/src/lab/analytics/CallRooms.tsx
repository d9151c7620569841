// Views of the calls there were: the slowest tools, failures alike, before and after a moment.
import {useState} from 'react';
import {milliseconds, plural, safe} from '../../ui/format';
import {useList} from '../../server/useList';
import {Ago} from '../../ui/Time';
import {ListState} from '../Room';
import {durationOf} from '../../time/range';
import {useRange} from '../../time/useRange';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import type {Effect, ErrorCluster, Listed, Side, SlowTool} from './types';

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
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

const verdictWords: Record<string, [string, string]> = {slower: ['slower', 'down'], faster: ['faster', 'ok'], more: ['more fail', 'down'], fewer: ['fewer fail', 'ok'], cannot_tell: ['cannot tell', 'idle']};
function Verdict({verdict, detail}: {verdict: string; detail: string}) {
  const [word, tone] = verdictWords[verdict] ?? [verdict, 'idle'];
  return <span className={`tone-${tone}`} title={detail}>{tone === 'down' ? '▲ ' : tone === 'ok' ? '▼ ' : ''}{word}</span>;
}
const sides = (before: Side, after: Side, pick: (side: Side) => string) => `${pick(before)} → ${pick(after)}`;
const local = (time: Date) => new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function EffectRoom() {
  const [at, put] = useSearch();
  const {choice} = useRange();
  const span = 'last' in choice ? durationOf(choice.last) : choice.to - choice.from; // so long before and after
  const [draft, setDraft] = useState(() => local(at('at') ? new Date(at('at')) : new Date(Date.now() - 3_600_000)));
  const asked = at('at');
  const {data, error, reload} = useList<Listed<Effect>>(asked ? `/api/analytics/compare?${queryOf({last: `${Math.round(span / 1000)}s`}, at('server'), {at: asked})}` : null);
  const order = (one: Effect) => (one.latency.verdict === 'cannot_tell' ? 1 : 0) + (one.errors.verdict === 'cannot_tell' ? 1 : 0);
  return (
    <>
      <Filter>
        <form className="bar" onSubmit={(event) => { event.preventDefault(); if (draft) put({at: new Date(draft).toISOString()}); }}><label>Moment of the change <input type="datetime-local" value={draft} onChange={(event) => setDraft(event.target.value)} /></label><button type="submit" className="button primary">Compare</button></form>
      </Filter>
      {!asked && <p className="empty">Say when something changed (a deploy, a new version, another configuration): the calls of each tool before and after are compared.</p>}
      {asked && <ListState data={data?.items} error={error} reload={reload} empty="No tool was called around that moment." />}
      {asked && data && data.items.length > 0 && <div className="table-wrap" role="region" aria-label="Before and after" tabIndex={0}><table className="grid"><caption className="sr">Calls before and after {new Date(asked).toLocaleString()}</caption><thead><tr><th scope="col">Tool</th><th scope="col">Server</th><th scope="col">Latency</th><th scope="col">Failures</th><th scope="col" className="num">p50</th><th scope="col" className="num">p95</th><th scope="col" className="num">Failed</th><th scope="col" className="num">Calls</th></tr></thead>
        <tbody>{[...data.items].sort((a, b) => order(a) - order(b)).map((one) => <tr key={`${one.server}/${one.tool}`} className="row"><th scope="row" className="mono">{safe(one.tool)}</th><td>{safe(one.server)}</td><td><Verdict verdict={one.latency.verdict} detail={`Cliff's delta ${one.latency.cliffs_delta.toFixed(2)}, p ${one.latency.p.toPrecision(2)} (Mann-Whitney)`} /></td><td><Verdict verdict={one.errors.verdict} detail={`${percent(one.errors.difference)} more, p ${one.errors.p.toPrecision(2)} (two proportions)`} /></td><td className="num">{sides(one.before, one.after, (side) => milliseconds(side.p50_ms))}</td><td className="num">{sides(one.before, one.after, (side) => milliseconds(side.p95_ms))}</td><td className="num">{sides(one.before, one.after, (side) => percent(side.error_rate))}</td><td className="num">{sides(one.before, one.after, (side) => String(side.calls))}</td></tr>)}</tbody></table></div>}
      {data?.truncated && <p className="muted">There were more calls than are read; the oldest are left out.</p>}
    </>
  );
}

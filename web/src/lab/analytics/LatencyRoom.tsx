// How long calls take: over time as a heatmap, in all as a histogram, and their quantiles as lines with what stands out; of one tool, or of all.
import {lazy, Suspense, useMemo} from 'react';
import type {Buckets} from '../../chart/buckets';
import {totals} from '../../chart/buckets';
import {anomalyScore} from '../../chart/anomalies';
import {analytics as english, t} from '../../messages/en/analytics';
import {locale} from '../../messages/language';
import {useMarkers} from '../../overview/useMarkers';
import {useList} from '../../server/useList';
import {parametersOf, spanOf} from '../../time/range';
import {useRange} from '../../time/useRange';
import {safe} from '../../ui/format';
import {ListState} from '../Room';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import {alignedOf, anomaliesOf} from './series';
import type {Listed, QueryAnswer, SlowTool} from './types';

const Chart = lazy(() => import('../../chart/Chart'));
const Heatmap = lazy(() => import('../../chart/Heatmap'));
const Histogram = lazy(() => import('../../chart/Histogram'));

const quantiles = ['p50', 'p95', 'p99'] as const;

export function LatencyRoom() {
  const [at, put] = useSearch();
  const {choice} = useRange();
  const {from, to} = spanOf(choice, Date.now());
  const [server, tool] = [at('server'), at('tool')];
  const tools = useList<Listed<SlowTool>>(`/api/analytics/slowest?${queryOf(choice, server, {limit: '200'})}`);
  const matchers = [...(server ? [`server=${JSON.stringify(server)}`] : []), ...(tool ? [`tool=${JSON.stringify(tool)}`] : [])].join(', ');
  const selector = `tool_duration_ms${matchers ? `{${matchers}}` : ''}`;
  const {data, error, reload} = useList<Buckets>(`/api/metrics/distribution?${new URLSearchParams({...parametersOf(choice), name: 'tool_duration_ms', ...(matchers && {labels: matchers})})}`);
  const lines = useList<QueryAnswer>(data?.count ? `/api/metrics?${new URLSearchParams({...parametersOf(choice), q: `p95(${selector}) by ()`, step: `${data.step_ms / 1000}s`, anomalies: anomalyScore})}` : null);
  const aligned = useMemo(() => alignedOf((lines.data?.series ?? []).map((curve) => ({...curve, name: 'p95'})), lines.data?.step_ms), [lines.data]);
  const changes = useMarkers(from, server || undefined);
  const markers = useMemo(() => [...changes, ...anomaliesOf(lines.data?.series ?? [], 'ms', lines.data?.step_ms)], [changes, lines.data]);
  const distribution = useMemo(() => (data ? [{name: tool ? safe(tool) : t.allCalls, column: tool || english.allCalls, counts: totals(data), quantiles: quantiles.flatMap((name) => { const value = data[name]; return value === null ? [] : [{name, value}]; })}] : []), [data, tool]);
  const names = [...new Set([...(tools.data?.items.map((one) => one.tool) ?? []), ...(tool ? [tool] : [])])].sort();
  const of: [string, string] = [safe(tool), safe(server)];
  const some = data && data.bounds.length > 1;
  const missing = /no metric is called/.test(error); // no call was ever recorded
  return (
    <>
      <Filter><label>{t.tool} <select value={tool} onChange={(event) => put({tool: event.target.value})}><option value="">{t.everyTool}</option>{names.map((one) => <option key={one} value={one}>{safe(one)}</option>)}</select></label></Filter>
      <ListState data={missing ? [] : data && (some ? [data] : [])} error={missing ? '' : error} reload={reload} empty={t.noCalls} />
      {some && (
        <Suspense fallback={<div className="plot-room" />}>
          <div className="groups">
            <div className="panel"><Heatmap title={t.latencyOf(...of)} data={data} unit="ms" word="call" log={at('scale') === 'log'} onLog={(on) => put({scale: on ? 'log' : ''})} /></div>
            {aligned.at.length > 0 && <div className="panel"><Chart id={english.p95Of(...of)} title={t.p95Of(...of)} unit="ms" ends={false} height={150} at={aligned.at} lines={aligned.lines} markers={markers} from={data.times[0] / 1000} to={(data.times[data.times.length - 1] + data.step_ms) / 1000} /></div>}
            <div className="panel"><Histogram title={t.distributionOf(...of)} bounds={data.bounds} series={distribution} unit="ms" word="call" /></div>
          </div>
          <p className="muted hint">{t.latencyHint(data.count, new Date(from).toLocaleString(locale()), new Date(to).toLocaleString(locale()), anomalyScore)}</p>
        </Suspense>
      )}
    </>
  );
}

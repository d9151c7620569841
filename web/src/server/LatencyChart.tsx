// How fast a server answers over the shared range: its checks and its calls, and what failed.
import {useCallback, useMemo} from 'react';
import {may} from '../api/client';
import type {CheckPoint} from '../api/types';
import {anomalyMarkers} from '../chart/anomalies';
import Chart from '../chart/Chart';
import {type Query, useSeries} from '../chart/useSeries';
import {server as english, t} from '../messages/en/server';
import {useMarkers} from '../overview/useMarkers';
import {zoomed} from '../time/range';
import {useRange} from '../time/useRange';

const height = 150;

// Names of servers need no escaping in a query; should that change, this leaves the chart empty instead of asking for something else.
const queriesOf = (server: string): Query[] => {
  const one = `{server=${JSON.stringify(server)}}`;
  return [
    {key: `check ${server}`, q: (window) => `p95(health_check_ms${one}[${window}]) by ()`, anomalies: true},
    {key: `call ${server}`, q: (window) => `p95(tool_duration_ms${one}[${window}]) by ()`, anomalies: true},
    {key: `failed ${server}`, q: (window) => `increase(health_check_failures${one}[${window}]) by ()`},
  ];
};

function Recorded({server}: {server: string}) {
  const {choice, zoom} = useRange();
  const queries = useMemo(() => queriesOf(server), [server]);
  const series = useSeries(queries, choice);
  const [check, call, failed] = queries.map(({key}) => series.values.get(key) ?? []);
  const lines = useMemo(() => [{name: t.checksLine, column: english.checksLine, values: check}, {name: t.callsLine, column: english.callsLine, values: call}], [check, call]);
  const changes = useMarkers(series.from * 1000, server);
  const unusual = useMemo(() => ['check', 'call'].flatMap((what) => anomalyMarkers(what === 'check' ? t.checksLine : t.callsLine, series.anomalies.get(`${what} ${server}`) ?? [], 'ms', series.step)), [series]);
  const markers = useMemo(() => [...changes, ...unusual, ...failed.flatMap((count, index) => (count && count > 0 ? [{at: series.at[index], text: t.checkFailed, tone: 'down' as const}] : []))], [changes, unusual, failed, series.at]);
  const onZoom = useCallback((range: [number, number] | null) => zoom(range && zoomed(range[0] * 1000, range[1] * 1000, Date.now())), [zoom]);
  return <Chart id={english.responseTime} title={t.responseTime} unit="ms" least={10} height={height} at={series.at} lines={lines} markers={markers} from={series.from} to={series.to} onZoom={onZoom} />;
}

// Without the right to metrics: the last checks, which come with the server itself.
function Last({points}: {points: CheckPoint[]}) {
  const at = useMemo(() => points.map(({time}) => Date.parse(time) / 1000), [points]);
  const lines = useMemo(() => [{name: t.checksLine, column: english.checksLine, values: points.map(({ok, ms}) => (ok ? ms : null))}], [points]);
  const markers = useMemo(() => points.flatMap(({ok, time}) => (ok ? [] : [{at: Date.parse(time) / 1000, text: t.checkFailed, tone: 'down' as const}])), [points]);
  return <Chart id={english.responseTimes(points.length)} title={t.responseTimes(points.length)} unit="ms" least={10} height={height} at={at} lines={lines} markers={markers} />;
}

export default function LatencyChart({server, points}: {server: string; points: CheckPoint[]}) {
  return may('metrics:read') ? <Recorded server={server} /> : <Last points={points} />;
}

// Four charts on one time axis: requests, how long they took, errors, streams and circuits.
import {lazy, memo, Suspense, useCallback, useMemo} from 'react';
import type {Line, Marker} from '../chart/model';
import type {Series} from '../chart/useSeries';
import {overview as english, t} from '../messages/en/overview';
import {type Choice, zoomed} from '../time/range';
import {openCircuits} from './figures';

const Chart = lazy(() => import('../chart/Chart'));
const height = 168;

interface Props {series: Series; servers: number; markers: Marker[]; onZoom(choice: Choice | null): void}

function chartsOf({values}: Series, servers: number) {
  const of = (key: string) => values.get(key) ?? [];
  const line = (name: 'toolCalls' | 'checksLine' | 'failedCalls' | 'failedChecks' | 'streamsLine' | 'circuitsOpen', values: (number | null)[], colour?: string): Line => ({name: t[name], column: english[name], values, colour});
  return [
    {id: english.requests, title: t.requests, unit: '/s', least: 0.1, lines: [line('toolCalls', of('calls')), line('checksLine', of('checks'))]},
    {id: english.responseTime, title: t.responseTime, unit: 'ms', least: 10, lines: [line('toolCalls', of('call_ms')), line('checksLine', of('check_ms'))]},
    {id: english.errors, title: t.errors, unit: '/s', least: 0.1, lines: [line('failedCalls', of('call_errors'), '--down'), line('failedChecks', of('check_errors'))]},
    {id: english.streamsAndCircuits, title: t.streamsAndCircuits, unit: '', least: 4, lines: [line('streamsLine', of('streams')), line('circuitsOpen', openCircuits(of('circuits'), servers))]},
  ];
}

// Four charts are not drawn for every event: only for other points.
export const Charts = memo(function Charts({series, servers, markers, onZoom}: Props) {
  const charts = useMemo(() => chartsOf(series, servers), [series, servers]);
  const zoom = useCallback((range: [number, number] | null) => onZoom(range && zoomed(range[0] * 1000, range[1] * 1000, Date.now())), [onZoom]);
  return (
    <section className="overview-charts" aria-label={t.charts} data-ready={series.ready}>
      {series.error && <p className="fault" role="alert">{t.figuresUnread(series.error)}</p>}
      {charts.map((chart) => (
        <div key={chart.title} className="panel">
          <Suspense fallback={<div style={{height: height + 24}} />}><Chart {...chart} at={series.at} from={series.from} to={series.to} height={height} markers={markers} onZoom={zoom} /></Suspense>
        </div>
      ))}
    </section>
  );
});

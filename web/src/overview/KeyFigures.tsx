// The figures one reads from across the room: the last value, and how it stands to the range shown.
import {useAlerts} from '../alerts/store';
import {needsSomebody, severityTone} from '../alerts/words';
import type {Server} from '../api/types';
import {figure} from '../chart/model';
import {lastOf, meanOf, type Series} from '../chart/useSeries';
import {t} from '../messages/en/overview';
import type {Connection} from '../webrtc/types';
import {against, errorShare, percent} from './figures';

function Figure({label, value, unit, sub, tone = '', explain}: {label: string; value: string; unit?: string; sub?: string; tone?: string; explain: string}) {
  return <div className="figure" title={explain}><dt>{label}</dt><dd className={tone}>{value}{unit && <small> {unit}</small>}</dd>{sub && <dd className="figure-sub">{sub}</dd>}</div>;
}

export function KeyFigures({series, servers, streams}: {series: Series; servers: Server[]; streams: Connection[] | null}) {
  const {alerts} = useAlerts();
  const waiting = alerts && needsSomebody(alerts);
  const of = (key: string) => series.values.get(key);
  const up = servers.filter(({health_status}) => health_status === 'healthy' || health_status === 'degraded').length;
  const calls = lastOf(of('calls'));
  const share = errorShare(calls, lastOf(of('call_errors')));
  const open = servers.filter(({circuit_state}) => circuit_state !== 'closed').length;
  // Where no tool is called the checks say how fast the fleet is.
  const timed = lastOf(of('call_ms')) === null ? 'check_ms' : 'call_ms';
  const [p95, p95Unit] = figure(lastOf(of(timed)), 'ms').split(' ');
  return (
    <dl className="figures">
      <Figure label={t.up} value={String(up)} unit={t.ofAll(servers.length)} explain={t.upText} />
      <Figure label={t.calls} value={figure(calls, '')} unit={calls === null ? '' : '/s'} sub={against(calls, meanOf(of('calls')))} explain={t.callsText} />
      <Figure label={timed === 'call_ms' ? t.p95Calls : t.p95Checks} value={p95} unit={p95Unit} sub={against(lastOf(of(timed)), meanOf(of(timed)))} explain={t.p95Text(timed === 'call_ms' ? 'tool_duration_ms' : 'health_check_ms')} />
      <Figure label={t.errors} value={percent(share)} tone={share !== null && share >= 0.05 ? 'tone-down' : ''} explain={t.errorsText} />
      <Figure label={t.circuitsOpenName} value={String(open)} tone={open ? 'tone-warn' : ''} explain={t.circuitsText} />
      {waiting && <Figure label={t.alerts} value={String(waiting.length)} sub={waiting[0]?.summary} tone={waiting[0] ? `tone-${severityTone[waiting[0].severity]}` : ''} explain={t.alertsText} />}
      {streams && <Figure label={t.streams} value={String(streams.length)} explain={t.streamsText} />}
    </dl>
  );
}

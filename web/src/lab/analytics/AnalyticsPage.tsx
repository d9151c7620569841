// Analytics: metrics over time by a query; how long calls take; the reliability score by day; tools by hour; the slowest; failures alike; before and after a change.
import {useRoute} from 'wouter';
import {t} from '../../messages/en/shell';
import {Room} from '../Room';
import {ErrorRoom, SlowRoom} from './CallRooms';
import {EffectRoom} from './EffectRoom';
import {HeatRoom} from './HeatRoom';
import {LatencyRoom} from './LatencyRoom';
import {QueryRoom} from './QueryRoom';
import {ReliabilityRoom} from './ReliabilityRoom';

const rooms = [
  {path: '/analytics', label: 'Over time', View: QueryRoom},
  {path: '/analytics/latency', label: 'Latency', View: LatencyRoom},
  {path: '/analytics/reliability', label: 'Reliability', View: ReliabilityRoom},
  {path: '/analytics/heatmap', label: 'Tool by hour', View: HeatRoom},
  {path: '/analytics/slowest', label: 'Slowest tools', View: SlowRoom},
  {path: '/analytics/errors', label: 'Failures alike', View: ErrorRoom},
  {path: '/analytics/change', label: 'Before and after', View: EffectRoom},
];

export default function AnalyticsPage() {
  const [, params] = useRoute('/analytics/:room?');
  const here = rooms.find(({path}) => path === `/analytics/${params?.room}`) ?? rooms[0];
  return <Room title={t.analytics} permission="metrics:read" tabs={rooms} here={here.path}><here.View /></Room>;
}

// Analytics: metrics over time by a query; how long calls take; the reliability score by day; tools by hour; the slowest; failures alike; before and after a change.
import {useRoute} from 'wouter';
import {t} from '../../messages/en/analytics';
import {t as shell} from '../../messages/en/shell';
import {Room} from '../Room';
import {ErrorRoom, SlowRoom} from './CallRooms';
import {EffectRoom} from './EffectRoom';
import {HeatRoom} from './HeatRoom';
import {LatencyRoom} from './LatencyRoom';
import {QueryRoom} from './QueryRoom';
import {ReliabilityRoom} from './ReliabilityRoom';

const rooms = [
  {path: '/analytics', name: 'overTime', View: QueryRoom},
  {path: '/analytics/latency', name: 'latency', View: LatencyRoom},
  {path: '/analytics/reliability', name: 'reliability', View: ReliabilityRoom},
  {path: '/analytics/heatmap', name: 'byHour', View: HeatRoom},
  {path: '/analytics/slowest', name: 'slowest', View: SlowRoom},
  {path: '/analytics/errors', name: 'alike', View: ErrorRoom},
  {path: '/analytics/change', name: 'change', View: EffectRoom},
] as const;

export default function AnalyticsPage() {
  const [, params] = useRoute('/analytics/:room?');
  const here = rooms.find(({path}) => path === `/analytics/${params?.room}`) ?? rooms[0];
  return <Room title={shell.analytics} permission="metrics:read" tabs={rooms.map(({path, name}) => ({path, label: t.rooms[name]}))} here={here.path}><here.View /></Room>;
}

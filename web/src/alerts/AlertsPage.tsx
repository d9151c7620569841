// What is wrong, by which rules, what was, and who is told.
import './alerts.css';
import {useRoute} from 'wouter';
import {Room} from '../lab/Room';
import {Channels} from './Channels';
import {History} from './History';
import {OpenAlerts} from './OpenAlerts';
import {Rules} from './Rules';
import {Silences} from './Silences';

const rooms = [
  {path: '/alerts', label: 'Now', View: OpenAlerts},
  {path: '/alerts/rules', label: 'Rules', View: Rules},
  {path: '/alerts/silences', label: 'Silences', View: Silences},
  {path: '/alerts/history', label: 'History', View: History},
  {path: '/alerts/channels', label: 'Channels', View: Channels},
];

export default function AlertsPage() {
  const [, params] = useRoute('/alerts/:room');
  const here = rooms.find(({path}) => path === `/alerts/${params?.room}`) ?? rooms[0];
  return <Room title="Alerts" permission="alerts:read" tabs={rooms} here={here.path}><here.View /></Room>;
}

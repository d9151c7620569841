// What is wrong, by which rules, what was, and who is told.
import './alerts.css';
import {useRoute} from 'wouter';
import {Room} from '../lab/Room';
import {t} from '../messages/en/alerts';
import {Channels} from './Channels';
import {History} from './History';
import {OpenAlerts} from './OpenAlerts';
import {Rules} from './Rules';
import {Silences} from './Silences';

const rooms = [
  {path: '/alerts', get label() { return t.nowRoom; }, View: OpenAlerts},
  {path: '/alerts/rules', get label() { return t.rules; }, View: Rules},
  {path: '/alerts/silences', get label() { return t.silences; }, View: Silences},
  {path: '/alerts/history', get label() { return t.history; }, View: History},
  {path: '/alerts/channels', get label() { return t.channels; }, View: Channels},
];

export default function AlertsPage() {
  const [, params] = useRoute('/alerts/:room');
  const here = rooms.find(({path}) => path === `/alerts/${params?.room}`) ?? rooms[0];
  return <Room title={t.alerts} permission="alerts:read" tabs={rooms} here={here.path}><here.View /></Room>;
}

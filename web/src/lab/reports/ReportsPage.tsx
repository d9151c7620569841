// Reports, and what runs by the clock.
import {useRoute} from 'wouter';
import {t} from '../../messages/en/reports';
import {Room} from '../Room';
import {Reports} from './Reports';
import {Schedules} from './Schedules';

const rooms = [{path: '/reports', get label() { return t.reports; }}, {path: '/reports/schedules', get label() { return t.schedules; }}];
const usual = ['reports.generate', 'tests.run', 'fleet.test', 'fleet.restart'];

export default function ReportsPage() {
  const [, params] = useRoute('/reports/:room?');
  const schedules = params?.room === 'schedules';
  return <Room title={t.reports} permission={schedules ? 'schedules:read' : 'reports:read'} tabs={rooms} here={rooms[schedules ? 1 : 0].path}>{schedules ? <Schedules operations={usual} /> : <Reports />}</Room>;
}

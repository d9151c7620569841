// Reports, and what runs by the clock.
import {useRoute} from 'wouter';
import {Room} from '../Room';
import {Reports} from './Reports';
import {Schedules} from './Schedules';

const rooms = [{path: '/reports', label: 'Reports'}, {path: '/reports/schedules', label: 'Schedules'}];
const usual = ['reports.generate', 'tests.run', 'fleet.test', 'fleet.restart'];

export default function ReportsPage() {
  const [, params] = useRoute('/reports/:room?');
  const schedules = params?.room === 'schedules';
  return <Room title="Reports" permission={schedules ? 'schedules:read' : 'reports:read'} tabs={rooms} here={rooms[schedules ? 1 : 0].path}>{schedules ? <Schedules operations={usual} /> : <Reports />}</Room>;
}

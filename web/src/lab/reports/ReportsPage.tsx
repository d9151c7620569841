// Reports, and what runs by the clock.
import {useRoute} from 'wouter';
import {Room} from '../Room';
import {Schedules} from './Schedules';

export default function ReportsPage() {
  const [, params] = useRoute('/reports/:room?');
  return <Room title="Reports" permission="schedules:read" tabs={[{path: '/reports/schedules', label: 'Schedules'}]} here={`/reports/${params?.room ?? 'schedules'}`}><Schedules operations={['tests.run', 'fleet.test', 'fleet.restart']} /></Room>;
}

// What runs by the clock: when next, what became of the last runs; on, off, now.
import {useState} from 'react';
import {request, whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
import {locale} from '../../messages/language';
import {t} from '../../messages/en/reports';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {Confirm, type Question} from '../../ui/Confirm';
import {safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {toast} from '../../ui/toast';
import {ListState} from '../Room';
import {useSearch} from '../useSearch';
import {definitionOf, type Schedule, type ScheduleRun, toneOfScheduleRun} from './schedule';
import {ScheduleForm} from './ScheduleForm';

const fullTime = (time: string, zone: string) => {
  try {
    return new Date(time).toLocaleString(locale(), {timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short'});
  } catch {
    return new Date(time).toLocaleString(locale()); // a zone the browser does not know
  }
};
const RunState = ({run}: {run: ScheduleRun}) => <span className={`tone-${toneOfScheduleRun[run.status] ?? 'idle'}`} title={safe(run.detail)}>{run.status}</span>;

function History({id, round}: {id: string; round: number}) {
  const {data, error, reload} = useList<Schedule>(`/api/schedules/${id}`, round);
  return (
    <section aria-label={t.history} data-testid="schedule-history">
      <h2>{t.lastRuns}</h2>
      <ListState data={data?.history} error={error} reload={reload} empty={t.notRunYet} />
      <ul className="plain">{data?.history?.map((run) => <li key={run.run_id}><RunState run={run} /> <Ago time={run.started} />, {run.cause === 'manual' ? t.askedForBy(safe(run.actor)) : run.cause}{run.detail && <span className="muted">: {safe(run.detail)}</span>}</li>)}</ul>
      {data && data.next_runs.length > 0 && <><h2>{t.nextRuns}</h2><ol className="plain next-runs">{data.next_runs.map((time) => <li key={time}>{fullTime(time, data.time_zone)}</li>)}</ol></>}
    </section>
  );
}

export function Schedules({operations}: {operations: string[]}) {
  const why = whyNot('schedules:write');
  const [at, put] = useSearch();
  const [round, setRound] = useState(0);
  const list = useList<{items: Schedule[]}>('/api/schedules', round);
  const [edited, setEdited] = useState<{schedule: Schedule | null} | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const again = () => setRound((old) => old + 1);
  useHeard('schedule', again);
  const told = (work: Promise<unknown>, word: string) => void work.then(() => { toast('ok', word); again(); }, (error: Error) => toast('down', error.message));
  const toggle = (one: Schedule) => told(request(`/api/schedules/${one.id}`, {method: 'PUT', body: {...definitionOf(one), enabled: !one.enabled}}), t.turned(one.name, one.enabled ? t.offWord : t.onWord));
  const askDelete = (one: Schedule) => setQuestion({title: t.deleteScheduleAsk(one.name), text: t.deleteScheduleText, action: t.deleteSchedule, run: async () => { await request(`/api/schedules/${one.id}`, {method: 'DELETE'}); toast('ok', t.scheduleDeleted(one.name)); again(); }});
  const why_read = whyNot('schedules:read');
  if (why_read) return <p className="empty">{why_read}.</p>;
  return (
    <>
      <div className="bar"><p className="muted">{t.schedulesAre}</p><ActionButton className="button primary end" why={why} onClick={() => setEdited({schedule: null})}>{t.newSchedule}</ActionButton></div>
      <ListState data={list.data?.items} error={list.error} reload={list.reload} empty={t.nothingByClock} />
      {list.data && list.data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.schedules} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.schedule}</th><th scope="col">{t.when}</th><th scope="col">{t.operation}</th><th scope="col">{t.next}</th><th scope="col">{t.last}</th><th scope="col">{t.owner}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{list.data.items.map((one) => (
          <tr key={one.id} className="row" data-testid={`schedule-${one.name}`}><th scope="row"><button type="button" className="link" aria-expanded={at('schedule') === one.id} onClick={() => put({schedule: at('schedule') === one.id ? '' : one.id})}>{safe(one.name)}</button></th><td className="mono">{safe(one.cron)} <small>{safe(one.time_zone)}</small></td><td className="mono">{safe(one.operation)}</td><td>{one.enabled ? (one.next_runs[0] ? fullTime(one.next_runs[0], one.time_zone) : t.never) : <span className="muted">{t.offWord}</span>}</td><td>{one.running ? <span className="tone-info">{t.running}</span> : one.last_run ? <><RunState run={one.last_run} /> <Ago time={one.last_run.started} /></> : '–'}</td><td>{safe(one.owner)}</td>
            <td><span className="row-buttons"><ActionButton className="button small" why={why} aria-label={t.runNowOne(one.name)} onClick={() => told(request(`/api/schedules/${one.id}/run`, {method: 'POST', body: {}}), t.runs(one.name))}>{t.runNow}</ActionButton><ActionButton className="button small" why={why} aria-pressed={one.enabled} aria-label={t.turn(one.name, one.enabled ? t.offWord : t.onWord)} onClick={() => toggle(one)}>{one.enabled ? t.off : t.on}</ActionButton><ActionButton className="button small" why={why} aria-label={t.changeOne(one.name)} onClick={() => setEdited({schedule: one})}>{t.change}</ActionButton><ActionButton className="button small" why={why} aria-label={t.removeOne(one.name)} onClick={() => askDelete(one)}>{t.remove}</ActionButton></span></td></tr>))}</tbody></table></div>}
      {at('schedule') && list.data?.items.some(({id}) => id === at('schedule')) && <History id={at('schedule')} round={round} />}
      {edited && <ScheduleForm schedule={edited.schedule} operations={operations} onClose={() => setEdited(null)} onDone={again} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

// What was asked for, and the tasks that run.
import {useEffect, useState} from 'react';
import {get, may, request} from '../api/client';
import type {Json, Operation, Task} from '../api/types';
import {useSearch} from '../lab/useSearch';
import {useLive} from '../live/store';
import {t} from '../messages/en/operations';
import {Structure} from '../tools/ResultView';
import {TraceLink} from '../traces/TraceLink';
import {milliseconds, safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';

const tone: Record<Operation['status'], string> = {started: 'tone-info', completed: 'tone-ok', failed: 'tone-down', canceled: 'tone-idle'};

function Details({id}: {id: string}) {
  const store = useLive();
  const [operation, setOperation] = useState<Operation | null>(null);
  const status = store.operations.get(id)?.status;
  useEffect(() => void get<Operation>(`/api/operations/${id}`).then(setOperation, (error: Error) => toast('down', error.message)), [id, status]);
  if (!operation) return <p className="muted">{t.reading}</p>;
  return <section aria-label={t.operation} className="result"><h2 className="mono">{operation.operation_id}</h2><p>{t.byWithTrace(operation.operation, safe(operation.actor))} <span className="mono">{(operation as unknown as {trace_id: string}).trace_id}</span> <TraceLink operation={id}>{t.timing}</TraceLink></p><h3>{t.arguments}</h3><Structure value={operation.arguments} />{operation.error && <><h3>{t.error}</h3><p className="fault">{safe(operation.error.detail ?? '')}</p></>}{operation.result !== undefined && <><h3>{t.result}</h3><Structure value={operation.result as Json} /></>}</section>;
}

export default function OperationsPage() {
  const store = useLive();
  const [read, put] = useSearch();
  const chosen = read('operation');
  const setChosen = (operation: string) => put({operation});
  const [tasks, setTasks] = useState<Task[]>([]);
  useEffect(() => {
    const read = () => void get<{items: Task[]}>('/api/tasks').then((body) => setTasks(body.items), () => undefined); // the banner says when the server is away
    read();
    const timer = setInterval(read, 3000);
    return () => clearInterval(timer);
  }, []);
  const operations = [...store.operations.values()].sort((a, b) => b.operation_id.localeCompare(a.operation_id)).slice(0, 200);
  const cancel = (id: string) => void request(`/api/operations/${id}/cancel`, {method: 'POST', body: {}}).then(() => toast('info', t.cancelRequested), (error: Error) => toast('down', error.message));
  const running = tasks.filter((task) => !task.completed);
  return (
    <div className="page">
      <h1>{t.operations}</h1>
      <div className="table-wrap" role="region" aria-label={t.operations} tabIndex={0}><table className="grid"><caption className="sr">{t.newestFirst}</caption><thead><tr><th>{t.state}</th><th>{t.operation}</th><th>{t.subject}</th><th>{t.who}</th><th>{t.started}</th><th className="num">{t.took}</th><th><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{operations.map((operation) => (
          <tr key={operation.operation_id} className="row">
            <td className={tone[operation.status]}>{operation.status}</td><th scope="row"><button type="button" className="link mono" onClick={() => setChosen(chosen === operation.operation_id ? '' : operation.operation_id)}>{operation.operation}</button></th><td>{safe(operation.subject)}</td><td>{safe(operation.actor)}</td><td><Ago time={operation.start_time} /></td><td className="num">{milliseconds(operation.duration_ms)}</td>
            <td>{operation.status === 'started' && may('operations:cancel') && <button type="button" className="button small" onClick={() => cancel(operation.operation_id)}>{t.cancel}</button>} <TraceLink operation={operation.operation_id}>{t.trace}</TraceLink></td>
          </tr>))}</tbody></table>{operations.length === 0 && <p className="empty">{t.nothingYet}</p>}</div>
      {chosen && <Details id={chosen} />}
      <h2>{t.tasks} <small className="muted">{t.runningCount(running.length)}</small></h2>
      <div className="table-wrap" role="region" aria-label={t.tasks} tabIndex={0}><table className="grid"><thead><tr><th>{t.task}</th><th>{t.owner}</th><th>{t.loop}</th><th>{t.since}</th><th>{t.state}</th></tr></thead><tbody>{tasks.slice(0, 60).map((task) => <tr key={task.task_id}><th scope="row" className="mono">{task.name}</th><td>{safe(task.owner)}</td><td>{task.loop}</td><td><Ago time={task.created_at} /></td><td className={task.error ? 'tone-down' : ''}>{task.error ?? (task.completed ? t.ended : t.running)}</td></tr>)}</tbody></table></div>
    </div>
  );
}

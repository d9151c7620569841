// What is stored, how it grows, how long it is kept, how long the disk lasts.
import {useEffect, useState} from 'react';
import {request, whyNot} from '../api/client';
import {useList} from '../server/useList';
import {bytes} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {forecastText, type Hours, termsWith, termText, type Usage, words} from './retention';

const number = (value: number) => Math.round(value).toLocaleString('en').replaceAll(',', ' ');

export function Retention() {
  const whyRead = whyNot('system:read');
  const why = whyNot('store:retention');
  const usage = useList<Usage>(whyRead ? null : '/api/store/usage');
  const kept = useList<Hours>(whyRead ? null : '/api/store/retention');
  const [hours, setHours] = useState<Hours | null>(null);
  useEffect(() => setHours(kept.data), [kept.data]);
  // Shown at once; what the server refuses is as it was, with the reason. What was before is one click away.
  const put = (next: Hours, before: Hours, undo = true) => {
    setHours(next);
    request<Hours>('/api/store/retention', {method: 'PUT', body: next}).then(
      ({body}) => { setHours(body); usage.reload(); toast('ok', undo ? 'Kept as long as that from now on; what is older goes within ten minutes.' : 'As it was.', undo ? {label: 'Undo', run: () => put(before, next, false)} : undefined, 8000); },
      (error: Error) => { setHours(before); toast('down', `It is as it was: ${error.message}`); },
    );
  };
  if (whyRead) return <p className="empty">{whyRead}, so this is not shown.</p>;
  const low = usage.data?.forecast.days_until_full ?? null;
  return (
    <>
      {usage.error && <p className="fault" role="alert">{usage.error}</p>}
      {usage.data && <>
        <p><b>{bytes(usage.data.size_bytes)}</b> are stored. <span className={low !== null && low < 30 ? 'tone-down' : ''}>{forecastText(usage.data, bytes)}</span></p>
        <div className="table-wrap" role="region" aria-label="What is stored" tabIndex={0}>
          <table className="grid">
            <thead><tr><th scope="col">What</th><th scope="col" className="num">Records</th><th scope="col" className="num">Size</th><th scope="col" className="num">A day</th><th scope="col">Oldest</th><th scope="col">Kept for</th></tr></thead>
            <tbody>{usage.data.kinds.map((kind) => {
              const name = kind.kind as keyof Hours;
              const mine = hours?.[name];
              return (
                <tr key={kind.kind} className="row"><th scope="row">{words[kind.kind] ?? kind.kind}</th><td className="num">{kind.kind === 'the rest' ? '' : number(kind.rows)}</td><td className="num">{bytes(kind.bytes)}</td><td className="num">{kind.rows_per_day >= 0.5 ? <>{number(kind.rows_per_day)}<span className="sub">{bytes(kind.bytes_per_day)}</span></> : ''}</td><td>{kind.oldest && <Ago time={kind.oldest} />}</td>
                  <td>{hours && mine !== undefined ? (why ? <span title={why}>{termText(mine)}</span> : <select aria-label={`Keep ${words[kind.kind]} for`} value={mine} onChange={(event) => put({...hours, [name]: Number(event.target.value)}, hours)}>{termsWith(mine).map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>) : kind.kind === 'audit' ? 'Always' : <span className="muted">by itself</span>}</td></tr>
              );
            })}</tbody>
          </table>
        </div>
        <p className="muted">Growth is that of the last day. What "the rest" is: users, servers, suites, content, indexes and free pages. Metrics are thinned by themselves, test runs and ended streams go by their own limits.</p>
      </>}
    </>
  );
}

// What is stored, how it grows, how long it is kept, how long the disk lasts.
import {useEffect, useState} from 'react';
import {request, whyNot} from '../api/client';
import {t} from '../messages/en/settings';
import {useList} from '../server/useList';
import {bytes, number} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {forecastText, type Hours, termsWith, termText, type Usage, words} from './retention';

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
      ({body}) => { setHours(body); usage.reload(); toast('ok', undo ? t.keptFromNow : t.asBefore, undo ? {label: t.undo, run: () => put(before, next, false)} : undefined, 8000); },
      (error: Error) => { setHours(before); toast('down', t.asItWas(error.message)); },
    );
  };
  if (whyRead) return <p className="empty">{t.notShown(whyRead)}</p>;
  const low = usage.data?.forecast.days_until_full ?? null;
  return (
    <>
      {usage.error && <p className="fault" role="alert">{usage.error}</p>}
      {usage.data && <>
        <p><b>{bytes(usage.data.size_bytes)}</b> {t.areStored} <span className={low !== null && low < 30 ? 'tone-down' : ''}>{forecastText(usage.data, bytes)}</span></p>
        <div className="table-wrap" role="region" aria-label={t.whatIsStored} tabIndex={0}>
          <table className="grid">
            <thead><tr><th scope="col">{t.what}</th><th scope="col" className="num">{t.records}</th><th scope="col" className="num">{t.size}</th><th scope="col" className="num">{t.perDay}</th><th scope="col">{t.oldest}</th><th scope="col">{t.keptFor}</th></tr></thead>
            <tbody>{usage.data.kinds.map((kind) => {
              const name = kind.kind as keyof Hours;
              const mine = hours?.[name];
              return (
                <tr key={kind.kind} className="row"><th scope="row">{words[kind.kind] ?? kind.kind}</th><td className="num">{kind.kind === 'the rest' ? '' : number(kind.rows)}</td><td className="num">{bytes(kind.bytes)}</td><td className="num">{kind.rows_per_day >= 0.5 ? <>{number(kind.rows_per_day)}<span className="sub">{bytes(kind.bytes_per_day)}</span></> : ''}</td><td>{kind.oldest && <Ago time={kind.oldest} />}</td>
                  <td>{hours && mine !== undefined ? (why ? <span title={why}>{termText(mine)}</span> : <select aria-label={t.keepFor(words[kind.kind])} value={mine} onChange={(event) => put({...hours, [name]: Number(event.target.value)}, hours)}>{termsWith(mine).map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>) : kind.kind === 'audit' ? t.always : <span className="muted">{t.byItself}</span>}</td></tr>
              );
            })}</tbody>
          </table>
        </div>
        <p className="muted">{t.growth}</p>
      </>}
    </>
  );
}

// The reports that were made: read, saved, sent, removed; and making one.
import {type FormEvent, useEffect, useState} from 'react';
import {request, whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
import {t} from '../../messages/en/reports';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {Confirm, type Question} from '../../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../../ui/fields';
import {bytes, safe} from '../../ui/format';
import {Sheet} from '../../ui/Sheet';
import {Ago} from '../../ui/Time';
import {toast} from '../../ui/toast';
import {ListState} from '../Room';
import {useSearch} from '../useSearch';
import {Make} from './MakeReport';
import {addressesIn, kindWord, type Report, save, textOf} from './report';

function Send({report, onClose}: {report: Report; onClose(): void}) {
  const [to, setTo] = useState('');
  const [subject, setSubject] = useState(report.title);
  const [message, setMessage] = useState('');
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState(noFaults);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    request(`/api/reports/${report.id}/email`, {method: 'POST', wait: 180, body: {to: addressesIn(to), subject, message}}).then(
      () => { toast('ok', t.isSent(report.title)); onClose(); },
      (error: unknown) => { setFaults(faultsOf(error, ['to', 'subject', 'message'])); setBusy(false); },
    );
  };
  return (
    <Sheet title={t.sendOne(report.title)} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.letter} onSubmit={submit}>
        <LabelledField label={t.to} hint={t.toHint} fault={faults.at.to}>{(field) => <input {...field} required value={to} onChange={(event) => setTo(event.target.value)} />}</LabelledField>
        <LabelledField label={t.subject} fault={faults.at.subject}>{(field) => <input {...field} value={subject} onChange={(event) => setSubject(event.target.value)} />}</LabelledField>
        <LabelledField label={t.message} fault={faults.at.message}>{(field) => <textarea {...field} rows={4} value={message} onChange={(event) => setMessage(event.target.value)} />}</LabelledField>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={busy}>{busy ? t.sending : t.send}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

// The text of a report, from the format that reads best as text.
function Preview({report}: {report: Report}) {
  const format = ['markdown', 'csv', 'json'].find((one) => report.files.some((file) => file.format === one));
  const [state, setState] = useState({text: '', error: ''});
  useEffect(() => {
    if (!format) return;
    let gone = false;
    textOf(report, format).then((text) => { if (!gone) setState({text: text.slice(0, 200_000), error: ''}); }, (error: Error) => { if (!gone) setState({text: '', error: error.message}); });
    return () => { gone = true; };
  }, [report.id, format]);
  if (!format) return <p className="muted">{t.openedFromFile}</p>;
  if (state.error) return <p className="fault" role="alert">{safe(state.error)}</p>;
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <pre className="block" data-testid="report-text" tabIndex={0}>{safe(state.text)}</pre>;
}

const asked = {new: '', run: '', other: ''}; // of the address: nothing any more

export function Reports() {
  const why = whyNot('reports:write');
  const [at, put] = useSearch();
  const list = useList<{items: Report[]}>('/api/reports');
  // Also those a schedule made.
  useHeard('operation', ({data}) => { if (String(data.operation).startsWith('reports.') && data.status === 'completed') list.reload(); });
  const making = at('new') !== '';
  const [sent, setSent] = useState<Report | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const chosen = list.data?.items.find(({id}) => id === at('report'));
  const told = (work: Promise<unknown>) => void work.catch((error: Error) => toast('down', error.message));
  const askDelete = (one: Report) => setQuestion({title: t.deleteAsk(one.title), text: t.deleteText, action: t.deleteReport, run: async () => { await request(`/api/reports/${one.id}`, {method: 'DELETE'}); toast('ok', t.isDeleted); list.reload(); }});
  return (
    <>
      <div className="bar"><p className="muted">{t.reportsAre}</p><ActionButton className="button primary end" why={why} onClick={() => put({new: 'fleet_health'})}>{t.newReport}</ActionButton></div>
      <ListState data={list.data?.items} error={list.error} reload={list.reload} empty={t.noReport} />
      {list.data && list.data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.reports} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.report}</th><th scope="col">{t.kind}</th><th scope="col">{t.made}</th><th scope="col">{t.files}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{list.data.items.map((one) => (
          <tr key={one.id} className="row" data-testid="report-row" data-kind={one.kind}><th scope="row"><button type="button" className="link" aria-expanded={chosen === one} onClick={() => put({report: chosen === one ? '' : one.id})}>{safe(one.title)}</button></th><td>{kindWord(one.kind)}</td><td><Ago time={one.created_at} /> <small>{t.by(safe(one.owner))}</small></td><td><span className="chips">{one.files.map((file) => <button key={file.format} type="button" className="filter-chip" title={t.save(bytes(file.bytes))} aria-label={t.saveAs(one.title, file.format)} onClick={() => told(save(one, file.format))}>{file.format}</button>)}</span></td>
            <td><span className="row-buttons"><ActionButton className="button small" why={why} aria-label={t.sendOne(one.title)} onClick={() => setSent(one)}>{t.send}</ActionButton><ActionButton className="button small" why={why} aria-label={t.removeOne(one.title)} onClick={() => askDelete(one)}>{t.remove}</ActionButton></span></td></tr>))}</tbody></table></div>}
      {chosen && <section aria-label={chosen.title}><h2>{safe(chosen.title)}</h2><Preview report={chosen} /></section>}
      {making && <Make first={{kind: at('new'), run: at('run'), other: at('other')}} onClose={() => put(asked)} onDone={(id) => { list.reload(); put({...asked, report: id}); }} />}
      {sent && <Send report={sent} onClose={() => setSent(null)} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

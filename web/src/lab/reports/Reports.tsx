// The reports that were made: read, saved, sent, removed; and making one.
import {type FormEvent, useEffect, useState} from 'react';
import {request, whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
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
      () => { toast('ok', `${report.title} is sent: the mail server has it.`); onClose(); },
      (error: unknown) => { setFaults(faultsOf(error, ['to', 'subject', 'message'])); setBusy(false); },
    );
  };
  return (
    <Sheet title={`Send ${report.title}`} className="small" onClose={onClose}>
      <form className="fields" aria-label="Letter" onSubmit={submit}>
        <LabelledField label="To" hint="E-mail addresses" fault={faults.at.to}>{(field) => <input {...field} required value={to} onChange={(event) => setTo(event.target.value)} />}</LabelledField>
        <LabelledField label="Subject" fault={faults.at.subject}>{(field) => <input {...field} value={subject} onChange={(event) => setSubject(event.target.value)} />}</LabelledField>
        <LabelledField label="Message" fault={faults.at.message}>{(field) => <textarea {...field} rows={4} value={message} onChange={(event) => setMessage(event.target.value)} />}</LabelledField>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={busy}>{busy ? 'Sending' : 'Send'}</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
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
  if (!format) return <p className="muted">HTML and PDF are opened from the file that is saved; made as markdown as well it could be read here.</p>;
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
  const askDelete = (one: Report) => setQuestion({title: `Delete ${one.title}?`, text: 'Its files are removed. It can be made again while what it tells of is kept.', action: 'Delete report', run: async () => { await request(`/api/reports/${one.id}`, {method: 'DELETE'}); toast('ok', 'The report is deleted.'); list.reload(); }});
  return (
    <>
      <div className="bar"><p className="muted">Made when they are asked for, or by a schedule; kept for 90 days.</p><ActionButton className="button primary end" why={why} onClick={() => put({new: 'fleet_health'})}>New report</ActionButton></div>
      <ListState data={list.data?.items} error={list.error} reload={list.reload} empty="No report has been made yet." />
      {list.data && list.data.items.length > 0 && <div className="table-wrap" role="region" aria-label="Reports" tabIndex={0}><table className="grid"><thead><tr><th scope="col">Report</th><th scope="col">Kind</th><th scope="col">Made</th><th scope="col">Files</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
        <tbody>{list.data.items.map((one) => (
          <tr key={one.id} className="row" data-testid="report-row" data-kind={one.kind}><th scope="row"><button type="button" className="link" aria-expanded={chosen === one} onClick={() => put({report: chosen === one ? '' : one.id})}>{safe(one.title)}</button></th><td>{kindWord(one.kind)}</td><td><Ago time={one.created_at} /> <small>by {safe(one.owner)}</small></td><td><span className="chips">{one.files.map((file) => <button key={file.format} type="button" className="filter-chip" title={`Save, ${bytes(file.bytes)}`} aria-label={`Save ${one.title} as ${file.format}`} onClick={() => told(save(one, file.format))}>{file.format}</button>)}</span></td>
            <td><span className="row-buttons"><ActionButton className="button small" why={why} aria-label={`Send ${one.title}`} onClick={() => setSent(one)}>Send</ActionButton><ActionButton className="button small" why={why} aria-label={`Delete ${one.title}`} onClick={() => askDelete(one)}>Delete</ActionButton></span></td></tr>))}</tbody></table></div>}
      {chosen && <section aria-label={chosen.title}><h2>{safe(chosen.title)}</h2><Preview report={chosen} /></section>}
      {making && <Make first={{kind: at('new'), run: at('run'), other: at('other')}} onClose={() => put(asked)} onDone={(id) => { list.reload(); put({...asked, report: id}); }} />}
      {sent && <Send report={sent} onClose={() => setSent(null)} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

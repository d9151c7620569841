// Making a report: of the fleet, a server, streams; of a run, or of two.
import {type FormEvent, useState} from 'react';
import {request} from '../../api/client';
import {live} from '../../live/store';
import {locale} from '../../messages/language';
import {t} from '../../messages/en/reports';
import {useList} from '../../server/useList';
import {faultsOf, LabelledField, noFaults} from '../../ui/fields';
import {Sheet} from '../../ui/Sheet';
import type {RunSummary} from '../types';
import {toast} from '../../ui/toast';
import {addressesIn, formatsOf, isOfRuns, kinds, rangeOf, type Report, spans, usualSpan} from './report';

interface Props {first: {kind: string; run: string; other: string}; onClose(): void; onDone(id: string): void}

function Formats({all, chosen, onChange}: {all: string[]; chosen: string[]; onChange(formats: string[]): void}) {
  return <fieldset className="grant"><legend>{t.formats}</legend><div className="bar">{all.map((one) => <label key={one} className="check"><input type="checkbox" checked={chosen.includes(one)} onChange={(event) => onChange(event.target.checked ? [...chosen, one] : chosen.filter((each) => each !== one))} /> {one}</label>)}</div></fieldset>;
}

// Runs that have results, newest first; one that was asked for is among them whatever its age.
function RunField({label, value, runs, fault, onChange}: {label: string; value: string; runs: RunSummary[]; fault?: string; onChange(run: string): void}) {
  return <LabelledField label={label} fault={fault}>{(field) => <select {...field} value={value} onChange={(event) => onChange(event.target.value)}><option value="">{t.chooseOne}</option>{value && !runs.some(({id}) => id === value) && <option value={value}>{value}</option>}{runs.map((one) => <option key={one.id} value={one.id}>{one.suite}, {new Date(one.started).toLocaleString(locale())}: {one.status}</option>)}</select>}</LabelledField>;
}

export function Make({first, onClose, onDone}: Props) {
  const servers = [...live.servers.keys()].sort();
  const [kind, setKind] = useState(first.kind);
  const [server, setServer] = useState(servers[0] ?? '');
  const [run, setRun] = useState(first.run);
  const [other, setOther] = useState(first.other);
  const [hours, setHours] = useState(usualSpan[first.kind] ?? 24);
  const [chosen, setChosen] = useState(['html', 'pdf']);
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState(noFaults);
  const ofRuns = isOfRuns(kind);
  const list = useList<{items: RunSummary[]}>(ofRuns ? '/api/tests/runs?limit=100' : null);
  const ended = (list.data?.items ?? []).filter(({status}) => status !== 'running' && status !== 'interrupted');
  const formats = chosen.filter((one) => formatsOf(kind).includes(one));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFaults(noFaults);
    const about = ofRuns ? {run, ...(kind === 'comparison' && {other})} : {...rangeOf(hours, Date.now()), ...(kind === 'incident' && {server})};
    request<Report>('/api/reports/generate', {method: 'POST', wait: 300, body: {kind, formats, ...about, email: addressesIn(email)}}).then(
      ({body}) => { toast('ok', t.isMade(body.title)); onDone(body.id); },
      (error: unknown) => { setFaults(faultsOf(error, ['kind', 'server', 'run', 'other', 'from', 'formats', 'email'])); setBusy(false); },
    );
  };
  return (
    <Sheet title={t.newReport} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.report} onSubmit={submit}>
        <LabelledField label={t.what} fault={faults.at.kind}>{(field) => <select {...field} value={kind} onChange={(event) => { setKind(event.target.value); setHours(usualSpan[event.target.value] ?? 24); }}>{kinds().map(([name, word]) => <option key={name} value={name}>{word}</option>)}</select>}</LabelledField>
        {kind === 'incident' && <LabelledField label={t.server} fault={faults.at.server}>{(field) => <select {...field} value={server} onChange={(event) => setServer(event.target.value)}>{servers.map((one) => <option key={one}>{one}</option>)}</select>}</LabelledField>}
        {kind === 'comparison' && <RunField label={t.before} value={other} runs={ended} fault={faults.at.other} onChange={setOther} />}
        {ofRuns ? <RunField label={kind === 'comparison' ? t.after : t.run} value={run} runs={ended} fault={faults.at.run} onChange={setRun} />
          : <LabelledField label={t.theLast} fault={faults.at.from}>{(field) => <select {...field} value={hours} onChange={(event) => setHours(Number(event.target.value))}>{spans().map(([word, span]) => <option key={span} value={span}>{word}</option>)}</select>}</LabelledField>}
        <Formats all={formatsOf(kind)} chosen={chosen} onChange={setChosen} />
        {faults.at.formats && <p className="fault">{faults.at.formats}</p>}
        <LabelledField label={t.sendTo} hint={t.sendToHint} fault={faults.at.email}>{(field) => <input {...field} value={email} onChange={(event) => setEmail(event.target.value)} />}</LabelledField>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={busy || formats.length === 0 || (ofRuns && !run) || (kind === 'comparison' && !other)}>{busy ? t.making : t.make}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

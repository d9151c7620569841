// A silence of one's own: which alerts, how long, why.
import {type FormEvent, useState} from 'react';
import {request} from '../api/client';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {Sheet} from '../ui/Sheet';
import {toast} from '../ui/toast';

export function SilenceForm({matchers: given = '', onClose, onDone}: {matchers?: string; onClose(): void; onDone(): void}) {
  const [matchers, setMatchers] = useState(given);
  const [duration, setDuration] = useState('4h');
  const [reason, setReason] = useState('');
  const [faults, setFaults] = useState(noFaults);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    request('/api/alerts/silences', {method: 'POST', body: {matchers, duration, reason}}).then(() => { toast('ok', 'The silence has begun.'); onDone(); onClose(); }, (error: unknown) => setFaults(faultsOf(error, ['matchers', 'duration', 'reason'])));
  };
  return (
    <Sheet title="Silence" className="small" onClose={onClose}>
      <form className="fields" aria-label="Silence" onSubmit={submit}>
        <LabelledField label="Which alerts" hint={'Matchers over their labels, rule, severity: rule="server_down", server=~"test-.*"'} fault={faults.at.matchers}>{(field) => <input {...field} className="mono" required value={matchers} onChange={(event) => setMatchers(event.target.value)} />}</LabelledField>
        <LabelledField label="For" hint="30m, 4h, 2d; at most 90d" fault={faults.at.duration}>{(field) => <input {...field} required value={duration} onChange={(event) => setDuration(event.target.value)} />}</LabelledField>
        <LabelledField label="Why" fault={faults.at.reason}>{(field) => <input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}</LabelledField>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">Silence</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
      </form>
    </Sheet>
  );
}

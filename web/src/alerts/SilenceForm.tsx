// A silence of one's own: which alerts, how long, why.
import {type FormEvent, useState} from 'react';
import {request} from '../api/client';
import {t} from '../messages/en/alerts';
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
    request('/api/alerts/silences', {method: 'POST', body: {matchers, duration, reason}}).then(() => { toast('ok', t.silenceBegun); onDone(); onClose(); }, (error: unknown) => setFaults(faultsOf(error, ['matchers', 'duration', 'reason'])));
  };
  return (
    <Sheet title={t.silence} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.silence} onSubmit={submit}>
        <LabelledField label={t.whichAlerts} hint={t.whichHint} fault={faults.at.matchers}>{(field) => <input {...field} className="mono" required value={matchers} onChange={(event) => setMatchers(event.target.value)} />}</LabelledField>
        <LabelledField label={t.forDuration} hint={t.durationHint} fault={faults.at.duration}>{(field) => <input {...field} required value={duration} onChange={(event) => setDuration(event.target.value)} />}</LabelledField>
        <LabelledField label={t.why} fault={faults.at.reason}>{(field) => <input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}</LabelledField>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">{t.silence}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

// A channel: where it leads, from which severity on, when it is quiet. What is secret is kept sealed and never shown again.
import {type FormEvent, useId, useState} from 'react';
import {request} from '../api/client';
import {zones} from '../lab/reports/schedule';
import {t} from '../messages/en/alerts';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {Sheet} from '../ui/Sheet';
import {toast} from '../ui/toast';
import type {Channel, ChannelDefinition, Quiet} from './types';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const blank: ChannelDefinition = {name: '', kind: 'webhook', to: [], secret_url: '', secret: '', least_severity: 'info', resolved: true, quiet: {from: '', to: '', days, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'}, enabled: true};
const fields = ['name', 'kind', 'to', 'secret_url', 'secret', 'least_severity', 'quiet/from', 'quiet/to', 'quiet/days', 'quiet/time_zone'];

function draftOf({name, kind, to, least_severity, resolved, quiet, enabled}: Channel): ChannelDefinition {
  return {name, kind, to, secret_url: '', secret: '', least_severity, resolved, quiet, enabled};
}

export function ChannelForm({channel, onClose, onDone}: {channel: Channel | null; onClose(): void; onDone(): void}) {
  const [draft, setDraft] = useState(channel ? draftOf(channel) : blank);
  const [addresses, setAddresses] = useState(draft.to.join(', '));
  const [faults, setFaults] = useState(noFaults);
  const id = useId();
  const put = (change: Partial<ChannelDefinition>) => setDraft((old) => ({...old, ...change}));
  const quiet = (change: Partial<Quiet>) => put({quiet: {...draft.quiet, ...change}});
  const posts = draft.kind === 'webhook' || draft.kind === 'slack';
  const kept = channel ? t.leftEmpty : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const to = draft.kind === 'email' ? addresses.split(',').map((one) => one.trim()).filter(Boolean) : [];
    const body = {...draft, to, secret_url: posts ? draft.secret_url : '', secret: draft.kind === 'webhook' ? draft.secret : ''};
    request(channel ? `/api/alerts/channels/${channel.id}` : '/api/alerts/channels', {method: channel ? 'PUT' : 'POST', body}).then(() => { toast('ok', t.saved(draft.name)); onDone(); onClose(); }, (error: unknown) => setFaults(faultsOf(error, fields)));
  };
  return (
    <Sheet title={channel ? t.channelNamed(channel.name) : t.newChannel} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.channel} onSubmit={submit}>
        <LabelledField label={t.name} fault={faults.at.name}>{(field) => <input {...field} required value={draft.name} onChange={(event) => put({name: event.target.value})} />}</LabelledField>
        {!channel && <LabelledField label={t.kind} fault={faults.at.kind}>{(field) => <select {...field} value={draft.kind} onChange={(event) => put({kind: event.target.value as ChannelDefinition['kind']})}><option value="webhook">{t.webhookKind}</option><option value="slack">{t.slackKind}</option><option value="email">{t.email}</option></select>}</LabelledField>}
        {draft.kind === 'email' && <LabelledField label={t.addresses} hint={t.withCommas} fault={faults.at.to}>{(field) => <input {...field} required value={addresses} onChange={(event) => setAddresses(event.target.value)} />}</LabelledField>}
        {posts && <LabelledField label={t.url} hint={kept ?? t.keptSealed} fault={faults.at.secret_url}>{(field) => <input {...field} type="url" required={!channel} placeholder={channel?.secret_url} value={draft.secret_url} onChange={(event) => put({secret_url: event.target.value})} />}</LabelledField>}
        {draft.kind === 'webhook' && <LabelledField label={t.secret} hint={kept ?? t.secretHint} fault={faults.at.secret}>{(field) => <input {...field} type="password" autoComplete="off" value={draft.secret} onChange={(event) => put({secret: event.target.value})} />}</LabelledField>}
        <LabelledField label={t.isToldOf} fault={faults.at.least_severity}>{(field) => <select {...field} value={draft.least_severity} onChange={(event) => put({least_severity: event.target.value as ChannelDefinition['least_severity']})}><option value="info">{t.everything}</option><option value="warning">{t.warningsAndWorse}</option><option value="critical">{t.criticalOnly}</option></select>}</LabelledField>
        <label className="check"><input type="checkbox" checked={draft.resolved} onChange={(event) => put({resolved: event.target.checked})} /> {t.alsoOver}</label>
        <fieldset className="grant"><legend>{t.quietHours}</legend>
          <p className="hint">{t.quietText}</p>
          <div className="pair">
            <LabelledField label={t.from} fault={faults.at['quiet/from']}>{(field) => <input {...field} type="time" value={draft.quiet.from} onChange={(event) => quiet({from: event.target.value})} />}</LabelledField>
            <LabelledField label={t.to} fault={faults.at['quiet/to']}>{(field) => <input {...field} type="time" value={draft.quiet.to} onChange={(event) => quiet({to: event.target.value})} />}</LabelledField>
            <LabelledField label={t.timeZone} fault={faults.at['quiet/time_zone']}>{(field) => <><input {...field} list={`${id}-zones`} value={draft.quiet.time_zone} onChange={(event) => quiet({time_zone: event.target.value})} /><datalist id={`${id}-zones`}>{zones().map((zone) => <option key={zone} value={zone} />)}</datalist></>}</LabelledField>
          </div>
          <div className="choices" role="group" aria-label={t.quietDays}>{days.map((day) => <label key={day} className="check"><input type="checkbox" checked={draft.quiet.days.includes(day)} onChange={(event) => quiet({days: event.target.checked ? [...draft.quiet.days, day] : draft.quiet.days.filter((one) => one !== day)})} /> {t.dayNames[day]}</label>)}</div>
          {faults.at['quiet/days'] && <p className="fault" role="alert">{faults.at['quiet/days']}</p>}
        </fieldset>
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => put({enabled: event.target.checked})} /> {t.on}</label>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">{t.saveChannel}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

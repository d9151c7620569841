// A channel: where it leads, from which severity on, when it is quiet. What is secret is kept sealed and never shown again.
import {type FormEvent, useId, useState} from 'react';
import {request} from '../api/client';
import {zones} from '../lab/reports/schedule';
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
  const kept = channel ? 'Left empty it stays what it is' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const to = draft.kind === 'email' ? addresses.split(',').map((one) => one.trim()).filter(Boolean) : [];
    const body = {...draft, to, secret_url: posts ? draft.secret_url : '', secret: draft.kind === 'webhook' ? draft.secret : ''};
    request(channel ? `/api/alerts/channels/${channel.id}` : '/api/alerts/channels', {method: channel ? 'PUT' : 'POST', body}).then(() => { toast('ok', `${draft.name} is saved.`); onDone(); onClose(); }, (error: unknown) => setFaults(faultsOf(error, fields)));
  };
  return (
    <Sheet title={channel ? `Channel ${channel.name}` : 'New channel'} className="small" onClose={onClose}>
      <form className="fields" aria-label="Channel" onSubmit={submit}>
        <LabelledField label="Name" fault={faults.at.name}>{(field) => <input {...field} required value={draft.name} onChange={(event) => put({name: event.target.value})} />}</LabelledField>
        {!channel && <LabelledField label="Kind" fault={faults.at.kind}>{(field) => <select {...field} value={draft.kind} onChange={(event) => put({kind: event.target.value as ChannelDefinition['kind']})}><option value="webhook">Webhook (JSON, signed)</option><option value="slack">Slack, or what takes its webhooks</option><option value="email">E-mail</option></select>}</LabelledField>}
        {draft.kind === 'email' && <LabelledField label="Addresses" hint="With commas" fault={faults.at.to}>{(field) => <input {...field} required value={addresses} onChange={(event) => setAddresses(event.target.value)} />}</LabelledField>}
        {posts && <LabelledField label="URL" hint={kept ?? 'Kept sealed; only where it leads is shown again'} fault={faults.at.secret_url}>{(field) => <input {...field} type="url" required={!channel} placeholder={channel?.secret_url} value={draft.secret_url} onChange={(event) => put({secret_url: event.target.value})} />}</LabelledField>}
        {draft.kind === 'webhook' && <LabelledField label="Secret" hint={kept ?? 'Signs what is sent: HMAC-SHA256 in X-Telltale-Signature'} fault={faults.at.secret}>{(field) => <input {...field} type="password" autoComplete="off" value={draft.secret} onChange={(event) => put({secret: event.target.value})} />}</LabelledField>}
        <LabelledField label="Is told of" fault={faults.at.least_severity}>{(field) => <select {...field} value={draft.least_severity} onChange={(event) => put({least_severity: event.target.value as ChannelDefinition['least_severity']})}><option value="info">everything</option><option value="warning">warnings and worse</option><option value="critical">what is critical</option></select>}</LabelledField>
        <label className="check"><input type="checkbox" checked={draft.resolved} onChange={(event) => put({resolved: event.target.checked})} /> also of what is over</label>
        <fieldset className="grant"><legend>Quiet hours</legend>
          <p className="hint">What fires then is told when they are over, if it still fires</p>
          <div className="pair">
            <LabelledField label="From" fault={faults.at['quiet/from']}>{(field) => <input {...field} type="time" value={draft.quiet.from} onChange={(event) => quiet({from: event.target.value})} />}</LabelledField>
            <LabelledField label="To" fault={faults.at['quiet/to']}>{(field) => <input {...field} type="time" value={draft.quiet.to} onChange={(event) => quiet({to: event.target.value})} />}</LabelledField>
            <LabelledField label="Time zone" fault={faults.at['quiet/time_zone']}>{(field) => <><input {...field} list={`${id}-zones`} value={draft.quiet.time_zone} onChange={(event) => quiet({time_zone: event.target.value})} /><datalist id={`${id}-zones`}>{zones().map((zone) => <option key={zone} value={zone} />)}</datalist></>}</LabelledField>
          </div>
          <div className="choices" role="group" aria-label="Days on which they begin">{days.map((day) => <label key={day} className="check"><input type="checkbox" checked={draft.quiet.days.includes(day)} onChange={(event) => quiet({days: event.target.checked ? [...draft.quiet.days, day] : draft.quiet.days.filter((one) => one !== day)})} /> {day}</label>)}</div>
          {faults.at['quiet/days'] && <p className="fault" role="alert">{faults.at['quiet/days']}</p>}
        </fieldset>
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => put({enabled: event.target.checked})} /> On</label>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">Save channel</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
      </form>
    </Sheet>
  );
}

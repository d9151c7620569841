// A rule as one writes it, and beside it when it would have fired.
import {type FormEvent, useState} from 'react';
import {request} from '../api/client';
import {useList} from '../server/useList';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {toast} from '../ui/toast';
import {ConditionFields} from './ConditionFields';
import {Evidence} from './Evidence';
import type {Channel, Definition, Rehearsal, Rule} from './types';
import {ruleFields, useRehearsal} from './useRehearsal';
import {blankRule, definitionOf, lasting, rehearsed} from './words';

function Outcome({rehearsal, range, busy}: {rehearsal: Rehearsal | null; range: string; busy: boolean}) {
  return (
    <section className="rehearsal" aria-label="Rehearsal" aria-live="polite" data-testid="rehearsal" data-busy={busy}>
      {rehearsal ? <><p><strong>{rehearsed(rehearsal, range)}</strong></p>
        <Evidence title="What it would have seen" curves={rehearsal.curves} episodes={rehearsal.episodes} threshold={rehearsal.curves.length ? rehearsal.threshold : undefined} />
        {rehearsal.episodes.length > 0 && <ol className="plain">{rehearsal.episodes.slice(-5).reverse().map((one) => <li key={`${one.from} ${JSON.stringify(one.labels)}`}>{new Date(one.from).toLocaleString()}, {one.to ? `for ${lasting(one.duration_s)}` : 'still'}{Object.values(one.labels).length > 0 && <span className="muted">: {safe(Object.values(one.labels).join(', '))}</span>}</li>)}</ol>}</>
        : <p className="muted">{busy ? 'Looking back' : 'Once the condition is complete, you see here when it would have fired.'}</p>}
    </section>
  );
}

export function RuleForm({rule, onClose, onDone}: {rule: Rule | null; onClose(): void; onDone(): void}) {
  const [draft, setDraft] = useState<Definition>(rule ? definitionOf(rule) : blankRule);
  const [range, setRange] = useState('7d');
  const [saved, setSaved] = useState(noFaults);
  const {rehearsal, faults, busy} = useRehearsal(draft, range);
  const channels = useList<{items: Channel[]}>('/api/alerts/channels').data?.items ?? [];
  const put = (change: Partial<Definition>) => { setDraft((old) => ({...old, ...change})); setSaved(noFaults); };
  const at = {...faults.at, ...saved.at};
  const number = (value: string) => (value === '' ? 0 : Number(value));
  const pick = (key: 'channels' | 'escalate_to', id: string, on: boolean) => put({[key]: on ? [...draft[key], id] : draft[key].filter((one) => one !== id)});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    request(rule ? `/api/alerts/rules/${rule.id}` : '/api/alerts/rules', {method: rule ? 'PUT' : 'POST', body: draft}).then(() => { toast('ok', `${draft.name} is saved.`); onDone(); onClose(); }, (error: unknown) => setSaved(faultsOf(error, ruleFields)));
  };
  const choices = (key: 'channels' | 'escalate_to', label: string) => <div className="choices" role="group" aria-label={label}>{channels.map((one) => <label key={one.id} className="check"><input type="checkbox" checked={draft[key].includes(one.id)} onChange={(event) => pick(key, one.id, event.target.checked)} /> {safe(one.name)}</label>)}</div>;
  return (
    <Sheet title={rule ? `Rule ${rule.name}` : 'New rule'} onClose={onClose}>
      <form className="fields" aria-label="Rule" onSubmit={submit}>
        <LabelledField label="Name" fault={saved.at.name}>{(field) => <input {...field} required value={draft.name} onChange={(event) => put({name: event.target.value})} />}</LabelledField>
        <ConditionFields condition={draft.condition} faults={at} onChange={(condition) => put({condition})} />
        <div className="pair">
          <LabelledField label="Must hold for (s)" fault={at.for_s}>{(field) => <input {...field} type="number" min={0} value={draft.for_s} onChange={(event) => put({for_s: number(event.target.value)})} />}</LabelledField>
          <LabelledField label="Is over after (s)" hint="So that what comes and goes stays one alert" fault={at.keep_firing_for_s}>{(field) => <input {...field} type="number" min={0} value={draft.keep_firing_for_s} onChange={(event) => put({keep_firing_for_s: number(event.target.value)})} />}</LabelledField>
          <LabelledField label="Severity" fault={at.severity}>{(field) => <select {...field} value={draft.severity} onChange={(event) => put({severity: event.target.value as Definition['severity']})}><option value="info">Info</option><option value="warning">Warning</option><option value="critical">Critical</option></select>}</LabelledField>
        </div>
        <div className="bar"><label>Rehearse over the last <select className="select" value={range} onChange={(event) => setRange(event.target.value)}><option value="1d">day</option><option value="7d">7 days</option><option value="30d">30 days</option></select></label></div>
        <Outcome rehearsal={rehearsal} range={range} busy={busy} />
        <LabelledField label="Says" hint="{server}, {value}, {percent}, {threshold} and any label" fault={at.summary}>{(field) => <input {...field} value={draft.summary} onChange={(event) => put({summary: event.target.value})} />}</LabelledField>
        <LabelledField label="What to do" hint="A URL, or a path of this dashboard" fault={at.runbook}>{(field) => <input {...field} value={draft.runbook} onChange={(event) => put({runbook: event.target.value})} />}</LabelledField>
        <fieldset className="grant"><legend>Tells</legend><p className="hint">None chosen: every channel</p>{choices('channels', 'Channels')}{saved.at.channels && <p className="fault" role="alert">{saved.at.channels}</p>}</fieldset>
        <fieldset className="grant"><legend>Escalates</legend>
          <LabelledField label="When nobody acknowledged it within (s)" hint="0: never" fault={saved.at.escalate_after_s}>{(field) => <input {...field} type="number" min={0} value={draft.escalate_after_s} onChange={(event) => put({escalate_after_s: number(event.target.value)})} />}</LabelledField>
          {choices('escalate_to', 'Escalates to')}{saved.at.escalate_to && <p className="fault" role="alert">{saved.at.escalate_to}</p>}
        </fieldset>
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => put({enabled: event.target.checked})} /> On</label>
        <p className="fault" role="alert">{saved.general || faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">Save rule</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
      </form>
    </Sheet>
  );
}

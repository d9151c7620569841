// A rule as one writes it, and beside it when it would have fired.
import {type FormEvent, useState} from 'react';
import {request} from '../api/client';
import {locale} from '../messages/language';
import {t} from '../messages/en/alerts';
import {useList} from '../server/useList';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {toast} from '../ui/toast';
import {ConditionFields} from './ConditionFields';
import {Evidence} from './Evidence';
import type {Channel, Definition, Rehearsal, Rule} from './types';
import {ruleFields, useRehearsal} from './useRehearsal';
import {lasting, rehearsed} from './rehearsed';
import {blankRule, definitionOf, severityWord} from './words';

function Outcome({rehearsal, range, busy}: {rehearsal: Rehearsal | null; range: string; busy: boolean}) {
  return (
    <section className="rehearsal" aria-label={t.rehearsal} aria-live="polite" data-testid="rehearsal" data-busy={busy}>
      {rehearsal ? <><p><strong>{rehearsed(rehearsal, range)}</strong></p>
        <Evidence title={t.wouldHaveSeen} curves={rehearsal.curves} episodes={rehearsal.episodes} threshold={rehearsal.curves.length ? rehearsal.threshold : undefined} />
        {rehearsal.episodes.length > 0 && <ol className="plain">{rehearsal.episodes.slice(-5).reverse().map((one) => <li key={`${one.from} ${JSON.stringify(one.labels)}`}>{new Date(one.from).toLocaleString(locale())}, {one.to ? t.lastingFor(lasting(one.duration_s)) : t.still}{Object.values(one.labels).length > 0 && <span className="muted">: {safe(Object.values(one.labels).join(', '))}</span>}</li>)}</ol>}</>
        : <p className="muted">{busy ? t.lookingBack : t.onceComplete}</p>}
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
    request(rule ? `/api/alerts/rules/${rule.id}` : '/api/alerts/rules', {method: rule ? 'PUT' : 'POST', body: draft}).then(() => { toast('ok', t.saved(draft.name)); onDone(); onClose(); }, (error: unknown) => setSaved(faultsOf(error, ruleFields)));
  };
  const choices = (key: 'channels' | 'escalate_to', label: string) => <div className="choices" role="group" aria-label={label}>{channels.map((one) => <label key={one.id} className="check"><input type="checkbox" checked={draft[key].includes(one.id)} onChange={(event) => pick(key, one.id, event.target.checked)} /> {safe(one.name)}</label>)}</div>;
  return (
    <Sheet title={rule ? t.ruleNamed(rule.name) : t.newRule} onClose={onClose}>
      <form className="fields" aria-label={t.rule} onSubmit={submit}>
        <LabelledField label={t.name} fault={saved.at.name}>{(field) => <input {...field} required value={draft.name} onChange={(event) => put({name: event.target.value})} />}</LabelledField>
        <ConditionFields condition={draft.condition} faults={at} onChange={(condition) => put({condition})} />
        <div className="pair">
          <LabelledField label={t.mustHold} fault={at.for_s}>{(field) => <input {...field} type="number" min={0} value={draft.for_s} onChange={(event) => put({for_s: number(event.target.value)})} />}</LabelledField>
          <LabelledField label={t.isOverAfter} hint={t.oneAlert} fault={at.keep_firing_for_s}>{(field) => <input {...field} type="number" min={0} value={draft.keep_firing_for_s} onChange={(event) => put({keep_firing_for_s: number(event.target.value)})} />}</LabelledField>
          <LabelledField label={t.severity} fault={at.severity}>{(field) => <select {...field} value={draft.severity} onChange={(event) => put({severity: event.target.value as Definition['severity']})}><option value="info">{severityWord.info}</option><option value="warning">{severityWord.warning}</option><option value="critical">{severityWord.critical}</option></select>}</LabelledField>
        </div>
        <div className="bar"><label>{t.rehearseOver} <select className="select" value={range} onChange={(event) => setRange(event.target.value)}><option value="1d">{t.day}</option><option value="7d">{t.sevenDays}</option><option value="30d">{t.thirtyDays}</option></select></label></div>
        <Outcome rehearsal={rehearsal} range={range} busy={busy} />
        <LabelledField label={t.says} hint={t.saysHint} fault={at.summary}>{(field) => <input {...field} value={draft.summary} onChange={(event) => put({summary: event.target.value})} />}</LabelledField>
        <LabelledField label={t.whatToDo} hint={t.runbookHint} fault={at.runbook}>{(field) => <input {...field} value={draft.runbook} onChange={(event) => put({runbook: event.target.value})} />}</LabelledField>
        <fieldset className="grant"><legend>{t.tells}</legend><p className="hint">{t.noneChosen}</p>{choices('channels', t.channels)}{saved.at.channels && <p className="fault" role="alert">{saved.at.channels}</p>}</fieldset>
        <fieldset className="grant"><legend>{t.escalates}</legend>
          <LabelledField label={t.escalatesHint} hint={t.zeroNever} fault={saved.at.escalate_after_s}>{(field) => <input {...field} type="number" min={0} value={draft.escalate_after_s} onChange={(event) => put({escalate_after_s: number(event.target.value)})} />}</LabelledField>
          {choices('escalate_to', t.escalatesTo)}{saved.at.escalate_to && <p className="fault" role="alert">{saved.at.escalate_to}</p>}
        </fieldset>
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => put({enabled: event.target.checked})} /> {t.on}</label>
        <p className="fault" role="alert">{saved.general || faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">{t.saveRule}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

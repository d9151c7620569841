// The condition of a rule: over a metric, over events, or over what does not come.
import {t} from '../messages/en/alerts';
import {LabelledField} from '../ui/fields';
import type {Condition} from './types';

const events = ['mcp_status_change', 'circuit_breaker_state', 'mcp_auto_disabled', 'config_changed', 'health_event', 'test_progress', 'tool_result', 'webrtc_connection', 'webrtc_health', 'security', 'loop_stall', 'schedule'];

interface Props {condition: Condition; faults: Record<string, string>; onChange(condition: Condition): void}

export function ConditionFields({condition, faults, onChange}: Props) {
  const put = (change: Partial<Condition>) => onChange({...condition, ...change});
  const {kind} = condition;
  const text = (key: 'query' | 'divided_by' | 'event' | 'where' | 'until', label: string, hint?: string) => <LabelledField label={label} hint={hint} fault={faults[`condition/${key}`]}>{(field) => <input {...field} className="mono" list={key === 'event' ? 'alert-events' : undefined} value={condition[key]} onChange={(event) => put({[key]: event.target.value})} />}</LabelledField>;
  const number = (key: 'threshold' | 'samples' | 'count' | 'window_s', label: string, hint?: string) => <LabelledField label={label} hint={hint} fault={faults[`condition/${key}`]}>{(field) => <input {...field} type="number" step="any" value={condition[key]} onChange={(event) => put({[key]: Number(event.target.value)})} />}</LabelledField>;
  return (
    <fieldset className="grant">
      <legend>{t.firesWhen}</legend>
      <LabelledField label={t.kind}>{(field) => <select {...field} value={kind} onChange={(event) => put({kind: event.target.value as Condition['kind']})}><option value="metric">{t.metricBeyond}</option><option value="event">{t.eventHappens}</option><option value="absence">{t.nothingComes}</option></select>}</LabelledField>
      {kind !== 'event' && text('query', t.metric, t.metricHint)}
      {kind === 'metric' && <>
        {text('divided_by', t.dividedBy, t.dividedByHint)}
        <div className="pair">
          <LabelledField label={t.is} fault={faults['condition/comparison']}>{(field) => <select {...field} value={condition.comparison} onChange={(event) => put({comparison: event.target.value as Condition['comparison']})}><option value="above">{t.above}</option><option value="at_least">{t.atOrAbove}</option><option value="below">{t.below}</option><option value="at_most">{t.atOrBelow}</option></select>}</LabelledField>
          {number('threshold', t.threshold)}
          {number('samples', t.ofAtLeast, t.pointsHint)}
        </div></>}
      {kind !== 'metric' && <>{text('event', t.event)}<datalist id="alert-events">{events.map((one) => <option key={one} value={one} />)}</datalist>{text('where', t.withFields, t.whereHint)}</>}
      {kind === 'event' && <>{text('until', t.until, t.untilHint)}
        <LabelledField label={t.oneForEach} hint={t.oneForEachHint} fault={faults['condition/by']}>{(field) => <input {...field} className="mono" value={condition.by.join(', ')} onChange={(event) => put({by: event.target.value.split(',').map((one) => one.trim()).filter(Boolean)})} />}</LabelledField></>}
      {kind !== 'metric' && <div className="pair">{kind === 'event' && number('count', t.soOften)}{number('window_s', kind === 'event' ? t.withinSeconds : t.forSeconds)}</div>}
    </fieldset>
  );
}

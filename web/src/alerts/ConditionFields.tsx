// The condition of a rule: over a metric, over events, or over what does not come.
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
      <legend>Fires when</legend>
      <LabelledField label="Kind">{(field) => <select {...field} value={kind} onChange={(event) => put({kind: event.target.value as Condition['kind']})}><option value="metric">a metric is beyond a threshold</option><option value="event">an event happens</option><option value="absence">nothing comes</option></select>}</LabelledField>
      {kind !== 'event' && text('query', 'Metric', 'As in Analytics: p95(tool_duration_ms[5m]) by (server)')}
      {kind === 'metric' && <>
        {text('divided_by', 'Divided by', 'Another query, when it is the share that counts')}
        <div className="pair">
          <LabelledField label="Is" fault={faults['condition/comparison']}>{(field) => <select {...field} value={condition.comparison} onChange={(event) => put({comparison: event.target.value as Condition['comparison']})}><option value="above">above</option><option value="at_least">at or above</option><option value="below">below</option><option value="at_most">at or below</option></select>}</LabelledField>
          {number('threshold', 'Threshold')}
          {number('samples', 'Of at least', 'points, or of what it is divided by')}
        </div></>}
      {kind !== 'metric' && <>{text('event', 'Event')}<datalist id="alert-events">{events.map((one) => <option key={one} value={one} />)}</datalist>{text('where', 'Where', 'Fields of the event: new_status="disconnected", mcp_name=~"prod-.*"')}</>}
      {kind === 'event' && <>{text('until', 'Until', 'An event of that kind that ends it')}
        <LabelledField label="One alert for each" hint="Fields, with commas: mcp_name" fault={faults['condition/by']}>{(field) => <input {...field} className="mono" value={condition.by.join(', ')} onChange={(event) => put({by: event.target.value.split(',').map((one) => one.trim()).filter(Boolean)})} />}</LabelledField></>}
      {kind !== 'metric' && <div className="pair">{kind === 'event' && number('count', 'So often')}{number('window_s', kind === 'event' ? 'Within (s)' : 'For (s)')}</div>}
    </fieldset>
  );
}

// The rules: on, off, changed, as they were; each in plain words.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {useSearch} from '../lab/useSearch';
import {useHeard} from '../live/store';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {RuleForm} from './RuleForm';
import {SeverityBadge} from './SeverityBadge';
import type {Rule} from './types';
import {definitionOf} from './words';

export function Rules() {
  const list = useList<{items: Rule[]}>('/api/alerts/rules');
  const [at, put] = useSearch();
  const [adding, setAdding] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const why = whyNot('alerts:write');
  useHeard('alert', list.reload);
  const told = (work: Promise<unknown>, word: string) => work.then(() => { toast('ok', word); list.reload(); }, (error: Error) => toast('down', error.message));
  const toggle = (one: Rule) => void told(request(`/api/alerts/rules/${one.id}`, {method: 'PUT', body: {...definitionOf(one), enabled: !one.enabled}}), `${one.name} is ${one.enabled ? 'off' : 'on'}.`);
  const reset = (one: Rule) => void told(request(`/api/alerts/rules/${one.id}/reset`, {method: 'POST', body: {}}), `${one.name} is as it was made.`);
  const askDelete = (one: Rule) => setQuestion({title: `Delete the rule ${one.name}?`, text: 'What fires by it is over. Its history stays.', action: 'Delete rule', run: async () => { await request(`/api/alerts/rules/${one.id}`, {method: 'DELETE'}); list.reload(); }});
  const items = list.data?.items;
  const edited = items?.find(({id}) => id === at('rule'));
  return (
    <>
      <div className="bar"><p className="muted">Looked at every 5 seconds, events as they come.</p><ActionButton className="button primary end" why={why} onClick={() => setAdding(true)}>New rule</ActionButton></div>
      <ListState data={items} error={list.error} reload={list.reload} empty="There are no rules." />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label="Rules" tabIndex={0}><table className="grid"><thead><tr><th scope="col">Rule</th><th scope="col">Fires when</th><th scope="col">Severity</th><th scope="col">Now</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
        <tbody>{items.map((one) => (
          <tr key={one.id} className="row" data-testid={`rule-${one.id}`}>
            <th scope="row">{safe(one.name)}{one.changed ? <span className="sub">changed by {safe(one.changed_by)}</span> : one.built_in && <span className="sub">default</span>}</th>
            <td className="mono rule-sentence">{safe(one.sentence)}</td>
            <td><SeverityBadge severity={one.severity} /></td>
            <td>{one.trouble ? <span className="tone-down" title={safe(one.trouble)}>not looked at: {safe(one.trouble)}</span> : !one.enabled ? <span className="muted">off</span> : one.firing ? <span className="tone-down">{one.firing} firing</span> : one.pending ? <span className="tone-warn">{one.pending} pending</span> : <span className="muted">quiet</span>}</td>
            <td><span className="row-buttons">
              <ActionButton className="button small" why={why} aria-label={`Change ${one.name}`} onClick={() => put({rule: one.id})}>Change</ActionButton>
              <ActionButton className="button small" why={why} aria-pressed={one.enabled} aria-label={`Turn ${one.name} ${one.enabled ? 'off' : 'on'}`} onClick={() => toggle(one)}>{one.enabled ? 'Off' : 'On'}</ActionButton>
              {one.changed && <ActionButton className="button small" why={why} aria-label={`Reset ${one.name}`} onClick={() => reset(one)}>Reset</ActionButton>}
              {!one.built_in && <ActionButton className="button small" why={why} aria-label={`Delete ${one.name}`} onClick={() => askDelete(one)}>Delete</ActionButton>}
            </span></td>
          </tr>))}</tbody></table></div>}
      {(adding || edited) && <RuleForm key={edited?.id ?? ''} rule={edited ?? null} onClose={() => { setAdding(false); put({rule: ''}); }} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

// The rules: on, off, changed, as they were; each in plain words.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {useSearch} from '../lab/useSearch';
import {useHeard} from '../live/store';
import {t} from '../messages/en/alerts';
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
  const toggle = (one: Rule) => void told(request(`/api/alerts/rules/${one.id}`, {method: 'PUT', body: {...definitionOf(one), enabled: !one.enabled}}), t.turned(one.name, one.enabled ? t.off : t.onWord));
  const reset = (one: Rule) => void told(request(`/api/alerts/rules/${one.id}/reset`, {method: 'POST', body: {}}), t.asMade(one.name));
  const askDelete = (one: Rule) => setQuestion({title: t.deleteRuleAsk(one.name), text: t.deleteRuleText, action: t.deleteRule, run: async () => { await request(`/api/alerts/rules/${one.id}`, {method: 'DELETE'}); list.reload(); }});
  const items = list.data?.items;
  const edited = items?.find(({id}) => id === at('rule'));
  return (
    <>
      <div className="bar"><p className="muted">{t.lookedAt}</p><ActionButton className="button primary end" why={why} onClick={() => setAdding(true)}>{t.newRule}</ActionButton></div>
      <ListState data={items} error={list.error} reload={list.reload} empty={t.noRules} />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label={t.rules} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.rule}</th><th scope="col">{t.firesWhen}</th><th scope="col">{t.severity}</th><th scope="col">{t.nowRoom}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{items.map((one) => (
          <tr key={one.id} className="row" data-testid={`rule-${one.id}`}>
            <th scope="row">{safe(one.name)}{one.changed ? <span className="sub">{t.changedBy(safe(one.changed_by))}</span> : one.built_in && <span className="sub">{t.default}</span>}</th>
            <td className="mono rule-sentence">{safe(one.sentence)}</td>
            <td><SeverityBadge severity={one.severity} /></td>
            <td>{one.trouble ? <span className="tone-down" title={safe(one.trouble)}>{t.notLookedAt(safe(one.trouble))}</span> : !one.enabled ? <span className="muted">{t.off}</span> : one.firing ? <span className="tone-down">{t.firingCount(one.firing)}</span> : one.pending ? <span className="tone-warn">{t.pendingCount(one.pending)}</span> : <span className="muted">{t.quietState}</span>}</td>
            <td><span className="row-buttons">
              <ActionButton className="button small" why={why} aria-label={t.changeOne(one.name)} onClick={() => put({rule: one.id})}>{t.change}</ActionButton>
              <ActionButton className="button small" why={why} aria-pressed={one.enabled} aria-label={t.turn(one.name, one.enabled ? t.off : t.onWord)} onClick={() => toggle(one)}>{one.enabled ? t.offLabel : t.on}</ActionButton>
              {one.changed && <ActionButton className="button small" why={why} aria-label={t.resetOne(one.name)} onClick={() => reset(one)}>{t.reset}</ActionButton>}
              {!one.built_in && <ActionButton className="button small" why={why} aria-label={t.removeOne(one.name)} onClick={() => askDelete(one)}>{t.remove}</ActionButton>}
            </span></td>
          </tr>))}</tbody></table></div>}
      {(adding || edited) && <RuleForm key={edited?.id ?? ''} rule={edited ?? null} onClose={() => { setAdding(false); put({rule: ''}); }} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

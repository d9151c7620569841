// The rule one writes, replayed over what is stored: asked for again whenever one stops typing.
import {useEffect, useState} from 'react';
import {request} from '../api/client';
import {type Faults, faultsOf, noFaults} from '../ui/fields';
import type {Definition, Rehearsal} from './types';

export const conditionFields = ['condition/query', 'condition/divided_by', 'condition/comparison', 'condition/threshold', 'condition/samples', 'condition/event', 'condition/where', 'condition/until', 'condition/by', 'condition/count', 'condition/window_s'];
export const ruleFields = [...conditionFields, 'name', 'for_s', 'keep_firing_for_s', 'severity', 'labels', 'summary', 'runbook', 'channels', 'group_s', 'escalate_after_s', 'escalate_to'];

export function useRehearsal(definition: Definition, range: string): {rehearsal: Rehearsal | null; faults: Faults; busy: boolean} {
  const [answer, setAnswer] = useState<{rehearsal: Rehearsal | null; faults: Faults; busy: boolean}>({rehearsal: null, faults: noFaults, busy: false});
  const text = JSON.stringify({...definition, name: definition.name || 'rehearsal', channels: [], escalate_to: [], escalate_after_s: 0, range});
  const {kind, query, event} = definition.condition;
  const complete = kind === 'event' ? event !== '' : kind === 'metric' ? query !== '' : query !== '' || event !== '';
  useEffect(() => {
    if (!complete) return setAnswer({rehearsal: null, faults: noFaults, busy: false});
    const abort = new AbortController();
    const timer = setTimeout(() => {
      setAnswer((old) => ({...old, busy: true}));
      request<Rehearsal>('/api/alerts/rules/preview', {method: 'POST', body: JSON.parse(text), wait: 60, signal: abort.signal}).then(
        ({body}) => setAnswer({rehearsal: body, faults: noFaults, busy: false}),
        (error: Error) => { if (error.name !== 'AbortError') setAnswer({rehearsal: null, faults: faultsOf(error, ruleFields), busy: false}); },
      );
    }, 400);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [text, complete]);
  return answer;
}

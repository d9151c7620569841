// The open alerts, once for the bell, the overview and the page: read when somebody looks, then kept by events.
import {useEffect, useSyncExternalStore} from 'react';
import {get, onSession, whyNot} from '../api/client';
import {live} from '../live/store';
import {ring} from './notify';
import type {Alert} from './types';
import {withEvent} from './words';

interface State {alerts: Alert[] | null; error: string; newest: Alert | null}
let state: State = {alerts: null, error: '', newest: null};
const listeners = new Set<() => void>();
const put = (change: Partial<State>) => {
  state = {...state, ...change};
  for (const listener of listeners) listener();
};

// What is told while an answer is on its way may be newer than the answer.
type Told = Alert & {event: string; title: string};
const meanwhile = new Set<Told[]>();

export async function readAlerts() {
  const told: Told[] = [];
  meanwhile.add(told);
  try {
    const {items} = await get<{items: Alert[]}>('/api/alerts');
    put({alerts: told.reduce(withEvent, items), error: ''});
  } catch (error) {
    put({error: (error as Error).message});
  } finally {
    meanwhile.delete(told);
  }
}

live.hear('alert', ({data}) => {
  const alert = data as unknown as Told;
  for (const told of meanwhile) told.push(alert);
  if (alert.event === 'notification' || alert.event === 'test') return ring(alert);
  if (state.alerts) put({alerts: withEvent(state.alerts, alert), newest: alert.event === 'fired' ? alert : state.newest});
});
onSession(() => put({alerts: null, error: '', newest: null}));

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export function useAlerts(): State {
  const shown = useSyncExternalStore(subscribe, () => state);
  const connection = useSyncExternalStore(live.subscribe, () => live.connection);
  // Also after the connection was lost: what came meanwhile may be more than is replayed.
  useEffect(() => {
    if (!whyNot('alerts:read')) void readAlerts();
  }, [connection === 'live']);
  return shown;
}

// Start, stop, restart, reload, test: shown as requested, then as what the server says, never as done before it is.
import {useState} from 'react';
import {request, serverPath, settled, whyNot} from '../api/client';
import type {Server} from '../api/types';
import {live} from '../live/store';
import {t} from '../messages/en/fleet';
import {ActionButton} from '../ui/ActionButton';
import {toast} from '../ui/toast';
import type {Outcome} from './bulk';

export type Verb = 'start' | 'stop' | 'restart' | 'reload' | 'test';
export const verbs: {verb: Verb; label: string; path: string}[] = [
  {verb: 'start', get label() { return t.start; }, path: 'M4 2.5l9 5.5-9 5.5z'},
  {verb: 'stop', get label() { return t.stop; }, path: 'M3.5 3.5h9v9h-9z'},
  {verb: 'restart', get label() { return t.restart; }, path: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3'},
  {verb: 'reload', get label() { return t.reload; }, path: 'M2 4h12M2 8h8M2 12h5M12 8v5m-2-2l2 2 2-2'},
  {verb: 'test', get label() { return t.test; }, path: 'M1.5 8h3l2-5 3 10 2-5h3'},
];

const labelOf = (verb: Verb) => verbs.find((one) => one.verb === verb)?.label ?? verb;

export const VerbIcon = ({verb}: {verb: Verb}) => <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={verbs.find((one) => one.verb === verb)?.path} fill={verb === 'start' || verb === 'stop' ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" /></svg>;

type Answer = Server & {ok?: boolean; error?: string; response_time_ms?: number; operation_id?: string};

// Until it is known what became of it; what takes long is followed, not forgotten.
export async function perform(server: string, verb: Verb, onLong?: () => void): Promise<Outcome> {
  const answer = await request<Answer>(serverPath(server, `/${verb}`), {method: 'POST', body: {}, wait: 20});
  let body = answer.body;
  if (answer.status === 202 && body.operation_id) {
    onLong?.();
    const operation = await settled(body.operation_id);
    if (operation.status !== 'completed') return {state: 'failed', text: operation.status === 'canceled' ? t.wasCancelled : (operation.error?.detail ?? t.failedText)};
    body = operation.result as unknown as Answer;
  }
  if (verb === 'test') return body.ok ? {state: 'ok', text: t.answeredIn(Math.round(body.response_time_ms ?? 0)), ms: Math.round(body.response_time_ms ?? 0)} : {state: 'failed', text: body.error ?? t.didNotAnswer};
  if (body.name) {
    live.servers.set(body.name, body);
    live.changed();
  }
  return {state: 'ok', text: t.confirmed(labelOf(verb))};
}

export async function act(server: string, verb: Verb): Promise<void> {
  try {
    const {state, text, ms = 0} = await perform(server, verb, () => toast('info', t.goesOn(server, labelOf(verb))));
    if (verb === 'test') toast(state === 'ok' ? 'ok' : 'down', state === 'ok' ? t.answeredTest(server, ms) : t.failedTest(server, text));
    else toast(state === 'ok' ? 'ok' : 'down', state === 'ok' ? `${server}: ${text}.` : t.verbFailed(server, labelOf(verb), text));
  } catch (error) {
    toast('down', t.verbFailed(server, labelOf(verb), (error as Error).message));
  }
}

export const useful = (server: Server, verb: Verb) =>
  verb === 'start' ? ['stopped', 'disabled', 'disconnected', 'circuit_open'].includes(server.health_status) : verb === 'stop' ? !['stopped'].includes(server.health_status) : !['stopped', 'disabled'].includes(server.health_status) || verb === 'restart';

export function ServerActions({server, labels = false}: {server: Server; labels?: boolean}) {
  const [busy, setBusy] = useState<Verb | null>(null);
  const why = whyNot('fleet:operate', {server: server.name});
  const run = async (verb: Verb) => {
    setBusy(verb);
    await act(server.name, verb);
    setBusy(null);
  };
  return (
    <div className="actions" role="group" aria-label={t.actionsFor(server.name)}>
      {verbs.map(({verb, label}) => (
        <ActionButton key={verb} why={why} className={labels ? 'button' : 'icon-button'} disabled={!why && (busy !== null || !useful(server, verb))} aria-busy={busy === verb} title={label} aria-label={`${label} ${server.name}`} onClick={() => void run(verb)}>
          <VerbIcon verb={verb} />
          {labels && <span>{busy === verb ? t.requested : label}</span>}
        </ActionButton>
      ))}
    </div>
  );
}

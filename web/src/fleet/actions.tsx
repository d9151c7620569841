// Start, stop, restart, reload, test: shown as requested, then as what the server says, never as done before it is.
import {useState} from 'react';
import {ApiError, may, request, serverPath} from '../api/client';
import type {Server} from '../api/types';
import {live} from '../live/store';
import {toast} from '../ui/toast';

export type Verb = 'start' | 'stop' | 'restart' | 'reload' | 'test';
export const verbs: {verb: Verb; label: string; path: string}[] = [
  {verb: 'start', label: 'Start', path: 'M4 2.5l9 5.5-9 5.5z'},
  {verb: 'stop', label: 'Stop', path: 'M3.5 3.5h9v9h-9z'},
  {verb: 'restart', label: 'Restart', path: 'M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3'},
  {verb: 'reload', label: 'Reload', path: 'M2 4h12M2 8h8M2 12h5M12 8v5m-2-2l2 2 2-2'},
  {verb: 'test', label: 'Test', path: 'M1.5 8h3l2-5 3 10 2-5h3'},
];

export async function act(server: string, verb: Verb): Promise<void> {
  try {
    const answer = await request<Server & {ok?: boolean; error?: string; response_time_ms?: number}>(serverPath(server, `/${verb}`), {method: 'POST', body: {}, wait: 60});
    if (answer.status === 202) return toast('info', `${server}: ${verb} goes on in the background.`);
    if (verb === 'test') {
      if (answer.body.ok) toast('ok', `${server} answered the test in ${Math.round(answer.body.response_time_ms ?? 0)} ms.`);
      else toast('down', `${server} failed the test: ${answer.body.error}`);
      return;
    }
    live.servers.set(answer.body.name, answer.body);
    live.changed();
    toast('ok', `${server}: ${verb} confirmed.`);
  } catch (error) {
    toast('down', `${server}: ${verb} failed. ${error instanceof ApiError ? error.message : String(error)}`);
  }
}

export const useful = (server: Server, verb: Verb) =>
  verb === 'start' ? ['stopped', 'disabled', 'disconnected', 'circuit_open'].includes(server.health_status) : verb === 'stop' ? !['stopped'].includes(server.health_status) : !['stopped', 'disabled'].includes(server.health_status) || verb === 'restart';

export function ServerActions({server, labels = false}: {server: Server; labels?: boolean}) {
  const [busy, setBusy] = useState<Verb | null>(null);
  const allowed = may('fleet:operate');
  const run = async (verb: Verb) => {
    setBusy(verb);
    await act(server.name, verb);
    setBusy(null);
  };
  return (
    <div className="actions" role="group" aria-label={`Actions for ${server.name}`}>
      {verbs.map(({verb, label, path}) => (
        <button key={verb} type="button" className={labels ? 'button' : 'icon-button'} disabled={!allowed || busy !== null || !useful(server, verb)} aria-busy={busy === verb}
          title={allowed ? label : 'Your role may not do this'} aria-label={`${label} ${server.name}`} onClick={(event) => { event.stopPropagation(); void run(verb); }}>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={path} fill={verb === 'start' || verb === 'stop' ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" /></svg>
          {labels && <span>{busy === verb ? 'Requested' : label}</span>}
        </button>
      ))}
    </div>
  );
}

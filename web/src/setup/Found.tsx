// The servers that Claude, VS Code, Cursor and Windsurf know on Telltale's machine, a file each, to be taken over.
import './setup.css';
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {t} from '../messages/en/setup';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {canTake, type FoundFile, type FoundServer, inOrder, type Taken, usual} from './found';

function Line({server, chosen, onChoose}: {server: FoundServer; chosen: boolean; onChoose(chosen: boolean): void}) {
  const why = server.error ? safe(server.error) : server.known ? t.knownAlready : server.disabled ? t.switchedOff : '';
  const given = [...server.variables, ...server.headers];
  return (
    <li>
      <label className="choice">
        <input type="checkbox" checked={chosen} disabled={!canTake(server)} onChange={(event) => onChoose(event.target.checked)} />
        <span>
          <b>{safe(server.name)}</b> <span className="chip">{server.transport}</span> {why && <span className={server.error ? 'tone-warn' : 'muted'}>{why}</span>}
          {server.target && <span className="sub mono found-target">{safe(server.target)}</span>}
          {given.length > 0 && <span className="sub">{t.withValues(given.map(safe).join(', '))}</span>}
        </span>
      </label>
    </li>
  );
}

function File({file, onTaken}: {file: FoundFile; onTaken(names: string[]): void}) {
  const [chosen, setChosen] = useState(() => usual(file));
  const [faults, setFaults] = useState<Taken['failed']>([]);
  const [busy, setBusy] = useState(false);
  const why = whyNot('fleet:define') || (chosen.length === 0 ? t.chooseOne : '');
  const take = () => {
    setBusy(true);
    setFaults([]);
    request<Taken>('/api/fleet/import', {method: 'POST', body: {source: file.source, servers: chosen}, wait: 60}).then(
      ({body}) => { setBusy(false); setFaults(body.failed); if (body.added.length) { toast('ok', t.added(body.added.join(', '))); onTaken(body.added); } },
      (error: Error) => { setBusy(false); setFaults([{name: file.program, error: error.message}]); },
    );
  };
  return (
    <section className="found-file" aria-label={safe(file.program)}>
      <h3>{safe(file.program)} <span className="sub mono found-target">{safe(file.path)}</span></h3>
      {file.error && <p className="tone-warn">{safe(file.error)}</p>}
      <ul className="plain">{file.servers.map((server) => <Line key={server.name} server={server} chosen={chosen.includes(server.name)} onChoose={(on) => setChosen((old) => (on ? [...old, server.name] : old.filter((one) => one !== server.name)))} />)}</ul>
      <div role="alert">{faults.map(({name, error}) => <p key={name} className="fault">{safe(name)}: {safe(error)}</p>)}</div>
      {file.servers.some(canTake) && <ActionButton why={why} className="button primary" disabled={busy} onClick={take}>{busy ? t.takingOver : t.takeOver(chosen.length)}</ActionButton>}
    </section>
  );
}

export function Found({onTaken}: {onTaken(names: string[]): void}) {
  const why = whyNot('server:exec');
  const found = useList<{items: FoundFile[]}>(why ? null : '/api/fleet/discover');
  if (why) return null;
  return (
    <section className="found" aria-labelledby="found-title">
      <h2 id="found-title">{t.foundHere}</h2>
      <p className="muted">{t.foundText}</p>
      {found.error && <p className="muted" role="status">{found.error}</p>}
      {!found.data && !found.error && <p className="muted" role="status">{t.looking}</p>}
      {found.data?.items.length === 0 && <p className="muted" role="status">{t.nothingFound}</p>}
      {inOrder(found.data?.items ?? []).map((file) => <File key={file.source} file={file} onTaken={(names) => { found.reload(); onTaken(names); }} />)}
    </section>
  );
}

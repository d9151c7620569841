// The last step: the servers that were added, until each is healthy or has said why it is not.
import {useEffect} from 'react';
import {Link} from 'wouter';
import {goLive} from '../live/connect';
import {useLive} from '../live/store';
import {t} from '../messages/en/setup';
import {milliseconds, safe} from '../ui/format';
import {StatusBadge} from '../ui/Status';

// `alone`: outside of the shell, which is what keeps the page live elsewhere.
export function Starting({names, alone, onDone, onMore}: {names: string[]; alone: boolean; onDone(path: string): void; onMore(): void}) {
  const store = useLive();
  useEffect(() => (alone ? goLive() : undefined), [alone]);
  const servers = names.map((name) => ({name, server: [...store.servers.values()].find((one) => one.name === name)}));
  const healthy = servers.filter(({server}) => server?.health_status === 'healthy').length;
  const path = names.length === 1 ? `/servers/${encodeURIComponent(names[0])}` : '/';
  return (
    <>
      <p role="status">{healthy === names.length ? t.allHealthy(names.length) : t.starting(healthy, names.length)}</p>
      <ul className="plain starting">{servers.map(({name, server}) => (
        <li key={name} data-testid={`starting-${name}`} data-status={server?.health_status ?? 'absent'}>
          {server && <StatusBadge status={server.health_status} />} {alone ? <b>{safe(name)}</b> : <Link href={`/servers/${encodeURIComponent(name)}`}>{safe(name)}</Link>}
          {server && <span className="sub">{server.health_status === 'healthy' ? t.answers(server.tools_count, milliseconds(server.response_time_ms)) : safe(server.reason)}</span>}
        </li>))}</ul>
      <div className="bar"><button type="button" className="button primary" onClick={() => onDone(path)}>{names.length === 1 ? t.showIt : t.toDashboard}</button><button type="button" className="button" onClick={onMore}>{t.anotherOne}</button></div>
    </>
  );
}

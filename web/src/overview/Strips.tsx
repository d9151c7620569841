// Every server as a strip of its last 60 checks, worst first.
import {memo} from 'react';
import {Link} from 'wouter';
import type {Server} from '../api/types';
import {Sparkline} from '../fleet/Sparkline';
import {t} from '../messages/en/overview';
import {milliseconds, safe} from '../ui/format';
import {Glyph, statusWord, toneOf} from '../ui/Status';

const most = 60; // the rest is in the table

const Strip = memo(function Strip({server}: {server: Server}) {
  const off = server.health_status === 'stopped' || server.health_status === 'disabled';
  return (
    <li className={`strip-cell tone-row-${toneOf[server.health_status]}`} data-testid={`strip-${server.name}`} data-status={server.health_status}>
      <Link href={`/servers/${encodeURIComponent(server.name)}`} title={safe(server.reason)}>
        <span className="strip-name"><Glyph status={server.health_status} /> <b>{safe(server.name)}</b></span>
        <span className="strip-figure">{server.health_status === 'healthy' ? <>{milliseconds(server.p95_ms)}<span className="sr"> {t.p95Healthy}</span></> : statusWord[server.health_status]}</span>
        {off ? <span className="strip-off" /> : <Sparkline points={server.response_times} fluid />}
      </Link>
    </li>
  );
});

export function Strips({servers}: {servers: Server[]}) {
  return (
    <section aria-label={t.strips}>
      <ul className="strips">{servers.slice(0, most).map((server) => <Strip key={server.name} server={server} />)}</ul>
      {servers.length > most && <p><Link href="/servers">{t.moreServers(servers.length - most)}</Link></p>}
    </section>
  );
}

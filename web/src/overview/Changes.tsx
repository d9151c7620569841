// What changed in the last hour: who did what, and what became of servers.
import {Link} from 'wouter';
import {may} from '../api/client';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import type {Change} from './changes';

const most = 8;

export function Changes({changes}: {changes: Change[]}) {
  return (
    <section className="panel" aria-label="What changed in the last hour">
      <h2>What changed <small>in the last hour</small></h2>
      {changes.length === 0 && <p className="muted">Nothing.</p>}
      <ul className="plain changes">{changes.slice(0, most).map((one) => (
        <li key={one.key}><span className={`dot tone-${one.tone}`} aria-hidden="true" /><span className="change-text"><b>{safe(one.who)}</b> {one.subject ? <>{one.what} <Link href={one.href}>{safe(one.subject)}</Link></> : <Link href={one.href}>{one.what}</Link>}{one.detail && <span className="sub">{safe(one.detail)}</span>}</span><Ago time={new Date(one.time).toISOString()} /></li>
      ))}</ul>
      {changes.length > most && <p><Link href="/operations">{changes.length - most} more</Link></p>}
      {!may('audit:read') && <p className="sub">As far as your role sees operations.</p>}
    </section>
  );
}

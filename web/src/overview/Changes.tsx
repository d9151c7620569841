// What changed in the last hour: who did what, and what became of servers.
import {Link} from 'wouter';
import {may} from '../api/client';
import {t} from '../messages/en/overview';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import type {Change} from './changes';

const most = 8;

export function Changes({changes}: {changes: Change[]}) {
  return (
    <section className="panel" aria-label={t.whatChangedLastHour}>
      <h2>{t.whatChanged} <small>{t.inLastHour}</small></h2>
      {changes.length === 0 && <p className="muted">{t.nothing}</p>}
      <ul className="plain changes">{changes.slice(0, most).map((one) => (
        <li key={one.key}><span className={`dot tone-${one.tone}`} aria-hidden="true" /><span className="change-text"><b>{safe(one.who)}</b> {one.subject ? <>{one.what} <Link href={one.href}>{safe(one.subject)}</Link></> : <Link href={one.href}>{one.what}</Link>}{one.detail && <span className="sub">{safe(one.detail)}</span>}</span><Ago time={new Date(one.time).toISOString()} /></li>
      ))}</ul>
      {changes.length > most && <p><Link href="/operations">{t.more(changes.length - most)}</Link></p>}
      {!may('audit:read') && <p className="sub">{t.asFarAsRole}</p>}
    </section>
  );
}

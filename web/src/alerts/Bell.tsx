// In the header: how many alerts wait for somebody, and the newest of them.
import {Link} from 'wouter';
import {whyNot} from '../api/client';
import {t} from '../messages/en/bell';
import {useAlerts} from './store';
import {needsSomebody, severityTone} from './words';

export function Bell() {
  const {alerts} = useAlerts();
  if (whyNot('alerts:read')) return null;
  const waiting = needsSomebody(alerts ?? []);
  const [worst] = waiting;
  const newest = waiting.reduce<(typeof waiting)[number] | undefined>((a, b) => (!a || b.fired_at > a.fired_at ? b : a), undefined);
  const label = worst ? t.bell(waiting.length, waiting.length === 1 ? t.alertWord : t.alertsWord, newest?.summary ?? '') : t.noAlerts;
  return (
    <Link href="/alerts" className={`icon-button alert-bell ${worst ? `tone-${severityTone[worst.severity]}` : ''}`} aria-label={label} title={label} data-testid="alert-bell">
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 1.8a4 4 0 0 0-4 4c0 4-1.7 5-1.7 5h11.4s-1.7-1-1.7-5a4 4 0 0 0-4-4zM6.5 13.2a1.6 1.6 0 0 0 3 0" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" /></svg>
      {worst && <span className="pill">{waiting.length}</span>}
    </Link>
  );
}

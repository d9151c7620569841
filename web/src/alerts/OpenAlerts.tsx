// What fires now: what waits for somebody, what somebody is at, what is kept quiet.
import {useState} from 'react';
import {Link} from 'wouter';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {locale} from '../messages/language';
import {t} from '../messages/en/alerts';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {Evidence} from './Evidence';
import {SeverityBadge} from './SeverityBadge';
import {SilenceForm} from './SilenceForm';
import {readAlerts, useAlerts} from './store';
import type {Alert, AlertState} from './types';
import {inState, matchersOf} from './words';

const told = (work: Promise<unknown>, word: string) => void work.then(() => { toast('ok', word); return readAlerts(); }, (error: Error) => toast('down', error.message));
const acknowledge = (one: Alert) => told(request(`/api/alerts/${one.id}/ack`, {method: 'POST', body: {note: ''}}), t.yoursNow);
const giveBack = (one: Alert) => told(request(`/api/alerts/${one.id}/ack`, {method: 'DELETE'}), t.waitsAgain);
const silence = (one: Alert, duration: string) => told(request('/api/alerts/silences', {method: 'POST', body: {matchers: matchersOf(one), duration, reason: ''}}), t.quietFor(duration === '1h' ? t.anHour : t.aDay));
const unsilence = (one: Alert) => told(request(`/api/alerts/silences/${one.silence?.id}`, {method: 'DELETE'}), t.silenceOver);

function Details({alert}: {alert: Alert}) {
  const {data, error} = useList<Alert>(`/api/alerts/${alert.id}`, alert.state);
  if (error) return <p className="fault" role="alert">{safe(error)}</p>;
  if (!data) return <p className="empty" role="status">{t.reading}</p>;
  return (
    <div className="alert-details">
      {data.evidence && <Evidence title={data.condition ?? data.name} curves={data.evidence.curves} episodes={data.evidence.episodes} threshold={data.evidence.curves.length ? data.threshold : undefined} />}
      <dl className="facts"><dt>{t.labels}</dt><dd className="mono">{Object.entries(data.labels).map(([label, value]) => `${label}=${value}`).map(safe).join(', ') || t.noLabels}</dd><dt>{t.heldSince}</dt><dd><Ago time={data.pending_since} /></dd>{data.escalated_at && <><dt>{t.escalated}</dt><dd><Ago time={data.escalated_at} /></dd></>}<dt>{t.rule}</dt><dd><Link href={`/alerts/rules?rule=${encodeURIComponent(data.rule)}`}>{safe(data.name)}</Link></dd></dl>
    </div>
  );
}

function Card({alert}: {alert: Alert}) {
  const [open, setOpen] = useState(false);
  const [custom, setCustom] = useState(false);
  const why = whyNot('alerts:write');
  return (
    <li className="alert-card" data-testid={`alert-${alert.rule}`} data-state={alert.state}>
      <div className="alert-line">
        <SeverityBadge severity={alert.severity} />
        <button type="button" className="link alert-summary" aria-expanded={open} onClick={() => setOpen(!open)}>{safe(alert.summary)}</button>
        <span className="muted">{t.since} <Ago time={alert.fired_at} /></span>
      </div>
      {alert.condition && <p className="muted alert-condition">{safe(alert.name)}: <span className="mono">{safe(alert.condition)}</span></p>}
      {alert.acknowledged_at && <p>{t.isAtIt(safe(alert.acknowledged_by))} <Ago time={alert.acknowledged_at} />{alert.note && `: ${safe(alert.note)}`}</p>}
      {alert.silence && <p>{t.silencedBy(safe(alert.silence.created_by), new Date(alert.silence.until).toLocaleString(locale()), alert.silence.reason && `: ${safe(alert.silence.reason)}`)}</p>}
      <div className="row-buttons">
        {alert.state === 'firing' && <ActionButton className="button small primary" why={why} aria-label={t.acknowledgeOne(alert.summary)} onClick={() => acknowledge(alert)}>{t.acknowledge}</ActionButton>}
        {alert.acknowledged_at && <ActionButton className="button small" why={why} aria-label={t.undoOne(alert.summary)} onClick={() => giveBack(alert)}>{t.undo}</ActionButton>}
        {alert.silence
          ? <ActionButton className="button small" why={why} aria-label={t.endSilenceOne(alert.summary)} onClick={() => unsilence(alert)}>{t.endSilence}</ActionButton>
          : <><ActionButton className="button small" why={why} aria-label={t.silenceHourOne(alert.summary)} onClick={() => silence(alert, '1h')}>{t.silenceHour}</ActionButton><ActionButton className="button small" why={why} aria-label={t.silenceDayOne(alert.summary)} onClick={() => silence(alert, '1d')}>1 d</ActionButton><ActionButton className="button small" why={why} aria-label={t.silenceOtherwise(alert.summary)} onClick={() => setCustom(true)}>…</ActionButton></>}
        {alert.runbook && (alert.runbook.startsWith('/') ? <Link href={alert.runbook} className="button small">{t.whatToDo}</Link> : <a href={alert.runbook} className="button small" rel="noreferrer" target="_blank">{t.whatToDo}</a>)}
      </div>
      {open && <Details alert={alert} />}
      {custom && <SilenceForm matchers={matchersOf(alert)} onClose={() => setCustom(false)} onDone={() => void readAlerts()} />}
    </li>
  );
}

const sections: {state: AlertState; title: string}[] = [{state: 'firing', get title() { return t.firing; }}, {state: 'acknowledged', get title() { return t.acknowledged; }}, {state: 'silenced', get title() { return t.silenced; }}];

export function OpenAlerts() {
  const {alerts, error} = useAlerts();
  return (
    <>
      <ListState data={alerts} error={error} reload={() => void readAlerts()} empty={<><h2>{t.nothingFires}</h2><p>{t.defaultRules} <Link href="/alerts/rules">{t.theseAreThey}</Link>.</p></>} />
      {sections.map(({state, title}) => {
        const those = inState(alerts ?? [], state);
        return those.length > 0 && <section key={state} aria-label={title}><h2>{title} <small className="muted">{those.length}</small></h2><ul className="plain alert-cards">{those.map((one) => <Card key={one.id} alert={one} />)}</ul></section>;
      })}
    </>
  );
}

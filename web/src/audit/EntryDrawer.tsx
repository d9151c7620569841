// One entry whole: who, what, where from, with what, how it ended; what was there before it, where that is known.
import {useEffect, useState} from 'react';
import {Link} from 'wouter';
import {get} from '../api/client';
import type {Json} from '../api/types';
import {TextDiff} from '../lab/tests/DiffView';
import {SideDrawer} from '../list/SideDrawer';
import {live} from '../live/store';
import {t} from '../messages/en/audit';
import {wordsOf} from '../overview/changes';
import {TraceLink} from '../traces/TraceLink';
import {copy} from '../ui/clipboard';
import {safe} from '../ui/format';
import {momentText} from '../ui/moment';
import {Ago} from '../ui/Time';
import {before, changesThing, type Entry, hrefOfSubject} from './entries';
import {OutcomeMark} from './OutcomeMark';

const text = (value: Json) => JSON.stringify(value, null, 2);
const isEmpty = (value: Json) => value === null || (typeof value === 'object' && Object.keys(value).length === 0);

// The last time the same thing was made or changed before this: what was given then is what was there.
function useBefore(entry: Entry | null) {
  const [found, setFound] = useState<Entry | null>(null);
  useEffect(() => {
    setFound(null);
    if (!entry || !changesThing(entry.action)) return;
    const ended = new AbortController();
    const family = entry.action.split('.')[0];
    get<{items: Entry[]}>(`/api/audit?${new URLSearchParams({action: `${family}.*`, subject: entry.subject, outcome: 'ok', cursor: String(entry.seq), limit: '50'})}`, ended.signal).then(({items}) => setFound(before(entry, items) ?? null), () => undefined);
    return () => ended.abort();
  }, [entry?.seq]);
  return found;
}

export function EntryDrawer({seq, known, onClose, onFilter, onEntry}: {seq: number; known?: Entry; onClose(): void; onFilter(field: 'actor' | 'subject' | 'action', value: string): void; onEntry(seq: number): void}) {
  const [read, setRead] = useState<Entry | null>(null);
  const [fault, setFault] = useState('');
  const entry = known ?? (read?.seq === seq ? read : null);
  useEffect(() => {
    setFault('');
    if (known) return;
    const ended = new AbortController();
    get<{items: Entry[]}>(`/api/audit?limit=1&cursor=${seq + 1}`, ended.signal).then(({items}) => (items[0]?.seq === seq ? setRead(items[0]) : setFault(t.noEntry(seq))), (error: Error) => { if (!ended.signal.aborted) setFault(error.message); });
    return () => ended.abort();
  }, [seq, !known]);
  const old = useBefore(entry);
  const href = entry && hrefOfSubject(entry, new Set(live.servers.keys()));
  const narrow = (field: 'actor' | 'subject' | 'action', value: string) => <button type="button" className="button small quiet" onClick={() => onFilter(field, value)}>{t.onlyThese}</button>;
  return (
    <SideDrawer title={t.entryNumber(seq)} onClose={onClose}>
      {fault && <p className="fault" role="alert">{fault}</p>}
      {entry && <>
        <p className="lead"><OutcomeMark outcome={entry.outcome} /> <b>{safe(entry.actor) || t.nobody}</b> {entry.outcome === 'refused' || entry.outcome === 'failed' ? t.tried : ''}{wordsOf(entry.action) || safe(entry.action)} {safe(entry.subject)}</p>
        {entry.detail && <p className={entry.outcome === 'ok' || entry.outcome === 'started' ? '' : 'fault'}>{safe(entry.detail)}</p>}
        <dl className="facts">
          <div><dt>{t.when}</dt><dd>{momentText(Date.parse(entry.time))} <span className="muted">(<Ago time={entry.time} />)</span></dd></div>
          <div><dt>{t.who}</dt><dd>{entry.actor ? <>{safe(entry.actor)} {narrow('actor', entry.actor)}</> : t.nobodyLoggedIn}</dd></div>
          <div><dt>{t.whereFrom}</dt><dd className="mono">{safe(entry.address) || t.thisMachine}</dd></div>
          <div><dt>{t.what}</dt><dd><span className="mono">{safe(entry.action)}</span> {narrow('action', entry.action)}</dd></div>
          {entry.subject && <div><dt>{t.toWhat}</dt><dd>{href ? <Link href={href}>{safe(entry.subject)}</Link> : safe(entry.subject)} {narrow('subject', entry.subject)}</dd></div>}
          {entry.operation_id && <div><dt>{t.operation}</dt><dd><Link className="mono" href={`/operations?operation=${encodeURIComponent(entry.operation_id)}`}>{safe(entry.operation_id)}</Link> <TraceLink operation={entry.operation_id}>{t.trace}</TraceLink></dd></div>}
          <div><dt>{t.hash}</dt><dd className="mono">{entry.hash} <button type="button" className="button small quiet" onClick={() => void copy(`${entry.seq}:${entry.hash}`, t.hashCopied)}>{t.copy}</button></dd></div>
        </dl>
        {old && <><h3>{t.beforeAndAfter} <small className="muted">{t.before} <button type="button" className="button small quiet" onClick={() => onEntry(old.seq)}>{t.entryOf(old.seq, safe(old.actor))}</button></small></h3>
          {text(old.arguments) === text(entry.arguments) ? <p className="muted">{t.sameAsBefore}</p> : <TextDiff before={text(old.arguments)} after={text(entry.arguments)} label={t.beforeAndAfter} />}</>}
        <h3>{t.given}</h3>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        {isEmpty(entry.arguments) ? <p className="muted">{t.nothingGiven}</p> : <pre className="mono block" tabIndex={0}>{safe(text(entry.arguments))}</pre>}
      </>}
    </SideDrawer>
  );
}

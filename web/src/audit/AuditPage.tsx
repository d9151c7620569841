// Who did what, when, from where and how it ended: a live list, filtered by the server, exported by it, and verified.
import {useMemo, useState} from 'react';
import {whyNot} from '../api/client';
import './audit.css';
import {useSearch} from '../lab/useSearch';
import {NoPermission} from '../list/NoPermission';
import {useDraft} from '../list/useDraft';
import {VirtualRows} from '../list/VirtualRows';
import {live} from '../live/store';
import {t} from '../messages/en/audit';
import {useRange} from '../time/useRange';
import {downloadFrom} from '../ui/download';
import {number, safe} from '../ui/format';
import {clockText, dayText, momentText} from '../ui/moment';
import {toast} from '../ui/toast';
import {type Entry, families, fields, type Filter, noFilter, outcomeWords, queryOf} from './entries';
import {EntryDrawer} from './EntryDrawer';
import {OutcomeMark} from './OutcomeMark';
import {useEntries} from './useEntries';
import {useVerify, VerdictLine} from './VerifyButton';

const phone = matchMedia('(max-width: 720px)');

function Row({entry, today}: {entry: Entry; today: string}) {
  const at = Date.parse(entry.time);
  const day = dayText(at);
  return <><time dateTime={entry.time} title={momentText(at)}>{day === today ? '' : `${day} `}{clockText(at).slice(0, 8)}</time><span className="audit-who">{safe(entry.actor)}</span><span className="audit-what mono">{safe(entry.action)}</span><span className="audit-subject">{safe(entry.subject)}</span><OutcomeMark outcome={entry.outcome} /><span className="audit-detail">{safe(entry.detail)}</span><span className="audit-from mono">{safe(entry.address)}</span></>;
}

function Export({query}: {query: string}) {
  const [busy, setBusy] = useState('');
  const save = (format: string) => {
    setBusy(format);
    downloadFrom(`/api/audit/export?${query}&format=${format}`).catch((error: Error) => toast('down', error.message)).finally(() => setBusy(''));
  };
  return <div className="segments-line" role="group" aria-label={t.exportFiltered}>{[['csv', 'CSV'], ['ndjson', 'NDJSON'], ['json', 'JSON']].map(([format, word]) => <button key={format} type="button" className="button small" disabled={busy !== ''} aria-label={t.exportAs(word)} onClick={() => save(format)}>{busy === format ? t.writing : word}</button>)}</div>;
}

export default function AuditPage() {
  const why = whyNot('audit:read');
  const [read, put] = useSearch();
  const {choice} = useRange();
  const filter = useMemo(() => Object.fromEntries(fields.map((field) => [field, read(field)])) as unknown as Filter, [fields.map((field) => read(field)).join('\n')]);
  const [q, setQ] = useDraft(filter.q, (value) => put({q: value}));
  const [actor, setActor] = useDraft(filter.actor, (value) => put({actor: value}));
  const [subject, setSubject] = useDraft(filter.subject, (value) => put({subject: value}));
  const [action, setAction] = useDraft(filter.action, (value) => put({action: value}));
  const [atTop, setAtTop] = useState(true);
  const [jump, setJump] = useState({row: 0, align: 0, turn: 0});
  const {entries, added, state, fault, waiting, showWaiting, more, hasMore, reload} = useEntries(filter, choice, !why, atTop);
  const verify = useVerify();
  const seq = Number(read('entry')) || 0;
  const today = dayText(Date.now());
  const filtered = fields.some((field) => filter[field]);
  const actors = useMemo(() => [...new Set(entries.slice(0, 2000).map((one) => one.actor))].sort(), [entries]);
  if (why) return <div className="list-page"><h1>{t.audit}</h1><NoPermission what={t.theAudit} why={why} /></div>;
  // The first row has the number -added, so that those that come above do not move what one reads.
  const base = -added;
  const chosen = seq ? entries.findIndex((one) => one.seq === seq) : -1;
  const open = (number: number) => put({entry: number ? String(number) : ''});
  return (
    <div className="list-page audit">
      <div className="list-head">
        <h1>{t.audit}</h1>
        <span className="muted audit-export">{t.export}</span><Export query={queryOf(filter, choice, Date.now())} />
        <button type="button" className="button" disabled={verify.busy} onClick={verify.verify}>{verify.busy ? t.verifying : t.verify}</button>
      </div>
      <div className="list-tools" role="search" aria-label={t.filter}>
        <input type="search" aria-label={t.searchAudit} placeholder={t.searchAnything} value={q} onChange={(event) => setQ(event.target.value)} />
        <input className="narrow-field" aria-label={t.user} placeholder={t.user} list="audit-actors" value={actor} onChange={(event) => setActor(event.target.value)} /><datalist id="audit-actors">{actors.map((one) => <option key={one} value={one} />)}</datalist>
        <input className="narrow-field" aria-label={t.subject} placeholder={t.subject} list="audit-subjects" value={subject} onChange={(event) => setSubject(event.target.value)} /><datalist id="audit-subjects">{[...live.servers.keys()].map((one) => <option key={one} value={one} />)}</datalist>
        <input className="narrow-field" aria-label={t.action} placeholder={t.actionHint} list="audit-actions" value={action} onChange={(event) => setAction(event.target.value)} /><datalist id="audit-actions">{families().slice(1).map(([glob, word]) => <option key={glob} value={glob}>{word}</option>)}</datalist>
        <select aria-label={t.outcome} value={filter.outcome} onChange={(event) => put({outcome: event.target.value})}><option value="">{t.anyOutcome}</option>{Object.entries(outcomeWords).map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select>
        {filtered && <button type="button" className="button small" onClick={() => put(noFilter as unknown as Record<string, string>)}>{t.clear}</button>}
      </div>
      <VerdictLine verify={verify} onEntry={open} />
      {fault && <p className="fault" role="alert">{fault} <button type="button" className="button small" onClick={reload}>{t.tryAgain}</button></p>}
      <div className="list-split">
        <div className="list-left">
          {waiting > 0 && <button type="button" className="button small list-new at-start" onClick={() => { showWaiting(); setJump({row: -added - waiting, align: 0, turn: jump.turn + 1}); setAtTop(true); }}>{t.newCount(number(waiting))}</button>}
          {entries.length === 0 ? <p className="empty">{state === 'reading' ? t.reading : state === 'failed' ? t.unread : filtered ? t.noneFits : t.nothing}</p> : (
            <VirtualRows label={t.audit} testId="audit-list" count={entries.length} base={base} rowHeight={phone.matches ? 52 : 30} chosen={chosen < 0 ? null : base + chosen} jump={jump}
              onChoose={(row) => open(row === null ? 0 : (entries[row - base]?.seq ?? 0))} onView={(first, last) => { setAtTop(first - base === 0); if (last - base > entries.length - 60) more(); }}
              row={(row) => entries[row - base] && <Row entry={entries[row - base]} today={today} />} rowClass={(row) => `audit-row outcome-${entries[row - base]?.outcome}`} />
          )}
        </div>
        {seq > 0 && <EntryDrawer seq={seq} known={chosen < 0 ? undefined : entries[chosen]} onClose={() => open(0)} onEntry={open} onFilter={(field, value) => put({[field]: value})} />}
      </div>
      <p className="list-status" role="status">{entries.length > 0 && <span data-testid="audit-count">{number(entries.length)} {t.entriesShown(entries.length)}{hasMore ? t.olderBelow : ''}</span>}</p>
    </div>
  );
}

// What a trace was, who asked for it and how it ended, and where else it left its marks.
import {Link} from 'wouter';
import {may} from '../api/client';
import {took} from '../chart/spans';
import {live} from '../live/store';
import {t} from '../messages/en/traces';
import {searchOf} from '../time/range';
import {copy} from '../ui/clipboard';
import {safe} from '../ui/format';
import {momentText} from '../ui/moment';
import {Ago} from '../ui/Time';
import {OutcomeMark} from './OutcomeMark';
import {ofStatus, outcomeOfTrace} from './outcome';
import {addressOf} from './picks';
import type {Tree} from './tree';
import type {Trace} from './types';

const aroundMs = 1000; // addresses say ranges in seconds

function auditAddress({operations: [first]}: Trace, tree: Tree): string {
  const {from, to} = searchOf({from: tree.began + tree.from - aroundMs, to: tree.began + tree.to + aroundMs});
  return `/audit?${new URLSearchParams({from, to, action: first.operation})}`;
}

// `line`: the first line of the log at that time.
export function TraceHead({trace, tree, servers, line}: {trace: Trace; tree: Tree; servers: string[]; line: string}) {
  const {operations} = trace;
  const [first] = operations;
  const outcome = outcomeOfTrace(trace);
  const subject = live.servers.has(first.subject) ? <Link href={`/servers/${encodeURIComponent(first.subject)}`}>{safe(first.subject)}</Link> : safe(first.subject);
  const logs = new URLSearchParams({server: servers.join(','), ...(line && {line})});
  return (
    <>
      <div className="list-head"><h1>{safe(first.operation)} {subject}</h1>
        <Link className="button small" href={`/traces?pick=${encodeURIComponent(trace.trace_id)}`}>{t.compareWith}</Link>
        <button type="button" className="button small" onClick={() => void copy(location.origin + addressOf(trace.trace_id), t.linkCopied)}>{t.copyLink}</button>
      </div>
      <p className="lead" data-testid="trace-lead"><OutcomeMark outcome={outcome} /> {(outcome === 'running' ? t.forTime : t.inTime)(took(tree.to - tree.from))} {t.byWhom(safe(first.actor) || t.nobody)}</p>
      {operations.map(({operation_id, operation, error}) => error && <p key={operation_id} className="fault">{operations.length > 1 && `${safe(operation)}: `}{safe(error.detail ?? error.title ?? '')}</p>)}
      <dl className="facts">
        <div><dt>{t.began}</dt><dd>{momentText(tree.began)} <span className="muted">(<Ago time={first.start_time} />)</span></dd></div>
        <div><dt>{t.traceId}</dt><dd><span className="mono wrap">{trace.trace_id}</span> <button type="button" className="button small quiet" onClick={() => void copy(trace.trace_id, t.idCopied)}>{t.copy}</button></dd></div>
        <div><dt>{t.operations}</dt><dd>{operations.map((one, at) => <span key={one.operation_id}>{at > 0 && ', '}<Link className="mono wrap" href={`/operations?operation=${encodeURIComponent(one.operation_id)}`}>{one.operation_id}</Link>{operations.length > 1 && <> {safe(one.operation)} <OutcomeMark outcome={ofStatus[one.status]} /></>}</span>)}</dd></div>
        <div><dt>{t.related}</dt><dd className="bar">{servers.length > 0 && <Link href={`/logs?${logs}`}>{t.logsThen}</Link>}{may('audit:read') && <Link href={auditAddress(trace, tree)}>{t.auditThen}</Link>}<Link href="/traces">{t.toList}</Link></dd></div>
      </dl>
    </>
  );
}

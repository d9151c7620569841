// One case, opened: what was expected and what came, request and answer as on the wire, what the server wrote meanwhile, findings
// with their section and remedy, each attempt.
import {useState} from 'react';
import {milliseconds, plural, safe} from '../../ui/format';
import {Structure} from '../../tools/ResultView';
import type {Attempt, CaseResult, Exchange, Finding, Mismatch} from '../types';
import {DiffView, laidOut, linesOf, TextDiff} from './DiffView';
import {StatusMark} from './StatusMark';

function Expectation({one}: {one: Mismatch}) {
  const expected = laidOut(one.expected);
  const actual = laidOut(one.actual);
  return (
    <li className="mismatch" data-testid="mismatch">
      <p><span className="muted">{safe(one.step)}</span> <b>{safe(one.what)}</b></p>
      {one.diff ? <DiffView lines={linesOf(one.diff)} label="Difference to the golden file" />
        : expected.includes('\n') && actual.includes('\n') ? <TextDiff before={expected} after={actual} label="Expected and actual" />
          : <dl className="pair"><div><dt>Expected</dt><dd><pre className="block">{safe(expected)}</pre></dd></div><div><dt>Came</dt><dd><pre className="block">{safe(actual)}</pre></dd></div></dl>}
    </li>
  );
}

function Message({one}: {one: Exchange}) {
  const sent = one.direction === '>';
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <li className={sent ? 'sent' : 'received'}><p className="muted">{sent ? 'Request' : 'Answer'} at {milliseconds(one.at_ms)}{one.cut && ', cut'}</p><pre className="block" tabIndex={0}>{safe(laidOut(one.text))}</pre></li>;
}

function Found({one}: {one: Finding}) {
  return (
    <li className="finding"><p><span className={one.level.toUpperCase() === 'MUST' ? 'tone-down' : 'tone-warn'}>{safe(one.level.toUpperCase())}</span> <b className="mono">{safe(one.rule)}</b> {one.section && <span className="muted">section {safe(one.section)}</span>}</p>
      <p>{safe(one.detail)}</p>{one.remedy && <p><b>Remedy:</b> {safe(one.remedy)}</p>}{one.evidence.length > 0 && <pre className="block">{one.evidence.map(safe).join('\n')}</pre>}</li>
  );
}

function AttemptView({attempt}: {attempt: Attempt}) {
  return (
    <>
      {attempt.message && <p className={attempt.status === 'passed' ? 'muted' : 'fault'}>{safe(attempt.message)}</p>}
      {attempt.mismatches.length > 0 && <><h3>Expected and what came</h3><ul className="plain">{attempt.mismatches.map((one, at) => <Expectation key={at} one={one} />)}</ul></>}
      {attempt.exchanges.length > 0 && <><h3>On the wire</h3><ol className="plain exchanges" aria-label="Requests and answers">{attempt.exchanges.map((one, at) => <Message key={at} one={one} />)}</ol></>}
      {attempt.log.length > 0 && <><h3>The server's log meanwhile</h3><pre className="block" data-testid="server-log" tabIndex={0}>{attempt.log.map(safe).join('\n')}</pre></>}
    </>
  );
}

export function CaseDetails({one}: {one: CaseResult}) {
  const [at, setAt] = useState(one.attempts.length - 1);
  const attempt = one.attempts[Math.min(at, one.attempts.length - 1)] as Attempt | undefined;
  const matrix = Object.entries(one.matrix ?? {});
  return (
    <section className="case-details" aria-label={`Case ${one.name}`} data-testid="case-details">
      <p className="muted">{one.kind} on {safe(one.server || 'its server')}, line {one.line} of the suite{matrix.length > 0 && `, with ${matrix.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')}`}.</p>
      {one.attempts.length > 1 && <div className="chips" role="group" aria-label="Attempts">{one.attempts.map((each, index) => <button key={index} type="button" className="filter-chip" aria-pressed={index === at} onClick={() => setAt(index)}>Attempt {index + 1}: {each.status}, {milliseconds(each.duration_ms)}</button>)}</div>}
      {one.message && one.message !== attempt?.message && <p className={one.status === 'skipped' ? 'muted' : 'fault'}>{safe(one.message)}</p>}
      {attempt && <AttemptView key={at} attempt={attempt} />}
      {one.findings.length > 0 && <><h3>{plural(one.findings.length, 'finding')}</h3><ul className="plain">{one.findings.map((each, index) => <Found key={index} one={each} />)}</ul></>}
      {one.latency && <p className="muted" data-testid="case-latency">{plural(one.latency.count, 'call')}: p50 {milliseconds(one.latency.p50_ms)}, p90 {milliseconds(one.latency.p90_ms)}, p99 {milliseconds(one.latency.p99_ms)}, longest {milliseconds(one.latency.max_ms)}.</p>}
      {Object.keys(one.figures ?? {}).length > 0 && <details><summary>Figures</summary><Structure value={one.figures} /></details>}
      {one.golden_updated.length > 0 && <p className="muted">Golden files written: {one.golden_updated.map(safe).join(', ')}.</p>}
      {one.status === 'passed' && one.attempts.every((each) => each.exchanges.length === 0) && <p className="muted"><StatusMark status="passed" /> Of a case that passed the messages are not kept.</p>}
    </section>
  );
}

// One case, opened: what was expected and what came, request and answer as on the wire, what the server wrote meanwhile, findings
// with their section and remedy, each attempt.
import {useState} from 'react';
import {t} from '../../messages/en/tests';
import {milliseconds, safe} from '../../ui/format';
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
      {one.diff ? <DiffView lines={linesOf(one.diff)} label={t.goldenDifference} />
        : expected.includes('\n') && actual.includes('\n') ? <TextDiff before={expected} after={actual} label={t.expectedAndActual} />
          : <dl className="pair"><div><dt>{t.expected}</dt><dd><pre className="block">{safe(expected)}</pre></dd></div><div><dt>{t.came}</dt><dd><pre className="block">{safe(actual)}</pre></dd></div></dl>}
    </li>
  );
}

function Message({one}: {one: Exchange}) {
  const sent = one.direction === '>';
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <li className={sent ? 'sent' : 'received'}><p className="muted">{t.messageAt(sent ? t.request : t.answer, milliseconds(one.at_ms))}{one.cut && t.cut}</p><pre className="block" tabIndex={0}>{safe(laidOut(one.text))}</pre></li>;
}

function Found({one}: {one: Finding}) {
  return (
    <li className="finding"><p><span className={one.level.toUpperCase() === 'MUST' ? 'tone-down' : 'tone-warn'}>{safe(one.level.toUpperCase())}</span> <b className="mono">{safe(one.rule)}</b> {one.section && <span className="muted">{t.section(safe(one.section))}</span>}</p>
      <p>{safe(one.detail)}</p>{one.remedy && <p><b>{t.remedy}</b> {safe(one.remedy)}</p>}{one.evidence.length > 0 && <pre className="block">{one.evidence.map(safe).join('\n')}</pre>}</li>
  );
}

function AttemptView({attempt}: {attempt: Attempt}) {
  return (
    <>
      {attempt.message && <p className={attempt.status === 'passed' ? 'muted' : 'fault'}>{safe(attempt.message)}</p>}
      {attempt.mismatches.length > 0 && <><h3>{t.expectedAndCame}</h3><ul className="plain">{attempt.mismatches.map((one, at) => <Expectation key={at} one={one} />)}</ul></>}
      {attempt.exchanges.length > 0 && <><h3>{t.onTheWire}</h3><ol className="plain exchanges" aria-label={t.requestsAndAnswers}>{attempt.exchanges.map((one, at) => <Message key={at} one={one} />)}</ol></>}
      {attempt.log.length > 0 && <><h3>{t.serverLog}</h3><pre className="block" data-testid="server-log" tabIndex={0}>{attempt.log.map(safe).join('\n')}</pre></>}
    </>
  );
}

export function CaseDetails({one}: {one: CaseResult}) {
  const [at, setAt] = useState(one.attempts.length - 1);
  const attempt = one.attempts[Math.min(at, one.attempts.length - 1)] as Attempt | undefined;
  const matrix = Object.entries(one.matrix ?? {});
  return (
    <section className="case-details" aria-label={t.caseNamed(one.name)} data-testid="case-details">
      <p className="muted">{t.caseOn(one.kind, safe(one.server || t.itsServer), one.line)}{matrix.length > 0 && t.withValues(matrix.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', '))}.</p>
      {one.attempts.length > 1 && <div className="chips" role="group" aria-label={t.attempts}>{one.attempts.map((each, index) => <button key={index} type="button" className="filter-chip" aria-pressed={index === at} onClick={() => setAt(index)}>{t.attempt(index + 1, each.status, milliseconds(each.duration_ms))}</button>)}</div>}
      {one.message && one.message !== attempt?.message && <p className={one.status === 'skipped' ? 'muted' : 'fault'}>{safe(one.message)}</p>}
      {attempt && <AttemptView key={at} attempt={attempt} />}
      {one.findings.length > 0 && <><h3>{t.findings(one.findings.length)}</h3><ul className="plain">{one.findings.map((each, index) => <Found key={index} one={each} />)}</ul></>}
      {one.latency && <p className="muted" data-testid="case-latency">{t.calls(one.latency.count)}{t.latencies(milliseconds(one.latency.p50_ms), milliseconds(one.latency.p90_ms), milliseconds(one.latency.p99_ms), milliseconds(one.latency.max_ms))}</p>}
      {Object.keys(one.figures ?? {}).length > 0 && <details><summary>{t.figures}</summary><Structure value={one.figures} /></details>}
      {one.golden_updated.length > 0 && <p className="muted">{t.goldenWritten(one.golden_updated.map(safe).join(', '))}</p>}
      {one.status === 'passed' && one.attempts.every((each) => each.exchanges.length === 0) && <p className="muted"><StatusMark status="passed" /> {t.notKept}</p>}
    </section>
  );
}

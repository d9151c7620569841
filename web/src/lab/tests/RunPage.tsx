// One run: how it ended or how far it is, its cases, failures alike together; beside another run. All of it has its address.
import {Fragment, lazy, Suspense, useEffect, useState} from 'react';
import {useLocation} from 'wouter';
import {whyNot} from '../../api/client';
import {locale} from '../../messages/language';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {copy} from '../../ui/clipboard';
import {milliseconds, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {toast} from '../../ui/toast';
import {Room} from '../Room';
import type {CaseResult, CaseStatus, Run, RunSummary} from '../types';
import {useSearch} from '../useSearch';
import {pin} from './BaselineBar';
import {CaseDetails} from './CaseDetails';
import {groupsOf} from './groups';
import {cancelRun, type RunBody, startRun} from './runs';
import {StatusMark} from './StatusMark';
import {useRun} from './useRun';

const CompareView = lazy(async () => ({default: (await import('./CompareView')).CompareView}));
const RunTrace = lazy(() => import('./RunTrace'));
const shownAtOnce = 200;
const order: CaseStatus[] = ['failed', 'error', 'interrupted', 'flaky', 'running', 'passed', 'skipped', 'cancelled'];

function sentence(run: Run): string {
  const {totals} = run;
  const parts = [t.passedOf(totals.passed, totals.cases)];
  for (const [word, count] of [[t.outcomes.failed, totals.failed], [t.notTried, totals.errors], [t.outcomes.flaky, totals.flaky], [t.outcomes.skipped, totals.skipped], [t.outcomes.cancelled, totals.cancelled]] as const) if (count) parts.push(`${count} ${word}`);
  return t.tookAll(parts.join(', '), milliseconds(run.duration_ms));
}

function useStart() {
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const start = (body: RunBody, address = '') => {
    setBusy(true);
    startRun(body).then((id) => navigate(`/tests/run/${id}${address}`), (error: Error) => toast('down', error.message)).finally(() => setBusy(false));
  };
  return {busy, start};
}

function Cases({run, cases, chosen, onOpen, onAgain, whyNotAgain}: {run: Run; cases: CaseResult[]; chosen: string; onOpen(id: string): void; onAgain(one: CaseResult): void; whyNotAgain: string}) {
  const [at, put] = useSearch();
  const [all, setAll] = useState(false);
  const status = at('status');
  const query = at('find').toLowerCase();
  const counts = new Map<string, number>();
  for (const one of cases) counts.set(one.status, (counts.get(one.status) ?? 0) + 1);
  const fit = cases.filter((one) => (!status || one.status === status) && (!query || `${one.name} ${one.message} ${one.tags.join(' ')}`.toLowerCase().includes(query)));
  const ordered = run.status === 'running' ? fit : [...fit].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const shown = all ? ordered : ordered.slice(0, shownAtOnce);
  return (
    <>
      <div className="bar">
        <input type="search" aria-label={t.searchCases} placeholder={t.searchCasesHint} value={at('find')} onChange={(event) => put({find: event.target.value})} />
        <div className="chips" role="group" aria-label={t.status}><button type="button" className="filter-chip" aria-pressed={!status} onClick={() => put({status: ''})}>{t.allCount(cases.length)}</button>{order.filter((one) => counts.has(one) || one === status).map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={status === one} onClick={() => put({status: status === one ? '' : one})}>{one} {counts.get(one) ?? 0}</button>)}</div>
      </div>
      <div className="table-wrap" role="region" aria-label={t.cases} tabIndex={0}><table className="grid case-table"><caption className="sr">{t.casesCaption}</caption><thead><tr><th scope="col">{t.status}</th><th scope="col">{t.case}</th><th scope="col">{t.kind}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.whatWasWrong}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{shown.map((one) => (
          <Fragment key={one.id}>
            <tr className="row" data-testid={`case-${one.name}`} data-status={one.status}><td><StatusMark status={one.status} /></td><th scope="row"><button type="button" className="link" aria-expanded={chosen === one.id} disabled={run.status === 'running'} onClick={() => onOpen(chosen === one.id ? '' : one.id)}>{safe(one.name)}</button></th><td>{one.kind}</td><td className="num">{one.status === 'running' ? '–' : milliseconds(one.duration_ms)}</td><td className="case-message" title={safe(one.message)}>{safe(one.message)}</td><td>{run.status !== 'running' && <ActionButton className="button small" why={whyNotAgain} aria-label={t.runAgainOne(one.name)} onClick={() => onAgain(one)}>{t.runAgain}</ActionButton>}</td></tr>
            {chosen === one.id && <tr className="case-open"><td colSpan={6}><CaseDetails one={one} /></td></tr>}
          </Fragment>))}</tbody></table>
        {shown.length === 0 && <p className="empty">{cases.length ? t.noCaseFits : run.status === 'running' ? t.notBegun : t.noCaseRun}</p>}</div>
      {ordered.length > shown.length && <p><button type="button" className="button" onClick={() => setAll(true)}>{t.showAll(ordered.length)}</button></p>}
    </>
  );
}

function Groups({cases, onOpen}: {cases: CaseResult[]; onOpen(id: string): void}) {
  const groups = groupsOf(cases);
  if (groups.length === 0) return null;
  return (
    <details open={groups.length < 6} data-testid="failure-groups"><summary>{groups.length === 1 ? t.oneKind : t.kindsOfFailure(groups.length)}</summary>
      <ul className="plain groups">{groups.map((group) => <li key={group.shape} className="group"><p><b className="tone-down">{t.caseCount(group.cases.length)}</b> <span className="wrap">{safe(group.example)}</span></p><p className="muted">{group.cases.slice(0, 12).map((one) => <button key={one.id} type="button" className="link" onClick={() => onOpen(one.id)}>{safe(one.name)}</button>).flatMap((each, index) => (index ? [', ', each] : [each]))}{group.cases.length > 12 && t.andMore(group.cases.length - 12)}</p></li>)}</ul></details>
  );
}

function Other({run, chosen, onChoose}: {run: Run; chosen: string; onChoose(id: string): void}) {
  const {data} = useList<{items: RunSummary[]}>(run.suite_id ? `/api/tests/${run.suite_id}/results?limit=50` : null, run.status);
  const others = (data?.items ?? []).filter((one) => one.id !== run.id && one.status !== 'running');
  if (others.length === 0) return null;
  return <label>{t.compareWith} <select value={chosen} onChange={(event) => onChoose(event.target.value)}><option value="">{t.noOtherRun}</option>{others.map((one) => <option key={one.id} value={one.id}>{new Date(one.started).toLocaleString(locale())}{t.statusVersion(one.status, one.version)}</option>)}</select></label>;
}

// How it did against the run the suite is measured by.
function Verdict({run, put}: {run: Run; put(values: Record<string, string>): void}) {
  const {baseline} = run;
  if (!baseline || baseline.run_id === run.id) return null;
  return <p data-testid="verdict" data-worse={baseline.worse} className={baseline.worse ? 'tone-down' : 'muted'}>{t.againstBaseline(safe(baseline.summary))} <button type="button" className="link" onClick={() => put({with: baseline.run_id, case: ''})}>{t.compare}</button></p>;
}

export default function RunPage({id}: {id: string}) {
  const {run, cases, running, progress, error, missing} = useRun(id);
  const [at, put] = useSearch();
  const [, navigate] = useLocation();
  const {busy, start} = useStart();
  const chosen = cases.find((one) => one.id === at('case') || one.name === at('case'))?.id ?? '';
  const open = (one: string) => put({case: one, with: '', view: ''});
  const overTime = at('view') === 'time';
  useEffect(() => void document.querySelector('.case-open')?.previousElementSibling?.scrollIntoView({block: 'nearest'}), [chosen, run?.id]);
  if (!run) return <Room title={t.tests} permission="tests:read">{missing ? <p className="empty">{t.noRun(safe(id))}</p> : error ? <p className="fault" role="alert">{safe(error)}</p> : <p className="empty" role="status">{t.reading}</p>}</Room>;
  const why = busy ? t.runStarting : whyNot('tests:run') || (run.suite_id ? '' : t.suiteAsText);
  const back = () => navigate(run.suite_id ? `/tests/suite/${run.suite_id}` : '/tests');
  const actions = (
    <>
      {running ? <ActionButton why={whyNot('operations:cancel')} onClick={() => cancelRun(id).then(() => toast('info', t.cancelRequested), (fault: Error) => toast('down', fault.message))}>{t.cancel}</ActionButton> : <ActionButton className="button primary" why={why} onClick={() => start({id: run.suite_id})}>{t.runAllAgain}</ActionButton>}
      <button type="button" className="button" onClick={() => void copy(`${location.origin}/tests/run/${id}${location.search}`, t.addressOfRun)}>{t.copyLink}</button>
      <button type="button" className="button" onClick={back}>{run.suite_id ? t.toSuite : t.toSuites}</button>
    </>
  );
  return (
    <Room title={t.tests} permission="tests:read" actions={actions}>
      <section aria-label={t.runName} data-testid="run" data-status={run.status}>
        <h2>{safe(run.suite)} <small className="muted">{t.versionSeed(run.version, run.seed)}</small></h2>
        <p className="lead"><StatusMark status={run.status} /> {running ? t.casesDone(progress.done, progress.total || run.totals.cases) : sentence(run)}</p>
        {running && <progress max={progress.total || run.totals.cases || 1} value={progress.done} aria-label={t.casesDoneName} />}
        <p className="muted">{t.begun} <Ago time={run.started} /> {t.byWhom(safe(run.actor))}</p>
        {!running && <Verdict run={run} put={put} />}
        {run.message && <p className="fault">{safe(run.message)}</p>}
        {error && <p className="fault" role="alert">{safe(error)}</p>}
      </section>
      {!running && <div className="bar"><div className="chips" role="group" aria-label={t.view}><button type="button" className="filter-chip" aria-pressed={!overTime} onClick={() => put({view: ''})}>{t.cases}</button><button type="button" className="filter-chip" aria-pressed={overTime} onClick={() => put({view: 'time', with: ''})}>{t.overTime}</button></div><Other run={run} chosen={at('with')} onChoose={(other) => put({with: other, case: ''})} /><span className="end" />{run.suite_id && <ActionButton className="button small" why={whyNot('tests:write')} title={t.laterRunsHint} onClick={() => pin(run.suite_id, run.id).then(() => toast('ok', t.laterRuns), (fault: Error) => toast('down', fault.message))}>{t.pin}</ActionButton>}<ActionButton className="button small" why={whyNot('reports:write')} onClick={() => navigate(`/reports?new=run&run=${run.id}`)}>{t.makeReport}</ActionButton></div>}
      {!running && at('with') ? <Suspense fallback={<p className="empty">{t.loading}</p>}><CompareView run={run.id} other={at('with')} cases={run.cases} onOpen={open} /></Suspense> : !running && overTime ? <Suspense fallback={<p className="empty">{t.loading}</p>}><RunTrace run={run} onOpen={open} /></Suspense> : <><Groups cases={run.cases} onOpen={open} /><Cases run={run} cases={cases} chosen={chosen} onOpen={open} onAgain={(one) => start({id: run.suite_id, cases: [one.name]}, `?case=${encodeURIComponent(one.name)}`)} whyNotAgain={why} /></>}
    </Room>
  );
}

// One run: how it ended or how far it is, its cases, failures alike together; beside another run. All of it has its address.
import {Fragment, lazy, Suspense, useEffect, useState} from 'react';
import {useLocation} from 'wouter';
import {whyNot} from '../../api/client';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {copy} from '../../ui/clipboard';
import {milliseconds, plural, safe} from '../../ui/format';
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
  const parts = [`${totals.passed} of ${plural(totals.cases, 'case')} passed`];
  for (const [word, count] of [['failed', totals.failed], ['could not be tried', totals.errors], ['flaky', totals.flaky], ['skipped', totals.skipped], ['cancelled', totals.cancelled]] as const) if (count) parts.push(`${count} ${word}`);
  return `${parts.join(', ')}; took ${milliseconds(run.duration_ms)}.`;
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
        <input type="search" aria-label="Search cases" placeholder="Name, message, tag" value={at('find')} onChange={(event) => put({find: event.target.value})} />
        <div className="chips" role="group" aria-label="Status"><button type="button" className="filter-chip" aria-pressed={!status} onClick={() => put({status: ''})}>all {cases.length}</button>{order.filter((one) => counts.has(one) || one === status).map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={status === one} onClick={() => put({status: status === one ? '' : one})}>{one} {counts.get(one) ?? 0}</button>)}</div>
      </div>
      <div className="table-wrap" role="region" aria-label="Cases" tabIndex={0}><table className="grid case-table"><caption className="sr">Cases, what failed first</caption><thead><tr><th scope="col">Status</th><th scope="col">Case</th><th scope="col">Kind</th><th scope="col" className="num">Took</th><th scope="col">What was wrong</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
        <tbody>{shown.map((one) => (
          <Fragment key={one.id}>
            <tr className="row" data-testid={`case-${one.name}`} data-status={one.status}><td><StatusMark status={one.status} /></td><th scope="row"><button type="button" className="link" aria-expanded={chosen === one.id} disabled={run.status === 'running'} onClick={() => onOpen(chosen === one.id ? '' : one.id)}>{safe(one.name)}</button></th><td>{one.kind}</td><td className="num">{one.status === 'running' ? '–' : milliseconds(one.duration_ms)}</td><td className="case-message" title={safe(one.message)}>{safe(one.message)}</td><td>{run.status !== 'running' && <ActionButton className="button small" why={whyNotAgain} aria-label={`Run again: ${one.name}`} onClick={() => onAgain(one)}>Run again</ActionButton>}</td></tr>
            {chosen === one.id && <tr className="case-open"><td colSpan={6}><CaseDetails one={one} /></td></tr>}
          </Fragment>))}</tbody></table>
        {shown.length === 0 && <p className="empty">{cases.length ? 'No case fits.' : run.status === 'running' ? 'The first case has not begun yet.' : 'No case was run.'}</p>}</div>
      {ordered.length > shown.length && <p><button type="button" className="button" onClick={() => setAll(true)}>Show all {ordered.length}</button></p>}
    </>
  );
}

function Groups({cases, onOpen}: {cases: CaseResult[]; onOpen(id: string): void}) {
  const groups = groupsOf(cases);
  if (groups.length === 0) return null;
  return (
    <details open={groups.length < 6} data-testid="failure-groups"><summary>{groups.length === 1 ? 'One kind of failure' : `${groups.length} kinds of failure`}</summary>
      <ul className="plain groups">{groups.map((group) => <li key={group.shape} className="group"><p><b className="tone-down">{plural(group.cases.length, 'case')}</b> <span className="wrap">{safe(group.example)}</span></p><p className="muted">{group.cases.slice(0, 12).map((one) => <button key={one.id} type="button" className="link" onClick={() => onOpen(one.id)}>{safe(one.name)}</button>).flatMap((each, index) => (index ? [', ', each] : [each]))}{group.cases.length > 12 && ` and ${group.cases.length - 12} more`}</p></li>)}</ul></details>
  );
}

function Other({run, chosen, onChoose}: {run: Run; chosen: string; onChoose(id: string): void}) {
  const {data} = useList<{items: RunSummary[]}>(run.suite_id ? `/api/tests/${run.suite_id}/results?limit=50` : null, run.status);
  const others = (data?.items ?? []).filter((one) => one.id !== run.id && one.status !== 'running');
  if (others.length === 0) return null;
  return <label>Compare with <select value={chosen} onChange={(event) => onChoose(event.target.value)}><option value="">no other run</option>{others.map((one) => <option key={one.id} value={one.id}>{new Date(one.started).toLocaleString()}: {one.status}, version {one.version}</option>)}</select></label>;
}

// How it did against the run the suite is measured by.
function Verdict({run, put}: {run: Run; put(values: Record<string, string>): void}) {
  const {baseline} = run;
  if (!baseline || baseline.run_id === run.id) return null;
  return <p data-testid="verdict" data-worse={baseline.worse} className={baseline.worse ? 'tone-down' : 'muted'}>Against the baseline: {safe(baseline.summary)}. <button type="button" className="link" onClick={() => put({with: baseline.run_id, case: ''})}>Compare</button></p>;
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
  if (!run) return <Room title="Tests" permission="tests:read">{missing ? <p className="empty">There is no run {safe(id)}: runs are forgotten after a while.</p> : error ? <p className="fault" role="alert">{safe(error)}</p> : <p className="empty" role="status">Reading</p>}</Room>;
  const why = busy ? 'A run is being started' : whyNot('tests:run') || (run.suite_id ? '' : 'The suite of this run was given as text and is not kept');
  const back = () => navigate(run.suite_id ? `/tests/suite/${run.suite_id}` : '/tests');
  const actions = (
    <>
      {running ? <ActionButton why={whyNot('operations:cancel')} onClick={() => cancelRun(id).then(() => toast('info', 'Cancel requested.'), (fault: Error) => toast('down', fault.message))}>Cancel</ActionButton> : <ActionButton className="button primary" why={why} onClick={() => start({id: run.suite_id})}>Run all again</ActionButton>}
      <button type="button" className="button" onClick={() => void copy(`${location.origin}/tests/run/${id}${location.search}`, 'The address of this run')}>Copy link</button>
      <button type="button" className="button" onClick={back}>{run.suite_id ? 'To the suite' : 'To the suites'}</button>
    </>
  );
  return (
    <Room title="Tests" permission="tests:read" actions={actions}>
      <section aria-label="Run" data-testid="run" data-status={run.status}>
        <h2>{safe(run.suite)} <small className="muted">version {run.version}, seed {run.seed}</small></h2>
        <p className="lead"><StatusMark status={run.status} /> {running ? `${progress.done} of ${progress.total || run.totals.cases} cases done.` : sentence(run)}</p>
        {running && <progress max={progress.total || run.totals.cases || 1} value={progress.done} aria-label="Cases done" />}
        <p className="muted">Begun <Ago time={run.started} /> by {safe(run.actor)}.</p>
        {!running && <Verdict run={run} put={put} />}
        {run.message && <p className="fault">{safe(run.message)}</p>}
        {error && <p className="fault" role="alert">{safe(error)}</p>}
      </section>
      {!running && <div className="bar"><div className="chips" role="group" aria-label="View"><button type="button" className="filter-chip" aria-pressed={!overTime} onClick={() => put({view: ''})}>Cases</button><button type="button" className="filter-chip" aria-pressed={overTime} onClick={() => put({view: 'time', with: ''})}>Over time</button></div><Other run={run} chosen={at('with')} onChoose={(other) => put({with: other, case: ''})} /><span className="end" />{run.suite_id && <ActionButton className="button small" why={whyNot('tests:write')} title="Later runs of the suite are measured by this one" onClick={() => pin(run.suite_id, run.id).then(() => toast('ok', 'Later runs are measured by this one.'), (fault: Error) => toast('down', fault.message))}>Pin as baseline</ActionButton>}<ActionButton className="button small" why={whyNot('reports:write')} onClick={() => navigate(`/reports?new=run&run=${run.id}`)}>Make a report</ActionButton></div>}
      {!running && at('with') ? <Suspense fallback={<p className="empty">Loading</p>}><CompareView run={run.id} other={at('with')} cases={run.cases} onOpen={open} /></Suspense> : !running && overTime ? <Suspense fallback={<p className="empty">Loading</p>}><RunTrace run={run} onOpen={open} /></Suspense> : <><Groups cases={run.cases} onOpen={open} /><Cases run={run} cases={cases} chosen={chosen} onOpen={open} onAgain={(one) => start({id: run.suite_id, cases: [one.name]}, `?case=${encodeURIComponent(one.name)}`)} whyNotAgain={why} /></>}
    </Room>
  );
}

// Benchmarks: every measured case (bench, load, soak, differential) over the last runs of a suite, each run against the one before or
// against a baseline; one case's history as a chart.
import {lazy, Suspense, useEffect, useMemo, useState} from 'react';
import {Link} from 'wouter';
import {get} from '../../api/client';
import {useHeard} from '../../live/store';
import {locale} from '../../messages/language';
import {benchmarks as english, t} from '../../messages/en/benchmarks';
import {useAll, useList} from '../../server/useList';
import {decimal, milliseconds, safe} from '../../ui/format';
import {ListState, Room} from '../Room';
import type {Run, RunSummary, SuiteSummary} from '../types';
import {useSearch} from '../useSearch';
import {overlayOf} from './distribution';
import {type Cell, gridOf, type Row} from './grid';

const Chart = lazy(() => import('../../chart/Chart'));
const Histogram = lazy(() => import('../../chart/Histogram'));
const columns = 12; // runs
const kept = new Map<string, Run>(); // a run that ended never changes
const mostKept = 60;

async function readRun(id: string, signal: AbortSignal): Promise<Run> {
  const known = kept.get(id);
  if (known) return known;
  const run = await get<Run>(`/api/tests/runs/${encodeURIComponent(id)}`, signal);
  kept.set(id, {...run, cases: run.cases ?? []});
  const oldest = kept.keys().next().value;
  if (kept.size > mostKept && oldest) kept.delete(oldest);
  return kept.get(id) ?? run;
}

function useRuns(suite: string): {runs: Run[] | null; error: string} {
  const [round, setRound] = useState(0);
  const list = useList<{items: RunSummary[]}>(suite ? `/api/tests/${suite}/results?limit=40` : null, round);
  const [state, setState] = useState<{runs: Run[] | null; error: string}>({runs: null, error: ''});
  useHeard('test_progress', ({data}) => { if (data.suite_id === suite && data.event === 'ended') setRound((old) => old + 1); });
  useEffect(() => {
    if (!list.data) return;
    const abort = new AbortController();
    const ended = list.data.items.filter(({status}) => status !== 'running' && status !== 'interrupted').slice(0, columns);
    Promise.all(ended.map(({id}) => readRun(id, abort.signal))).then((runs) => setState({runs, error: ''}), (fault: Error) => { if (fault.name !== 'AbortError') setState({runs: null, error: fault.message}); });
    return () => abort.abort();
  }, [list.data]);
  return {runs: state.runs, error: list.error || state.error};
}

const tones: Record<string, string> = {faster: 'ok', slower: 'down'};
const arrows: Record<string, string> = {faster: '▼', slower: '▲'};
const change = (ratio: number) => `${ratio >= 1 ? '+' : '−'}${decimal(Math.abs((ratio - 1) * 100), 1)} %`;

function Told({verdict, ratio, low, high, why}: {verdict: string; ratio: number; low: number; high: number; why: string}) {
  const sure = Number.isFinite(high);
  return <span className={`verdict tone-${tones[verdict] ?? 'idle'}`} title={safe(why)}>{arrows[verdict] ?? '='} {t.verdicts[verdict] ?? verdict}{sure && <small>{change(ratio)} {t.interval(change(low), change(high))}</small>}</span>;
}

function CellView({cell}: {cell: Cell | null}) {
  if (!cell) return <td className="muted">–</td>;
  return (
    <td className="bench-cell" data-verdict={cell.compared?.verdict}><Link href={`/tests/run/${cell.run.id}?case=${encodeURIComponent(cell.result.id)}`}>{milliseconds(cell.p50)}</Link>
      {cell.own ? <Told {...cell.own} /> : cell.compared && <Told {...cell.compared} />}</td>
  );
}

function HistoryChart({row, baseline}: {row: Row; baseline: string}) {
  const cells = row.cells.filter((cell): cell is Cell => cell !== null);
  const at = useMemo(() => cells.map((cell) => Date.parse(cell.run.started) / 1000), [row]);
  const overlay = useMemo(() => overlayOf(row.cells, baseline), [row, baseline]);
  const rates = cells.some((cell) => cell.perSecond !== null);
  return (
    <section aria-label={t.historyOf(row.name)} data-testid="bench-history">
      <h2>{safe(row.name)} <small className="muted">{t.kindOn(row.kind, safe(row.server))}</small></h2>
      {cells.length < 2 && <p className="muted">{t.oneRun}</p>}
      <Suspense fallback={<div className="plot-room" />}>
        <Chart at={at} unit="ms" height={240} id={english.latencyOf(row.name, cells.length)} title={t.latencyOf(row.name, cells.length)} lines={[{name: 'p50', values: cells.map(({p50}) => p50)}, {name: 'p99', values: cells.map(({p99}) => p99)}]} />
        {rates && <Chart at={at} unit="/s" height={140} id={english.rateOf(row.name, cells.length)} title={t.rateOf(row.name, cells.length)} lines={[{name: t.callsPerSecond, column: english.callsPerSecond, values: cells.map(({perSecond}) => perSecond)}]} />}
        {overlay && <Histogram title={t.distributionOf(row.name)} bounds={overlay.bounds} series={overlay.series} unit="ms" word="call" height={220} />}
      </Suspense>
      <ul className="plain">{cells.filter(({compared, own}) => compared || own).reverse().map((cell) => <li key={cell.run.id}>{new Date(cell.run.started).toLocaleString(locale())}: {cell.own && <>{t.againstServer} <b>{cell.own.verdict}</b> ({safe(cell.own.why)}). </>}{cell.compared && <>{t.againstRun} <b>{cell.compared.verdict}</b> ({safe(cell.compared.why)}).</>}</li>)}</ul>
    </section>
  );
}

function Grid({runs}: {runs: Run[]}) {
  const [at, put] = useSearch();
  const baseline = at('baseline');
  const grid = useMemo(() => gridOf(runs, baseline), [runs, baseline]);
  const chosen = grid.rows.find(({name}) => name === at('case'));
  if (grid.rows.length === 0) return <p className="empty">{t.nothingMeasured}</p>;
  return (
    <>
      <div className="bar"><label>{t.compareWith} <select value={baseline} onChange={(event) => put({baseline: event.target.value})}><option value="">{t.runBefore}</option>{[...grid.runs].reverse().map((run) => <option key={run.id} value={run.id}>{t.thatOf(new Date(run.started).toLocaleString(locale()), run.version)}</option>)}</select></label></div>
      <div className="table-wrap" role="region" aria-label={t.benchmarks} tabIndex={0}><table className="grid bench"><caption className="sr">{t.caption}</caption>
        <thead><tr><th scope="col">{t.case}</th>{grid.runs.map((run) => <th key={run.id} scope="col" data-baseline={run.id === baseline || undefined}>{new Date(run.started).toLocaleString(locale(), {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'})}<span className="sub">{t.version(run.version)}</span></th>)}</tr></thead>
        <tbody>{grid.rows.map((row) => <tr key={row.name} className="row" data-testid={`bench-${row.name}`}><th scope="row"><button type="button" className="link" aria-expanded={chosen === row} onClick={() => put({case: chosen === row ? '' : row.name})}>{safe(row.name)}</button><span className="sub">{row.kind}</span></th>{row.cells.map((cell, index) => <CellView key={grid.runs[index].id} cell={cell} />)}</tr>)}</tbody></table></div>
      <p className="muted hint">{t.explain}</p>
      {chosen && <HistoryChart key={chosen.name} row={chosen} baseline={baseline} />}
    </>
  );
}

function Benchmarks() {
  const [at, put] = useSearch();
  const suites = useAll<SuiteSummary>('/api/tests?limit=1000');
  const newest = useList<{items: RunSummary[]}>('/api/tests/runs?limit=1');
  const suite = at('suite') || newest.data?.items[0]?.suite_id || suites.data?.items[0]?.id || '';
  const {runs, error} = useRuns(suite);
  return (
    <>
      <ListState data={suites.data?.items} error={suites.error} reload={suites.reload} empty={<>{t.nothingYet} <Link href="/tests/suite/new">{t.writeSuite}</Link></>} />
      {suites.data && suites.data.items.length > 0 && <div className="bar"><label>{t.suite} <select value={suite} onChange={(event) => put({suite: event.target.value, case: '', baseline: ''})}>{suites.data.items.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label></div>}
      {suite && <ListState data={runs} error={error} empty={t.notRunYet} />}
      {suite && runs && runs.length > 0 && <Grid runs={runs} />}
    </>
  );
}

export default function BenchmarksPage() {
  return <Room title={t.benchmarks} permission="tests:read"><Benchmarks /></Room>;
}

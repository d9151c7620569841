// Tests: the suites there are, each with its last runs; all runs.
import {useMemo, useState} from 'react';
import {Link, useLocation, useRoute} from 'wouter';
import {whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
import {t} from '../../messages/en/tests';
import {useAll, useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {decimal, milliseconds, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {ListState, Room} from '../Room';
import type {RunSummary, SuiteSummary} from '../types';
import {useSearch} from '../useSearch';
import {bySuite, historyOf} from './history';
import {FlakyRoom} from './FlakyRoom';
import RunPage from './RunPage';
import {RunTable} from './RunTable';
import {RunStrip, StatusMark} from './StatusMark';
import SuitePage from './SuitePage';

const percent = (value: number | null) => (value === null ? '–' : `${decimal(value, value > 0 && value < 10 ? 1 : 0)} %`);
const tabs = [{path: '/tests', get label() { return t.suites; }}, {path: '/tests/runs', get label() { return t.runs; }}, {path: '/tests/flaky', get label() { return t.flaky; }}];
const strip = 30;
const read = 1000; // runs of all suites, newest first

function Trend({value}: {value: number | null}) {
  if (value === null || Math.abs(value) < 10) return <span className="muted">{value === null ? '' : t.steady}</span>;
  return <span className={value > 0 ? 'tone-warn' : 'muted'}>{value > 0 ? '▲' : '▼'} {decimal(Math.abs(value), 0)} %</span>;
}

function Suites({suites, runs}: {suites: SuiteSummary[]; runs: RunSummary[]}) {
  const [at, put] = useSearch();
  const grouped = useMemo(() => bySuite(runs), [runs]);
  const rows = suites.map((suite) => { const mine = (grouped.get(suite.id) ?? []).slice(0, strip); return {suite, runs: mine, history: historyOf(mine)}; });
  const state = at('state');
  const query = at('find').toLowerCase();
  const shown = rows.filter((row) => [row.suite.name, ...(row.suite.tags ?? [])].some((text) => text.toLowerCase().includes(query)) && (!state || (row.runs[0]?.status ?? 'never run') === state));
  const states = [...new Set(rows.map((row) => row.runs[0]?.status ?? t.neverRun))].sort();
  return (
    <>
      <div className="bar"><input type="search" aria-label={t.searchSuites} placeholder={t.searchSuitesHint} value={at('find')} onChange={(event) => put({find: event.target.value})} />
        <div className="chips" role="group" aria-label={t.lastRun}><button type="button" className="filter-chip" aria-pressed={!state} onClick={() => put({state: ''})}>{t.allCount(rows.length)}</button>{states.map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={state === one} onClick={() => put({state: state === one ? '' : one})}>{one}</button>)}</div></div>
      <div className="table-wrap" role="region" aria-label={t.suites} tabIndex={0}><table className="grid"><caption className="sr">{t.testSuites}</caption><thead><tr><th scope="col">{t.suite}</th><th scope="col">{t.lastRun}</th><th scope="col">{t.lastRunsHead(strip)}</th><th scope="col" className="num">{t.pass}</th><th scope="col" className="num">{t.flaky}</th><th scope="col" className="num">{t.takes}</th><th scope="col">{t.trend}</th><th scope="col">{t.changed}</th></tr></thead>
        <tbody>{shown.map(({suite, runs: mine, history}) => <tr key={suite.id} className="row" data-testid={`suite-${suite.name}`}><th scope="row"><Link href={`/tests/suite/${suite.id}`}>{safe(suite.name)}</Link>{suite.tags?.map((tag) => <button key={tag} type="button" className="suite-tag" aria-label={t.suitesWith(tag)} onClick={() => put({find: tag})}>{safe(tag)}</button>)}</th><td>{mine[0] ? <Link href={`/tests/run/${mine[0].id}`} className="plain-link"><StatusMark status={mine[0].status} /> <Ago time={mine[0].started} /></Link> : <span className="muted">{t.never}</span>}</td><td><RunStrip runs={mine} /></td><td className="num">{percent(history.passPercent)}</td><td className="num">{percent(history.flakyPercent)}</td><td className="num">{milliseconds(history.medianMs)}</td><td><Trend value={history.trendPercent} /></td><td><Ago time={suite.updated_at} /> <small>{t.byAuthor(safe(suite.author))}</small></td></tr>)}</tbody></table>
        {shown.length === 0 && <p className="empty">{t.noSuiteFits}</p>}</div>
    </>
  );
}

function Lists({all}: {all: boolean}) {
  const [, navigate] = useLocation();
  const [round, setRound] = useState(0);
  const suites = useAll<SuiteSummary>('/api/tests?limit=1000', round);
  const runs = useList<{items: RunSummary[]}>(`/api/tests/runs?limit=${read}`, round);
  useHeard('test_progress', ({data}) => { if (data.event === 'started' || data.event === 'ended') setRound((old) => old + 1); });
  const why = whyNot('tests:write');
  const empty = <><p>{t.noSuiteYet}</p><ActionButton className="button primary" why={why} onClick={() => navigate('/tests/suite/new')}>{t.writeFirst}</ActionButton></>;
  return (
    <Room title={t.tests} permission="tests:read" tabs={tabs} here={all ? '/tests/runs' : '/tests'} actions={<ActionButton className="button primary" why={why} onClick={() => navigate('/tests/suite/new')}>{t.newSuite}</ActionButton>}>
      {all ? <RunTable runs={runs.data?.items} error={runs.error} reload={runs.reload} named /> : <>
        <ListState data={suites.data?.items} error={suites.error} reload={suites.reload} empty={empty} />
        {runs.error && !suites.error && <p className="fault" role="alert">{t.runsUnread(safe(runs.error))}</p>}
        {suites.data && suites.data.items.length > 0 && <Suites suites={suites.data.items} runs={runs.data?.items ?? []} />}</>}
    </Room>
  );
}

export default function TestsPage() {
  const [, suite] = useRoute('/tests/suite/:id');
  const [, run] = useRoute('/tests/run/:id');
  const [all] = useRoute('/tests/runs');
  const [flaky] = useRoute('/tests/flaky');
  if (suite) return <SuitePage key={suite.id} id={decodeURIComponent(suite.id)} />;
  if (run) return <RunPage key={run.id} id={decodeURIComponent(run.id)} />;
  if (flaky) return <Room title={t.tests} permission="tests:read" tabs={tabs} here="/tests/flaky"><FlakyRoom /></Room>;
  return <Lists all={all} />;
}

// The last test runs, followed while they go on.
import {useState} from 'react';
import {Link} from 'wouter';
import {RunStrip, StatusMark} from '../lab/tests/StatusMark';
import type {RunSummary} from '../lab/types';
import {useHeard} from '../live/store';
import {t} from '../messages/en/overview';
import {useList} from '../server/useList';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';

const most = 5;

export function Runs() {
  const [turns, setTurns] = useState(0);
  useHeard('test_progress', (event) => { if (event.data.event === 'started' || event.data.event === 'ended') setTurns((old) => old + 1); });
  const {data, error} = useList<{items: RunSummary[]}>('/api/tests/runs?limit=30', turns);
  return (
    <section className="panel" aria-label={t.recentTests}>
      <h2>{t.recentTests} {data && data.items.length > 0 && <RunStrip runs={data.items} />}</h2>
      {error && <p className="fault">{error}</p>}
      {data?.items.length === 0 && <p className="muted">{t.nothingRun} <Link href="/tests">{t.toSuites}</Link></p>}
      <ul className="plain changes">{data?.items.slice(0, most).map((run) => <li key={run.id}><StatusMark status={run.status} /><span className="change-text"><Link href={`/tests/run/${run.id}`}>{safe(run.suite)}</Link> <span className="muted">{t.passedOf(run.totals.passed, run.totals.cases)}</span></span><Ago time={run.started} /></li>)}</ul>
    </section>
  );
}

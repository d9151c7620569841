// Runs, newest first.
import {Link} from 'wouter';
import {milliseconds, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {ListState} from '../Room';
import type {RunSummary} from '../types';
import {StatusMark} from './StatusMark';

export function RunTable({runs, error, reload, named = false}: {runs: RunSummary[] | undefined; error: string; reload(): void; named?: boolean}) {
  return (
    <>
      <ListState data={runs} error={error} reload={reload} empty="Nothing has been run yet." />
      {runs && runs.length > 0 && <div className="table-wrap" role="region" aria-label="Runs" tabIndex={0}><table className="grid"><caption className="sr">Runs, newest first</caption><thead><tr><th scope="col">Status</th><th scope="col">Run</th>{named && <th scope="col">Suite</th>}<th scope="col" className="num">Passed</th><th scope="col" className="num">Failed</th><th scope="col" className="num">Flaky</th><th scope="col" className="num">Took</th><th scope="col">Who</th><th scope="col" className="num">Version</th></tr></thead>
        <tbody>{runs.map((run) => <tr key={run.id} className="row" data-testid="run-row" data-status={run.status}><td><StatusMark status={run.status} /></td><th scope="row"><Link href={`/tests/run/${run.id}`}><Ago time={run.started} /></Link></th>{named && <td>{safe(run.suite)}</td>}<td className="num">{run.totals.passed} of {run.totals.cases}</td><td className={`num ${run.totals.failed + run.totals.errors ? 'tone-down' : ''}`}>{run.totals.failed + run.totals.errors}</td><td className={`num ${run.totals.flaky ? 'tone-warn' : ''}`}>{run.totals.flaky}</td><td className="num">{run.status === 'running' ? '–' : milliseconds(run.duration_ms)}</td><td>{safe(run.actor)}</td><td className="num">{run.version || '–'}</td></tr>)}</tbody></table></div>}
    </>
  );
}

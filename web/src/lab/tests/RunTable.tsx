// Runs, newest first.
import {Link} from 'wouter';
import {t} from '../../messages/en/tests';
import {milliseconds, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {ListState} from '../Room';
import type {RunSummary} from '../types';
import {StatusMark} from './StatusMark';

export function RunTable({runs, error, reload, named = false}: {runs: RunSummary[] | undefined; error: string; reload(): void; named?: boolean}) {
  return (
    <>
      <ListState data={runs} error={error} reload={reload} empty={t.nothingRun} />
      {runs && runs.length > 0 && <div className="table-wrap" role="region" aria-label={t.runs} tabIndex={0}><table className="grid"><caption className="sr">{t.runsCaption}</caption><thead><tr><th scope="col">{t.status}</th><th scope="col">{t.runName}</th>{named && <th scope="col">{t.suite}</th>}<th scope="col" className="num">{t.passed}</th><th scope="col" className="num">{t.failedHead}</th><th scope="col" className="num">{t.flaky}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.who}</th><th scope="col" className="num">{t.version}</th></tr></thead>
        <tbody>{runs.map((run) => <tr key={run.id} className="row" data-testid="run-row" data-status={run.status}><td><StatusMark status={run.status} /></td><th scope="row"><Link href={`/tests/run/${run.id}`}><Ago time={run.started} /></Link></th>{named && <td>{safe(run.suite)}</td>}<td className="num">{t.flipsOf(run.totals.passed, run.totals.cases)}</td><td className={`num ${run.totals.failed + run.totals.errors ? 'tone-down' : ''}`}>{run.totals.failed + run.totals.errors}</td><td className={`num ${run.totals.flaky ? 'tone-warn' : ''}`}>{run.totals.flaky}</td><td className="num">{run.status === 'running' ? '–' : milliseconds(run.duration_ms)}</td><td>{safe(run.actor)}</td><td className="num">{run.version || '–'}</td></tr>)}</tbody></table></div>}
    </>
  );
}

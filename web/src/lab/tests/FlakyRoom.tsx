// Cases that do not stand by what they say: passed only on a retry, or to and fro between passing and failing over their last runs.
import {Link} from 'wouter';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {decimal, safe} from '../../ui/format';
import {ListState} from '../Room';
import type {CaseStatus} from '../types';
import {useSearch} from '../useSearch';
import {StatusMark} from './StatusMark';

interface Flaky {suite_id: string; suite: string; case: string; runs: number; failed: number; retried: number; flips: number; flip_rate: number; status: CaseStatus; message: string; history: {run_id: string; status: CaseStatus}[]}
const shown = 30;
const tones: Partial<Record<CaseStatus, string>> = {passed: 'ok', flaky: 'warn'};

export function FlakyRoom() {
  const [at, put] = useSearch();
  const runs = at('runs', String(shown));
  const {data, error, reload} = useList<{items: Flaky[]}>(`/api/tests/flaky?runs=${encodeURIComponent(runs)}`);
  return (
    <>
      <div className="bar"><label>{t.ofTheLast} <select value={runs} onChange={(event) => put({runs: event.target.value})}>{['10', '30', '100', '200'].map((one) => <option key={one}>{one}</option>)}</select> {t.runsUnit}</label></div>
      <ListState data={data?.items} error={error} reload={reload} empty={t.noFlaky} />
      {data && data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.flakyCases} tabIndex={0}><table className="grid"><caption className="sr">{t.flakyCaption}</caption><thead><tr><th scope="col">{t.case}</th><th scope="col">{t.suite}</th><th scope="col">{t.last}</th><th scope="col">{t.runsNewestRight}</th><th scope="col" className="num">{t.changed}</th><th scope="col" className="num">{t.failedHead}</th><th scope="col" className="num">{t.onRetry}</th><th scope="col">{t.saidLast}</th></tr></thead>
        <tbody>{data.items.map((one) => <tr key={`${one.suite_id}/${one.case}`} className="row" data-testid={`flaky-${one.case}`}><th scope="row"><Link href={`/tests/run/${one.history[0].run_id}?case=${encodeURIComponent(one.case)}`}>{safe(one.case)}</Link></th><td><Link href={`/tests/suite/${one.suite_id}`}>{safe(one.suite)}</Link></td><td><StatusMark status={one.status} /></td><td><Strip one={one} /></td><td className="num" title={t.flipRate(decimal(100 * one.flip_rate, 0))}>{t.flipsOf(one.flips, Math.max(0, one.runs - 1))}</td><td className="num">{one.failed}</td><td className="num">{one.retried}</td><td className="case-message" title={safe(one.message)}>{safe(one.message)}</td></tr>)}</tbody></table></div>}
    </>
  );
}

function Strip({one}: {one: Flaky}) {
  const last = one.history.slice(0, shown);
  return (
    <svg className="strip" viewBox={`0 0 ${shown * 5} 18`} width={shown * 5} height="18" role="img" aria-label={t.flakyStrip(one.runs, one.failed, one.retried)}>
      {last.map(({run_id, status}, back) => { const tone = tones[status] ?? 'down'; return <rect key={run_id} className={`tone-${tone}`} x={(shown - 1 - back) * 5} y={tone === 'ok' ? 11 : 1} width={tone === 'ok' ? 2 : 4} height={tone === 'ok' ? 6 : 16} fill="currentColor" />; })}
    </svg>
  );
}

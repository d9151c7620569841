// Two runs side by side: what fails newly, what was fixed, what takes longer or less.
import {milliseconds, plural, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import type {Run} from '../types';
import {changeOrder, changeWords, compareRuns, type Pair} from './compare';
import {StatusMark} from './StatusMark';

const tones: Record<string, string> = {new_failure: 'tone-down', still_failing: 'tone-down', fixed: 'tone-ok', slower: 'tone-warn', faster: 'tone-ok'};
const speed = ({ratio, calls}: Pair) => (ratio === null || calls === 0 ? '–' : `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(0)} % (${plural(calls, 'call')})`);

export function CompareView({before, after, onOpen}: {before: Run; after: Run; onOpen(id: string): void}) {
  const pairs = compareRuns(before, after);
  const groups = changeOrder.map((change) => ({change, pairs: pairs.filter((pair) => pair.change === change)})).filter(({pairs: some}) => some.length > 0);
  const count = (change: string) => pairs.filter((pair) => pair.change === change).length;
  return (
    <section aria-label="Comparison" data-testid="comparison">
      <p className="lead">{plural(count('new_failure'), 'new failure')}, {count('fixed')} fixed, {count('still_failing')} still failing, {count('slower')} slower, {count('faster')} faster.</p>
      <p className="muted">First the run of <Ago time={before.started} />, then that of <Ago time={after.started} />. Slower and faster go by the medians of one run each: a hint, no verdict; the benchmarks compare many.</p>
      <div className="table-wrap" role="region" aria-label="Cases of both runs" tabIndex={0}><table className="grid"><thead><tr><th scope="col">Case</th><th scope="col">First</th><th scope="col">Second</th><th scope="col" className="num">p50 first</th><th scope="col" className="num">p50 second</th><th scope="col" className="num">Change</th><th scope="col">What differs</th></tr></thead>
        {groups.map(({change, pairs: some}) => (
          <tbody key={change} data-change={change}><tr><th colSpan={7} scope="rowgroup" className={tones[change] ?? 'muted'}>{changeWords[change]} ({some.length})</th></tr>
            {some.slice(0, 300).map((pair) => <tr key={pair.name} className="row"><th scope="row">{pair.after ? <button type="button" className="link" onClick={() => pair.after && onOpen(pair.after.id)}>{safe(pair.name)}</button> : safe(pair.name)}</th><td>{pair.before ? <StatusMark status={pair.before.status} /> : '–'}</td><td>{pair.after ? <StatusMark status={pair.after.status} /> : '–'}</td><td className="num">{milliseconds(pair.before?.latency?.p50_ms)}</td><td className="num">{milliseconds(pair.after?.latency?.p50_ms)}</td><td className="num">{speed(pair)}</td><td className="wrap">{pair.after?.message !== pair.before?.message ? safe(pair.after?.message ?? '') : ''}</td></tr>)}</tbody>))}
      </table></div>
    </section>
  );
}

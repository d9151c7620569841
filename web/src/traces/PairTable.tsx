// Span by span what the second trace took more or less than the first.
import {took} from '../chart/spans';
import {t} from '../messages/en/traces';
import {decimal, safe} from '../ui/format';
import type {Pair, Verdict} from './compare';

const toneOf: Record<Verdict, string> = {slower: 'tone-warn', faster: 'tone-ok', same: 'muted', 'only-a': 'muted', 'only-b': 'muted'};
const signed = (text: string, value: number) => (value > 0 ? `+${text}` : text);
const indent = 14; // pixels a level

const Took = ({ms, count}: {ms: number | null; count: number}) => <td className="num">{ms === null ? '–' : took(ms)}{count > 1 && t.timesOver(count)}</td>;

export function PairTable({pairs}: {pairs: Pair[]}) {
  return (
    <div>
      <h2>{t.spanBySpan}</h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-wrap" role="region" aria-label={t.spanBySpan} tabIndex={0}>
        <table className="grid" data-testid="pairs">
          <thead><tr><th scope="col">{t.span}</th><th scope="col" className="num">{t.first}</th><th scope="col" className="num">{t.second}</th><th scope="col" className="num">{t.difference}</th><th scope="col" className="num">{t.change}</th><th scope="col">{t.verdict}</th></tr></thead>
          <tbody>{pairs.map(({path, a, b, countA, countB, difference, share, verdict}) => (
            <tr key={path.join('\n')} data-verdict={verdict}>
              <th scope="row" className="mono" title={path.map(safe).join(' › ')}><span style={{paddingLeft: (path.length - 1) * indent}}>{safe(path[path.length - 1])}</span></th>
              <Took ms={a} count={countA} /><Took ms={b} count={countB} />
              <td className="num">{difference === null ? '–' : signed(took(difference), difference)}</td>
              <td className="num">{share === null ? '–' : signed(`${decimal(100 * share, Math.abs(share) < 10 ? 1 : 0)} %`, share)}</td>
              <td className={toneOf[verdict]}>{t.verdicts[verdict]}</td>
            </tr>))}</tbody>
        </table>
      </div>
    </div>
  );
}

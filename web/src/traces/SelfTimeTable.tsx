// Where the time went, by the names of spans.
import {t} from '../messages/en/traces';
import {took} from '../chart/spans';
import {fixed, safe} from '../ui/format';
import type {SelfTime, SelfTimes} from './selfTime';

const nameOf = ({kind, name}: SelfTime) => (kind === 'unattributed' ? t.unattributed : kind === 'between' ? t.between : safe(name));

export function SelfTimeTable({times: {whole, rows, parallel}}: {times: SelfTimes}) {
  return (
    <div>
      <h2>{t.whereTime}</h2>
      <p className="muted">{t.whereTimeText}{parallel && ` ${t.parallel}`}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-wrap" role="region" aria-label={t.whereTime} tabIndex={0}>
        <table className="grid" data-testid="self-times">
          <thead><tr><th scope="col">{t.span}</th><th scope="col" className="num">{t.times}</th><th scope="col" className="num">{t.total}</th><th scope="col" className="num">{t.self}</th><th scope="col" className="num">{t.share}</th></tr></thead>
          <tbody>{rows.map((row) => <tr key={`${row.kind} ${row.name}`} data-kind={row.kind}><th scope="row" className={row.kind === 'span' ? 'mono' : 'muted'}>{nameOf(row)}</th><td className="num">{row.kind === 'between' ? '–' : row.count}</td><td className="num">{took(row.total)}</td><td className="num">{took(row.self)}</td><td className="num trace-share"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width={whole > 0 ? Math.min(100, (100 * row.self) / whole) : 0} height="6" /></svg> <span>{whole > 0 ? `${fixed((100 * row.self) / whole, 1)} %` : '–'}</span></td></tr>)}</tbody>
        </table>
      </div>
    </div>
  );
}

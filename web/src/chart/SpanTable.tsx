// What a waterfall shows as a table.
import {t} from '../messages/en/chart';
import {safe} from '../ui/format';
import {criticalOf, hasCritical, type Span, took} from './spans';

const most = 500;

export function SpanTable({title, spans, began}: {title: string; spans: Span[]; began: number}) {
  const critical = hasCritical(spans);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap chart-table" role="region" aria-label={t.spansOf(title)} tabIndex={0}>
      <table className="grid"><caption className="sr">{title}{spans.length > most && t.firstOf(most, spans.length)}</caption><thead><tr><th scope="col">{t.span}</th><th scope="col" className="num">{t.level}</th><th scope="col" className="num">{t.after}</th><th scope="col" className="num">{t.took}</th>{critical && <th scope="col" className="num">{t.criticalPath}</th>}<th scope="col">{t.ended}</th></tr></thead>
        <tbody>{spans.slice(0, most).map((span, at) => <tr key={at}><th scope="row">{safe(span.name)}</th><td className="num">{span.depth + 1}</td><td className="num">{took(span.from - began)}</td><td className="num">{took(span.to - span.from)}</td>{critical && <td className="num">{span.critical?.length ? took(criticalOf(span)) : '–'}</td>}<td>{span.word}</td></tr>)}</tbody></table>
    </div>
  );
}

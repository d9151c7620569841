// The points of a scatter as a table, newest first.
import {t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {safe} from '../ui/format';
import {figure} from './model';
import type {Point} from './scatter';

const most = 500;

export function ScatterTable({title, points, order, unit, onOpen}: {title: string; points: Point[]; order: number[]; unit: string; onOpen(key: string): void}) {
  const newest = [...order].reverse();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap chart-table" role="region" aria-label={t.valuesOf(title)} tabIndex={0}>
      <table className="grid">
        <caption className="sr">{t.newestFirst(title)}{newest.length > most && t.lastOf(most, newest.length)}</caption>
        <thead><tr><th scope="col">{t.time}</th><th scope="col">{t.what}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.ended}</th></tr></thead>
        <tbody>{newest.slice(0, most).map((index) => { const {key, at, name, value, word} = points[index]; return <tr key={key}><td><time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString(locale())}</time></td><th scope="row"><button type="button" className="link" onClick={() => onOpen(key)}>{safe(name)}</button></th><td className="num">{figure(value, unit)}</td><td>{word}</td></tr>; })}</tbody>
      </table>
    </div>
  );
}

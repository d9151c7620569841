// What a chart shows as a table, newest first.
import {t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {safe} from '../ui/format';
import {figure, type Line, type Marker} from './model';

const most = 500;

export function ChartTable({title, at, lines, unit, markers}: {title: string; at: number[]; lines: Line[]; unit: string; markers: Marker[]}) {
  const shown = at.map((_, index) => index).filter((index) => lines.some(({values}) => values[index] !== null && values[index] !== undefined)).reverse();
  return (
    <div className="table-wrap chart-table" role="region" aria-label={t.valuesOf(title)} tabIndex={0}>
      <table className="grid">
        <caption className="sr">{t.newestFirst(title)}{shown.length > most && t.lastOf(most, shown.length)}</caption>
        <thead><tr><th scope="col">{t.time}</th>{lines.map(({name}) => <th key={name} scope="col" className="num">{safe(name)}</th>)}</tr></thead>
        <tbody>{shown.slice(0, most).map((index) => <tr key={at[index]}><th scope="row"><time dateTime={new Date(at[index] * 1000).toISOString()}>{new Date(at[index] * 1000).toLocaleString(locale())}</time></th>{lines.map(({name, values}) => <td key={name} className="num">{figure(values[index], unit)}</td>)}</tr>)}</tbody>
      </table>
      {markers.length > 0 && <ul className="plain chart-marks">{markers.map((one) => <li key={`${one.at} ${one.text}`}><span className={`tone-${one.tone}`}>{new Date(one.at * 1000).toLocaleString(locale())}</span> {safe(one.text)}</li>)}</ul>}
    </div>
  );
}

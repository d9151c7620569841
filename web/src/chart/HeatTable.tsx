// The counts of a heatmap as a table, newest first.
import {t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {type Buckets, bucketText} from './buckets';

const most = 500;

export function HeatTable({title, data, unit}: {title: string; data: Buckets; unit: string}) {
  const known = data.times.map((_, at) => at).filter((at) => data.counts[at] !== null).reverse();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap chart-table" role="region" aria-label={t.valuesOf(title)} tabIndex={0}>
      <table className="grid">
        <caption className="sr">{t.heatCaption(title)}{known.length > most && t.lastOf(most, known.length)}</caption>
        <thead><tr><th scope="col">{t.time}</th>{data.bounds.slice(0, -1).map((low, bucket) => <th key={low} scope="col" className="num">{bucketText(data.bounds, bucket, unit)}</th>)}</tr></thead>
        <tbody>{known.slice(0, most).map((at) => <tr key={data.times[at]}><th scope="row"><time dateTime={new Date(data.times[at]).toISOString()}>{new Date(data.times[at]).toLocaleString(locale())}</time></th>{data.counts[at]?.map((count, bucket) => <td key={data.bounds[bucket]} className="num">{count}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

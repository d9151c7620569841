// How often which values: a bar for each bucket, over a logarithmic axis, with quantiles as marks. A second distribution lies over the
// first as an outline: shares of each, so that 100 calls and 10,000 compare.
import {memo, useState} from 'react';
import {type chart, t} from '../messages/en/chart';
import {fixed} from '../ui/format';
import {bucketText, histogramCsv, roundValues, shareOf} from './buckets';
import {ChartHead} from './ChartHead';
import {axisRoom, edgeRoom, figure} from './model';
import {useWidth} from './useWidth';
import './chart.css';

export interface Distribution {name: string; column?: string; counts: number[]; quantiles: {name: string; value: number}[]}
interface Props {title: string; bounds: number[]; series: Distribution[]; unit: string; word: keyof typeof chart.counted; height?: number} // one or two series

const [top, foot] = [30, 20];
const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);

export default memo(function Histogram({title, bounds, series, unit, word, height = 200}: Props) {
  const [table, setTable] = useState(false);
  const [box, width] = useWidth(table);
  const [at, setAt] = useState<number | null>(null);
  const buckets = bounds.length - 1;
  const all = series.map(({counts}) => sum(counts));
  const many = series.length > 1;
  const share = (rank: number, bucket: number) => (many ? series[rank].counts[bucket] / Math.max(1, all[rank]) : series[rank].counts[bucket]);
  const most = Math.max(Number.MIN_VALUE, ...series.flatMap((one, rank) => one.counts.map((_, bucket) => share(rank, bucket))));
  const high = height - top - foot;
  const room = Math.max(1, width - axisRoom - edgeRoom);
  const x = (bucket: number) => axisRoom + (bucket / buckets) * room;
  const y = (value: number) => top + (1 - value / most) * high;
  const bars = (rank: number) => series[rank].counts.map((count, bucket) => (count ? `M${x(bucket).toFixed(1)} ${top + high}V${Math.min(y(share(rank, bucket)), top + high - 1).toFixed(1)}H${(x(bucket + 1) - 1).toFixed(1)}V${top + high}Z` : '')).join('');
  const told = (bucket: number) => `${bucketText(bounds, bucket, unit)}: ${series.map(({name, counts}, rank) => `${many ? `${name} ` : ''}${t.counted[word](counts[bucket])}${all[rank] ? `, ${fixed((100 * counts[bucket]) / all[rank], 1)} %` : ''}`).join('; ')}`;
  const tick = (value: number) => (many ? `${Math.round(100 * value)} %` : String(Math.round(value)));
  const summary = `${title}: ${series.map(({name, quantiles}, rank) => `${name}, ${t.counted[word](all[rank])}, ${quantiles.map((one) => `${one.name} ${figure(one.value, unit)}`).join(', ')}`).join('; ')}`;
  return (
    <figure className="chart-figure">
      <ChartHead title={title} table={table} onTable={setTable} csv={() => histogramCsv(bounds, series, unit)}>
        {series.map(({name, quantiles}, rank) => <span key={name}><svg width="14" height="10" aria-hidden="true"><rect x="1" y="1" width="12" height="8" className={rank ? 'bar-b' : 'bar-a'} /></svg> {name} {quantiles.map((one) => <span key={one.name}>{one.name} <b>{figure(one.value, unit)}</b> </span>)}</span>)}
        {at !== null && <b>{told(at)}</b>}
      </ChartHead>
      {table ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="table-wrap chart-table" role="region" aria-label={t.valuesOf(title)} tabIndex={0}>
          <table className="grid"><caption className="sr">{title}</caption><thead><tr><th scope="col">{t.from}</th><th scope="col">{t.to}</th>{series.map(({name}) => <th key={name} scope="col" className="num">{name}</th>)}</tr></thead>
            <tbody>{bounds.slice(0, -1).map((low, bucket) => <tr key={low}><th scope="row">{figure(low, unit)}</th><td>{figure(bounds[bucket + 1], unit)}</td>{series.map(({name, counts}) => <td key={name} className="num">{counts[bucket]}</td>)}</tr>)}</tbody></table>
        </div>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
        <div ref={box} className="chart-box" role="slider" tabIndex={0} aria-label={summary} aria-valuemin={0} aria-valuemax={buckets - 1} aria-valuenow={at ?? 0} aria-valuetext={at === null ? t.noBar : told(at)} style={{height}}
          onKeyDown={(event) => {
            const next = {ArrowLeft: (at ?? buckets) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: buckets - 1}[event.key];
            if (next === undefined) return;
            event.preventDefault();
            setAt(Math.max(0, Math.min(buckets - 1, next)));
          }} onBlur={() => setAt(null)} onPointerLeave={() => setAt(null)}
          onPointerMove={(event) => { const bucket = Math.floor(((event.clientX - event.currentTarget.getBoundingClientRect().left - axisRoom) / room) * buckets); setAt(bucket >= 0 && bucket < buckets ? bucket : null); }}>
          {width > 0 && <svg className="bars" width={width} height={height} aria-hidden="true">
            {[0, 0.5, 1].map((part) => <g key={part}><line x1={axisRoom} x2={width - edgeRoom} y1={y(most * part)} y2={y(most * part)} /><text x={axisRoom - 6} y={y(most * part) + 4} textAnchor="end">{tick(most * part)}</text></g>)}
            {roundValues(bounds, Math.floor(room / 60)).map((value) => <text key={value} x={axisRoom + shareOf(bounds, value) * room} y={height - 5} textAnchor="middle">{figure(value, unit)}</text>)}
            {at !== null && <rect x={x(at)} y={top} width={room / buckets} height={high} className="bar-at" fill="currentColor" opacity="0.12" />}
            {series.map(({name}, rank) => <path key={name} d={bars(rank)} className={rank ? 'bar-b' : 'bar-a'} />)}
            {series.map(({quantiles}, rank) => quantiles.map((one, index) => {
              const place = axisRoom + shareOf(bounds, one.value) * room;
              return <g key={`${rank}${one.name}`}><line x1={place} x2={place} y1={top - 4} y2={top + high} className={rank ? 'mark mark-b' : 'mark'} /><text x={place} y={(many ? rank : index % 2) ? 10 : 22} textAnchor={place > width - 60 ? 'end' : 'middle'} className="mark-text">{many ? `${'AB'[rank]} ` : ''}{one.name}</text></g>;
            }))}
          </svg>}
        </div>
      )}
    </figure>
  );
});

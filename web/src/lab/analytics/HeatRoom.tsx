// Tools by hour. An hour without calls is hatched: that is not the same as zero.
import {t} from '../../messages/en/analytics';
import {locale} from '../../messages/language';
import {milliseconds, safe} from '../../ui/format';
import {useList} from '../../server/useList';
import {ListState} from '../Room';
import {useRange} from '../../time/useRange';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import {Legend} from '../../chart/Legend';
import {scaleOf} from '../../chart/scale';
import '../../chart/chart.css';
import type {HeatAnswer, HeatValue} from './types';

const kinds: HeatValue[] = ['count', 'errors', 'p95'];
const textOf = (value: number, kind: HeatValue) => (kind === 'p95' ? milliseconds(value) : String(Math.round(value)));
const hourOf = (time: string) => new Date(time).toLocaleTimeString(locale(), {hour: '2-digit', minute: '2-digit'});
const dayOf = (time: string) => new Date(time).toLocaleDateString(locale(), {weekday: 'short', day: 'numeric', month: 'short'});

export function HeatRoom() {
  const [at, put] = useSearch();
  const {choice} = useRange();
  const kind = kinds.find((one) => one === at('value')) ?? 'count';
  const log = at('scale') === 'log';
  const {data, error, reload} = useList<HeatAnswer>(`/api/analytics/heatmap?${queryOf(choice, at('server'), {value: kind, limit: '60'})}`);
  const scale = scaleOf(data?.rows.flatMap(({values}) => values) ?? [], log);
  return (
    <>
      <Filter>
        <label>{t.value} <select value={kind} onChange={(event) => put({value: event.target.value})}>{kinds.map((one) => <option key={one} value={one}>{t.values[one]}</option>)}</select></label>
        <label className="check"><input type="checkbox" checked={log} onChange={(event) => put({scale: event.target.checked ? 'log' : ''})} /> {t.logarithmic}</label>
      </Filter>
      <ListState data={data?.rows} error={error} reload={reload} empty={t.noCalls} />
      {data && data.rows.length > 0 && (
        <>
          <Legend scale={scale} text={(value) => textOf(value, kind)} missing={t.noCallsThere} />
          <div className="table-wrap heat-wrap" role="region" aria-label={t.heatmap} tabIndex={0}>
            <table className="heatmap"><caption className="sr">{t.byToolAndHour(t.values[kind])}</caption>
              <thead><tr><th scope="col">{t.tool}</th>{data.hours.map((hour, index) => <th key={hour} scope="col" title={new Date(hour).toLocaleString(locale())}><span className={index % 6 ? 'sr' : ''}>{index === 0 || hourOf(hour) === '00:00' ? `${dayOf(hour)} ` : ''}{hourOf(hour)}</span></th>)}</tr></thead>
              <tbody>{data.rows.map((row) => (
                <tr key={`${row.server}/${row.tool}`}><th scope="row" className="mono" title={t.callsInAll(row.calls)}>{safe(row.server)} <b>{safe(row.tool)}</b></th>
                  {row.values.map((value, index) => {
                    const told = value === null ? t.noCallsThere : textOf(value, kind);
                    return <td key={data.hours[index]} className={`heat ${value === null ? 'heat-missing' : `heat-${scale.stepOf(value)}`}`} title={`${safe(row.tool)}, ${dayOf(data.hours[index])} ${hourOf(data.hours[index])}: ${told}`}><span className="sr">{told}</span></td>;
                  })}</tr>))}</tbody></table>
          </div>
          <p className="muted">{data.rows_left_out > 0 && `${t.leftOut(data.rows_left_out)} `}{data.truncated && `${t.truncated} `}{t.hoursHere}</p>
        </>
      )}
    </>
  );
}

// Tools by hour. An hour without calls is hatched: that is not the same as zero.
import {milliseconds, plural, safe} from '../../ui/format';
import {useList} from '../../server/useList';
import {ListState} from '../Room';
import {useRange} from '../../time/useRange';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import {Legend} from '../../chart/Legend';
import {scaleOf} from '../../chart/scale';
import '../../chart/chart.css';
import type {HeatAnswer, HeatValue} from './types';

const words: Record<HeatValue, string> = {count: 'Calls', errors: 'Failed calls', p95: 'p95 of latency'};
const textOf = (value: number, kind: HeatValue) => (kind === 'p95' ? milliseconds(value) : String(Math.round(value)));
const hourOf = (time: string) => new Date(time).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'});
const dayOf = (time: string) => new Date(time).toLocaleDateString('en-GB', {weekday: 'short', day: 'numeric', month: 'short'});

export function HeatRoom() {
  const [at, put] = useSearch();
  const {choice} = useRange();
  const kind = (['count', 'errors', 'p95'].includes(at('value')) ? at('value') : 'count') as HeatValue;
  const log = at('scale') === 'log';
  const {data, error, reload} = useList<HeatAnswer>(`/api/analytics/heatmap?${queryOf(choice, at('server'), {value: kind, limit: '60'})}`);
  const scale = scaleOf(data?.rows.flatMap(({values}) => values) ?? [], log);
  return (
    <>
      <Filter>
        <label>Value <select value={kind} onChange={(event) => put({value: event.target.value})}>{Object.entries(words).map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></label>
        <label className="check"><input type="checkbox" checked={log} onChange={(event) => put({scale: event.target.checked ? 'log' : ''})} /> Logarithmic</label>
      </Filter>
      <ListState data={data?.rows} error={error} reload={reload} empty="No tool was called in this time." />
      {data && data.rows.length > 0 && (
        <>
          <Legend scale={scale} text={(value) => textOf(value, kind)} missing="no calls" />
          <div className="table-wrap heat-wrap" role="region" aria-label="Heatmap" tabIndex={0}>
            <table className="heatmap"><caption className="sr">{words[kind]} by tool and hour</caption>
              <thead><tr><th scope="col">Tool</th>{data.hours.map((hour, index) => <th key={hour} scope="col" title={new Date(hour).toLocaleString()}><span className={index % 6 ? 'sr' : ''}>{index === 0 || hourOf(hour) === '00:00' ? `${dayOf(hour)} ` : ''}{hourOf(hour)}</span></th>)}</tr></thead>
              <tbody>{data.rows.map((row) => (
                <tr key={`${row.server}/${row.tool}`}><th scope="row" className="mono" title={`${plural(row.calls, 'call')} in all`}>{safe(row.server)} <b>{safe(row.tool)}</b></th>
                  {row.values.map((value, index) => {
                    const told = value === null ? 'no calls' : textOf(value, kind);
                    return <td key={data.hours[index]} className={`heat ${value === null ? 'heat-missing' : `heat-${scale.stepOf(value)}`}`} title={`${safe(row.tool)}, ${dayOf(data.hours[index])} ${hourOf(data.hours[index])}: ${told}`}><span className="sr">{told}</span></td>;
                  })}</tr>))}</tbody></table>
          </div>
          <p className="muted">{data.rows_left_out > 0 && `${plural(data.rows_left_out, 'tool')} with fewer calls are not shown. `}{data.truncated && 'There were more calls than are read; the oldest are left out. '}Hours in this browser's time.</p>
        </>
      )}
    </>
  );
}

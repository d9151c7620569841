// Time by value: how many values lay where, as steps of one hue. Arrows move a cell cursor that is read out; the crosshair is that of
// all charts of the page; the same as a table, as CSV and as PNG.
import {type KeyboardEvent, memo, useEffect, useMemo, useRef, useState} from 'react';
import {type chart, t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {brief} from '../ui/format';
import {onTheme} from '../ui/theme';
import {type Buckets, bucketText, heatCsv} from './buckets';
import {ChartHead} from './ChartHead';
import {followCrosshair, pointAt} from './crosshair';
import {cellAt, drawHeat, foot, frameOf, placeX} from './heatDraw';
import {HeatTable} from './HeatTable';
import {Legend} from './Legend';
import {figure} from './model';
import {pictureOf} from './picture';
import {scaleOf, steps} from './scale';
import {useWidth} from './useWidth';
import './chart.css';

interface Props {title: string; data: Buckets; unit: string; word: keyof typeof chart.counted; height?: number; log: boolean; onLog(on: boolean): void} // word: what is counted
interface Cell {time: number; bucket: number}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export default memo(function Heatmap({title, data, unit, word, height = 260, log, onLog}: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const swatches = useRef<HTMLOListElement>(null);
  const [theme, setTheme] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const [moment, setMoment] = useState<number | null>(null); // seconds, pointed at in another chart
  const [said, setSaid] = useState('');
  const [table, setTable] = useState(false);
  const [box, width] = useWidth(table);
  const {times, bounds, counts} = data;
  const buckets = bounds.length - 1;
  const scale = useMemo(() => scaleOf(counts.flatMap((step) => step?.filter((count) => count > 0) ?? []), log), [counts, log]);
  const frame = frameOf(width, height, data);

  useEffect(() => onTheme(() => setTheme((turn) => turn + 1)), []);
  useEffect(() => followCrosshair(box, setMoment), []);
  useEffect(() => {
    if (!canvas.current || width === 0 || table) return;
    const ramp = [...(swatches.current?.querySelectorAll('.heat') ?? [])].slice(0, steps).map((one) => getComputedStyle(one).backgroundColor);
    drawHeat(canvas.current, width, height, data, scale, unit, ramp, colour);
  }, [data, scale, unit, width, height, theme, table]);

  const told = ({time, bucket}: Cell) => `${new Date(times[time]).toLocaleString(locale())}, ${bucketText(bounds, bucket, unit)}: ${counts[time] === null ? t.noneThen[word] : t.counted[word](counts[time]?.[bucket] ?? 0)}`;
  const put = (next: Cell | null) => {
    setCell(next);
    setMoment(null);
    pointAt(box, next && (times[next.time] + data.step_ms / 2) / 1000);
  };
  const move = (next: Cell) => {
    const bounded = {time: Math.max(0, Math.min(times.length - 1, next.time)), bucket: Math.max(0, Math.min(buckets - 1, next.bucket))};
    put(bounded);
    setSaid(told(bounded));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = cell ?? {time: times.length, bucket: Math.floor(buckets / 2)};
    const step = event.shiftKey ? 10 : 1;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => move({...at, time: at.time - step}), ArrowRight: () => move({...at, time: at.time + step}), ArrowUp: () => move({...at, bucket: at.bucket + 1}), ArrowDown: () => move({...at, bucket: at.bucket - 1}),
      Home: () => move({...at, time: 0}), End: () => move({...at, time: times.length - 1}), l: () => onLog(!log),
    };
    if (event.key === 'Escape' && cell) keys.Escape = () => put(null);
    const handler = keys[event.key];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  };
  const line = moment === null ? null : placeX(frame, moment * 1000);
  const most = counts.reduce((sum, step) => Math.max(sum, ...(step ?? [])), 0);
  return (
    <figure className="chart-figure heat-figure" data-cells={times.length * buckets}>
      <ChartHead title={title} table={table} onTable={setTable} csv={() => heatCsv(data, unit)} picture={() => (canvas.current ? pictureOf(canvas.current, width, title, []) : Promise.reject(new Error(t.noPicture)))}>
        <label className="check"><input type="checkbox" checked={log} onChange={(event) => onLog(event.target.checked)} /> {t.logColours}</label>
        {cell && <b>{told(cell)}</b>}
      </ChartHead>
      <Legend scale={scale} text={(count) => (count < 10 ? brief(Number(count.toPrecision(2))) : String(Math.round(count)))} missing={t.none[word]} empty={t.emptyCell} swatches={swatches} />
      {table ? <HeatTable title={title} data={data} unit={unit} /> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
        <div ref={box} className="chart-box heat-box" role="group" aria-roledescription={t.heatmap} tabIndex={0} style={{height}} onKeyDown={onKey}
          aria-label={t.heatSummary(title, t.counted[word](data.count), figure(data.min, unit), figure(data.max, unit), figure(data.p50, unit), most)}
          onPointerMove={(event) => { const at = event.currentTarget.getBoundingClientRect(); put(cellAt(frame, data, event.clientX - at.left, event.clientY - at.top)); }} onPointerLeave={() => put(null)}>
          <canvas ref={canvas} aria-hidden="true" />
          {line !== null && line >= frame.left && line <= frame.left + frame.wide && <i className="heat-line" style={{left: line, bottom: foot}} />}
          {cell && <i className="heat-cursor" style={{left: frame.left + (cell.time / times.length) * frame.wide, top: frame.top + (1 - (cell.bucket + 1) / buckets) * frame.high, width: frame.wide / times.length, height: frame.high / buckets}} />}
        </div>
      )}
      <span className="sr" aria-live="polite">{said}</span>
    </figure>
  );
});

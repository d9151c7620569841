// Every single measurement as a point: when, how much, how it ended. A click or Enter opens one, dragging or + and - narrow the time,
// arrows go from point to point and read it out; the same as a table, as CSV and as PNG.
import {type KeyboardEvent, memo, type PointerEvent, useEffect, useMemo, useRef, useState} from 'react';
import {t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {safe} from '../ui/format';
import {onTheme} from '../ui/theme';
import {ChartHead} from './ChartHead';
import {figure} from './model';
import {pictureOf} from './picture';
import {decades, foot, frameOf, inOrder, nearest, placeX, placeY, type Point, pointAfter, scatterCsv, timeAt} from './scatter';
import {colourOf, drawScatter, isFilled} from './scatterDraw';
import {ScatterTable} from './ScatterTable';
import type {Tone} from './spans';
import {useWidth} from './useWidth';
import './chart.css';

interface Props {
  title: string; points: Point[]; from: number; to: number; unit: string; height?: number; // ms
  legend: {tone: Tone; word: string}[];
  unread?: number | null; unreadWord?: string; // what is before that moment was not read
  onOpen(key: string): void;
  onRange(range: [number, number] | null): void; // null: back to what was before
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const least = 5; // pixels: a shorter drag is a click
const ring = 8; // around the chosen one
const shapes: Record<Tone, string> = {ok: 'M8 5a3 3 0 1 0 .01 0z', down: 'M4 4l8 8M12 4l-8 8', warn: 'M8 3l5 9H3z', info: 'M8 4a4 4 0 1 0 .01 0z', idle: 'M4 8h8'};

export default memo(function Scatter({title, points, from, to, unit, height = 168, legend, unread = null, unreadWord = '', onOpen, onRange}: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [table, setTable] = useState(false);
  const [box, width] = useWidth(table);
  const [theme, setTheme] = useState(0);
  const [chosenKey, setChosenKey] = useState(''); // points come and go; what is chosen stays
  const [said, setSaid] = useState('');
  const [drag, setDrag] = useState<[number, number] | null>(null); // pixels
  const bounds = useMemo(() => decades(points), [points]);
  const order = useMemo(() => inOrder(points), [points]);
  const frame = frameOf(width, height, from, to, bounds);
  const at = points.findIndex(({key}) => key === chosenKey);
  const chosen = at < 0 ? null : at;
  const point = chosen === null ? undefined : points[chosen];

  useEffect(() => onTheme(() => setTheme((turn) => turn + 1)), []);
  useEffect(() => {
    if (canvas.current && width > 0 && !table) drawScatter(canvas.current, width, height, frame, points, unread, unit, colour);
  }, [points, unread, unit, width, height, from, to, theme, table]);

  const told = (one: Point) => `${new Date(one.at).toLocaleString(locale())}, ${safe(one.name)}: ${figure(one.value, unit)}, ${one.word}`;
  const move = (next: number | null) => {
    if (next === null) return;
    setChosenKey(points[next].key);
    setSaid(told(points[next]));
  };
  const zoomBy = (factor: number) => {
    const middle = point ? Math.min(to, Math.max(from, point.at)) : (from + to) / 2;
    onRange([middle - (middle - from) * factor, middle + (to - middle) * factor]);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Record<string, () => void> = {'+': () => zoomBy(0.5), '-': () => zoomBy(2), '0': () => onRange(null)};
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']) keys[key] = () => move(pointAfter(points, order, chosen, key, event.shiftKey ? 10 : 1));
    if (point) Object.assign(keys, {Enter: () => onOpen(point.key), Escape: () => setChosenKey('')});
    const handler = keys[event.key];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  };
  const placeOf = (event: PointerEvent) => {
    const {left, top} = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const onMove = (event: PointerEvent) => {
    const [x, y] = placeOf(event);
    if (drag) return setDrag([drag[0], x]);
    const near = nearest(points, frame, x, y);
    setChosenKey(near === null ? '' : points[near].key);
  };
  const onUp = (event: PointerEvent) => {
    if (!drag) return;
    setDrag(null);
    const [x, y] = placeOf(event);
    if (Math.abs(x - drag[0]) >= least) return onRange([timeAt(frame, Math.min(x, drag[0])), timeAt(frame, Math.max(x, drag[0]))]);
    const near = nearest(points, frame, x, y);
    if (near !== null) onOpen(points[near].key);
  };
  const inside = (x: number) => Math.max(frame.left, Math.min(frame.left + frame.wide, x));
  const inRange = point && point.at >= from && point.at <= to;
  return (
    <figure className="chart-figure" data-points={points.length}>
      <ChartHead title={title} table={table} onTable={setTable} csv={() => scatterCsv(points, unit)} picture={() => (canvas.current ? pictureOf(canvas.current, width, title, []) : Promise.reject(new Error(t.noPicture)))}>
        {legend.map(({tone, word}) => <span key={tone}><svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" style={{color: `var(${colourOf(tone)})`}}><path d={shapes[tone]} fill={isFilled(tone) ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="2" /></svg> {word}</span>)}
        {unread !== null && unread > from && <span className="heat-none"><i className="heat heat-missing" /> {unreadWord}</span>}
        {point && <b>{told(point)}</b>}
      </ChartHead>
      {table ? <ScatterTable title={title} points={points} order={order} unit={unit} onOpen={onOpen} /> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
        <div ref={box} className="chart-box heat-box" role="group" aria-roledescription={t.scatter} tabIndex={0} style={{height, touchAction: 'pan-y'}} aria-label={t.scatterSummary(title, points.length, points.filter(({tone}) => tone === 'down' || tone === 'warn').length)} onKeyDown={onKey}
          onPointerDown={(event) => { if (event.button === 0) { event.currentTarget.setPointerCapture(event.pointerId); setDrag([placeOf(event)[0], placeOf(event)[0]]); } }} onPointerMove={onMove} onPointerUp={onUp} onPointerCancel={() => setDrag(null)} onPointerLeave={() => { if (!drag) setChosenKey(''); }} onDoubleClick={() => onRange(null)}>
          <canvas ref={canvas} aria-hidden="true" />
          {drag && Math.abs(drag[1] - drag[0]) >= least && <i className="time-part" style={{left: Math.min(inside(drag[0]), inside(drag[1])), width: Math.abs(inside(drag[1]) - inside(drag[0])), top: frame.top, bottom: foot}} />}
          {inRange && <i className="heat-cursor" style={{left: placeX(frame, point.at) - ring, top: placeY(frame, point.value) - ring, width: 2 * ring, height: 2 * ring, borderRadius: ring}} />}
        </div>
      )}
      <span className="sr" aria-live="polite">{said}</span>
    </figure>
  );
});

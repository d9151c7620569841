// Lines over time: the one chart of the dashboard. Dragging or + and - zoom, arrows move the crosshair that all charts of the page
// share, a double click or 0 goes back; the same as a table, as CSV and as PNG.
import {type KeyboardEvent, lazy, memo, Suspense, useEffect, useMemo, useRef, useState} from 'react';
import type uPlot from 'uplot';
import {may} from '../api/client';
import {live} from '../live/store';
import {t} from '../messages/en/chart';
import {locale} from '../messages/language';
import {markerOf, useNotes} from '../presence/notes';
import {download, fileName} from '../ui/download';
import {safe} from '../ui/format';
import {onTheme} from '../ui/theme';
import {toast} from '../ui/toast';
import {ChartTable} from './ChartTable';
import {colourOf, csvOf, dashOf, figure, type Line, type Marker, summary, valueAt} from './model';
import {pictureOf} from './picture';
import {makePlot} from './plot';
import {showChart, shownPlot} from './shown';
import './chart.css';

export interface ChartProps {
  id?: string; // what notes and cursors hang on, the same in every language; without it the title
  title: string; at: number[]; lines: Line[]; unit?: string; height?: number;
  from?: number; to?: number; // what was asked for, in seconds; without them as far as there are points
  least?: number; // the axis reaches at least so far: small figures do not look like a storm
  ends?: boolean; // the names of the lines at their ends, where there is room (default); without them plots of one and of many lines stand under each other
  markers?: Marker[];
  onZoom?(range: [number, number] | null): void; // without it the chart zooms for itself
}

const NotesPanel = lazy(() => import('../presence/NotesPanel'));
const clock = (seconds: number) => new Date(seconds * 1000).toLocaleTimeString(locale());
const nearby = 6; // pixels
const none: Marker[] = [];

// Drawn anew for other points, not for every event of the page around it.
export default memo(function Chart({title, id = title, at, lines, unit = '', height = 180, from, to, least = 0, ends = true, markers: given = none, onZoom}: ChartProps) {
  const notes = useNotes(id);
  const markers = useMemo(() => (notes.length ? [...given, ...notes.map(markerOf)] : given), [given, notes]);
  const [noting, setNoting] = useState<{at: number} | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [said, setSaid] = useState(''); // to those who move the crosshair by keys
  const [own, setOwn] = useState<[number, number] | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [table, setTable] = useState(false);
  const range: [number, number] | null = own ?? (from !== undefined && to !== undefined ? [from, to] : null);
  const current = useRef({range, markers, onZoom, lines});
  current.current = {range, markers, onZoom, lines};
  const zoom = (next: [number, number] | null) => {
    if (current.current.onZoom) current.current.onZoom(next);
    else setOwn(next);
  };
  const zoomTo = useRef(zoom);
  zoomTo.current = zoom;
  const names = lines.map(({name}) => name).join('\n');

  useEffect(() => {
    const element = box.current;
    if (!element || table) return;
    const made = makePlot(element, height, at, {lines: () => current.current.lines, unit, least, ends, range: () => current.current.range, markers: () => current.current.markers},
      {onCursor: setCursor, onZoom: (next) => zoomTo.current(next), onReset: () => zoomTo.current(null)});
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({width: Math.max(160, element.clientWidth), height}));
    resize.observe(element);
    const forget = onTheme(() => made.redraw(false));
    const hide = showChart(shownPlot(id, element, made));
    return () => { resize.disconnect(); forget(); hide(); made.destroy(); plot.current = null; setCursor(null); };
  }, [names, title, id, unit, height, least, ends, table]);
  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    lines.forEach((line, rank) => { made.series[rank + 1].show = !hidden.has(line.name); });
    made.setData([at, ...lines.map(({values}) => values)] as uPlot.AlignedData);
  }, [at, lines, markers, from, to, own, hidden, table]);

  const focusLine = (rank: number | null) => plot.current?.setSeries(rank === null ? null : rank + 1, {focus: true});
  const toggle = (name: string) => setHidden((old) => {
    const next = new Set(old);
    if (!next.delete(name)) next.add(name);
    return next;
  });
  const moveTo = (index: number) => {
    const made = plot.current;
    if (!made || at.length === 0) return;
    const next = Math.max(0, Math.min(at.length - 1, index));
    made.setCursor({left: made.valToPos(at[next], 'x'), top: 10});
    setSaid(`${clock(at[next])}: ${lines.map((line) => `${line.name} ${figure(line.values[next], unit)}`).join(', ')}`);
  };
  const zoomBy = (factor: number) => {
    const [low, high] = [plot.current?.scales.x.min ?? 0, plot.current?.scales.x.max ?? 0];
    const middle = at[cursor ?? -1] ?? (low + high) / 2; // the crosshair may be of points that are gone
    zoom([middle - (middle - low) * factor, middle + (high - middle) * factor]);
  };
  // At the crosshair, where there is one; else at the newest point.
  const writeNote = () => setNoting(noting ? null : {at: (cursor === null ? (at.at(-1) ?? Date.now() / 1000) : at[cursor]) * 1000});
  const shared = live.presence && may('presence:read');
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 10 : 1;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => moveTo((cursor ?? at.length) - step), ArrowRight: () => moveTo((cursor ?? -1) + step), Home: () => moveTo(0), End: () => moveTo(at.length - 1),
      '+': () => zoomBy(0.5), '-': () => zoomBy(2), '0': () => zoom(null),
    };
    if (shared) keys.n = writeNote;
    if (event.key === 'Escape' && cursor !== null) keys.Escape = () => plot.current?.setCursor({left: -10, top: -10});
    const handler = keys[event.key];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  };
  const marker = cursor === null || !plot.current ? undefined : markers.find((one) => Math.abs((plot.current?.valToPos(one.at, 'x') ?? 0) - (plot.current?.valToPos(at[cursor] ?? 0, 'x') ?? 0)) <= nearby);
  return (
    <figure className="chart-figure" data-points={at.length}>
      <figcaption className="chart-head">
        <strong>{title}</strong>
        <span className="chart-names">{lines.map((line, rank) => (
          <button key={line.name} type="button" className="chart-name" aria-pressed={!hidden.has(line.name)} title={(hidden.has(line.name) ? t.show : t.hide)(safe(line.name))} onClick={() => toggle(line.name)} onMouseEnter={() => focusLine(rank)} onMouseLeave={() => focusLine(null)} onFocus={() => focusLine(rank)} onBlur={() => focusLine(null)}>
            <i className={dashOf(rank) ? 'dashed' : ''} style={{borderTopColor: `var(${colourOf(line, rank)})`}} /> {safe(line.name)} <b>{figure(valueAt(line, cursor), unit)}</b>
          </button>
        ))}</span>
        <span className="chart-tools">
          {shared && <button type="button" aria-expanded={noting !== null} onClick={writeNote} data-count={notes.length || undefined} aria-label={t.notesOn(title, notes.length)}>{t.notes}</button>}
          <button type="button" aria-pressed={table} onClick={() => setTable(!table)} aria-label={t.asTable(title)}>{t.table}</button>
          <button type="button" onClick={() => download(fileName(title, 'csv'), csvOf(at, lines, unit))} aria-label={t.asCsv(title)}>CSV</button>
          <button type="button" disabled={table} onClick={() => { if (plot.current) pictureOf(plot.current.ctx.canvas, plot.current.width, title, lines).then((blob) => download(fileName(title, 'png'), blob), (fault: Error) => toast('down', fault.message)); }} aria-label={t.asPng(title)}>PNG</button>
        </span>
      </figcaption>
      {table ? <ChartTable title={title} at={at} lines={lines} unit={unit} markers={markers} /> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
        <div className="chart-box" role="group" aria-roledescription={t.chart} tabIndex={0} aria-label={t.keys(summary(title, lines, unit))} onKeyDown={onKey} style={{height}}>
          <div ref={box} aria-hidden="true" />
          {cursor !== null && at[cursor] !== undefined && <span className="chart-time">{clock(at[cursor])}{marker && <span className={`tone-${marker.tone}`}> {safe(marker.text)}</span>}</span>}
          {own && <button type="button" className="button small chart-back" onClick={() => setOwn(null)}>{t.wholeRange}</button>}
        </div>
      )}
      {noting && <Suspense fallback={null}><NotesPanel key={noting.at} title={title} chart={id} page={location.pathname} list={notes} at={noting.at} onClose={() => setNoting(null)} /></Suspense>}
      <span className="sr" aria-live="polite">{said}</span>
    </figure>
  );
});

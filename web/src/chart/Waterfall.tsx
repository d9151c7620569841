// What ran when, each under what it is part of: a flat list on one canvas, of which only what is seen is drawn, so that 50,000 spans
// open as fast as fifty. Arrows move from span to span, + and - zoom in time; the same as a table and as CSV.
import {type KeyboardEvent, memo, type MouseEvent, useEffect, useId, useMemo, useRef, useState} from 'react';
import {t} from '../messages/en/chart';
import {safe} from '../ui/format';
import {onTheme} from '../ui/theme';
import {ChartHead} from './ChartHead';
import {SpanTable} from './SpanTable';
import {extentOf, hasCritical, type Span, spansCsv, spanText, type Tick, took} from './spans';
import {useWidth} from './useWidth';
import {axisOf, drawWaterfall, headOf, nameRoom, rowHeight, tickAt} from './waterfallDraw';
import './chart.css';

type Range = [number, number];
interface Props {
  title: string; spans: Span[]; height?: number;
  extent?: Range; // as far as it reaches, where others have to compare; without it as far as there are spans
  zoom?: Range | null; onZoom?(zoom: Range | null): void; // without them it zooms for itself
  ticks?: Tick[];
  onOpen?(key: string): void; onTick?(key: string): void;
}

const noTicks: Tick[] = [];
const shortest = 0.001; // ms: nothing is measured finer
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export default memo(function Waterfall({title, spans, height = 420, extent: given, zoom: shared, onZoom, ticks = noTicks, onOpen, onTick}: Props) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [table, setTable] = useState(false);
  const [box, width] = useWidth(table);
  const [theme, setTheme] = useState(0);
  const [top, setTop] = useState(0);
  const [chosen, setChosen] = useState(-1);
  const [own, setOwn] = useState<Range | null>(null);
  const [zoom, setZoom] = onZoom ? [shared ?? null, onZoom] : [own, setOwn];
  const [began, end] = useMemo(() => extentOf(spans), [spans]);
  const extent: Range = given ?? [began, end];
  const [from, to] = zoom ?? extent;
  const head = headOf(ticks);
  const tall = Math.min(height, head + spans.length * rowHeight + 4);

  useEffect(() => onTheme(() => setTheme((turn) => turn + 1)), []);
  useEffect(() => {
    if (canvas.current && width > 0) drawWaterfall(canvas.current, spans, ticks, {width, height: tall, top, from, to, chosen, began}, colour);
  }, [spans, ticks, width, tall, top, from, to, chosen, theme, table]);

  const choose = (next: number) => {
    const row = Math.max(0, Math.min(spans.length - 1, next));
    setChosen(row);
    const element = box.current;
    if (!element) return;
    const [above, below] = [row * rowHeight, (row + 1) * rowHeight - (tall - head)];
    if (above < element.scrollTop) element.scrollTop = above;
    else if (below > element.scrollTop) element.scrollTop = below;
  };
  // Around the middle of the chosen span, where there is one.
  const zoomBy = (factor: number) => {
    const span = spans[chosen];
    const middle = span ? Math.min(to, Math.max(from, (span.from + span.to) / 2)) : (from + to) / 2;
    const next: Range = [Math.max(extent[0], middle - (middle - from) * factor), Math.min(extent[1], middle + (to - middle) * factor)];
    if (next[1] - next[0] > shortest) setZoom(next[0] <= extent[0] && next[1] >= extent[1] ? null : next);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((tall - head) / rowHeight) - 1);
    const key = spans[chosen]?.key;
    const keys: Record<string, () => void> = {
      ArrowUp: () => choose(chosen - 1), ArrowDown: () => choose(chosen + 1), PageUp: () => choose(chosen - page), PageDown: () => choose(chosen + page), Home: () => choose(0), End: () => choose(spans.length - 1),
      '+': () => zoomBy(0.5), '-': () => zoomBy(2), '0': () => setZoom(null),
    };
    if (key && onOpen) keys.Enter = () => onOpen(key);
    if (event.key === 'Escape' && chosen >= 0) keys.Escape = () => setChosen(-1);
    const handler = keys[event.key];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    handler();
  };
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const place = event.currentTarget.getBoundingClientRect();
    const below = event.clientY - place.top - head;
    if (below >= 0) return choose(Math.floor((below + top) / rowHeight));
    const tick = onTick && tickAt(ticks, event.clientX - place.left, axisOf(width, from, to));
    if (tick) onTick(tick.key);
  };
  const span = spans[chosen];
  return (
    <figure className="chart-figure" data-spans={spans.length}>
      <ChartHead title={title} table={table} onTable={setTable} csv={() => spansCsv(spans)}>
        <span>{t.spansIn(spans.length, took(end - began))}</span>
        {hasCritical(spans) && <span><svg width="14" height="8" aria-hidden="true"><path d="M0 4h14" stroke="var(--text)" strokeWidth="3" /></svg> {t.criticalPath}</span>}
        {span && <b>{safe(spanText(span, began))}</b>}
      </ChartHead>
      {table ? <SpanTable title={title} spans={spans} began={began} /> : (
        <div className="waterfall" style={{height: tall}}>
          <canvas ref={canvas} aria-hidden="true" />
          <div ref={box} className="waterfall-scroll" role="listbox" tabIndex={0} aria-label={t.spanKeys(title, t.spansIn(spans.length, took(end - began)), onOpen !== undefined)} aria-activedescendant={span ? id : undefined} onKeyDown={onKey}
            onScroll={(event) => setTop(event.currentTarget.scrollTop)} onClick={onClick} onDoubleClick={() => span?.key && onOpen?.(span.key)}>
            <div style={{height: head + spans.length * rowHeight, paddingLeft: nameRoom(width)}}>{span && <span id={id} role="option" aria-selected="true" aria-setsize={spans.length} aria-posinset={chosen + 1} className="sr">{safe(spanText(span, began))}</span>}</div>
          </div>
          {zoom && <button type="button" className="button small chart-back" onClick={() => setZoom(null)}>{t.wholeRange}</button>}
        </div>
      )}
    </figure>
  );
});

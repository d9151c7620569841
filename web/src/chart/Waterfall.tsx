// What ran when, each under what it is part of: a flat list on one canvas, of which only what is seen is drawn, so that 50,000 spans
// open as fast as fifty. Arrows move from span to span, + and - zoom in time; the same as a table and as CSV.
import {type KeyboardEvent, memo, useEffect, useId, useMemo, useRef, useState} from 'react';
import {t} from '../messages/en/chart';
import {safe} from '../ui/format';
import {onTheme} from '../ui/theme';
import {ChartHead} from './ChartHead';
import {extentOf, type Span, spansCsv, spanText, took} from './spans';
import {drawWaterfall, headHeight, nameRoom, rowHeight} from './waterfallDraw';
import './chart.css';

interface Props {title: string; spans: Span[]; height?: number; onOpen?(key: string): void}

const inTable = 500;
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function SpanTable({title, spans, began}: {title: string; spans: Span[]; began: number}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-wrap chart-table" role="region" aria-label={t.spansOf(title)} tabIndex={0}>
      <table className="grid"><caption className="sr">{title}{spans.length > inTable && t.firstOf(inTable, spans.length)}</caption><thead><tr><th scope="col">{t.span}</th><th scope="col" className="num">{t.level}</th><th scope="col" className="num">{t.after}</th><th scope="col" className="num">{t.took}</th><th scope="col">{t.ended}</th></tr></thead>
        <tbody>{spans.slice(0, inTable).map((span, at) => <tr key={at}><th scope="row">{safe(span.name)}</th><td className="num">{span.depth + 1}</td><td className="num">{took(span.from - began)}</td><td className="num">{took(span.to - span.from)}</td><td>{span.word}</td></tr>)}</tbody></table>
    </div>
  );
}

export default memo(function Waterfall({title, spans, height = 420, onOpen}: Props) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  const [top, setTop] = useState(0);
  const [chosen, setChosen] = useState(-1);
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const [table, setTable] = useState(false);
  const extent = useMemo(() => extentOf(spans), [spans]);
  const [from, to] = zoom ?? extent;
  const tall = Math.min(height, headHeight + spans.length * rowHeight + 4);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resize = new ResizeObserver(() => setWidth(element.clientWidth));
    resize.observe(element);
    return () => resize.disconnect();
  }, [table]);
  useEffect(() => onTheme(() => setTheme((turn) => turn + 1)), []);
  useEffect(() => {
    if (canvas.current && width > 0) drawWaterfall(canvas.current, spans, {width, height: tall, top, from, to, chosen, began: extent[0]}, colour);
  }, [spans, width, tall, top, from, to, chosen, theme, table]);

  const choose = (next: number) => {
    const row = Math.max(0, Math.min(spans.length - 1, next));
    setChosen(row);
    const element = box.current;
    if (!element) return;
    const [above, below] = [row * rowHeight, (row + 1) * rowHeight - (tall - headHeight)];
    if (above < element.scrollTop) element.scrollTop = above;
    else if (below > element.scrollTop) element.scrollTop = below;
  };
  // Around the middle of the chosen span, where there is one.
  const zoomBy = (factor: number) => {
    const span = spans[chosen];
    const middle = span ? Math.min(to, Math.max(from, (span.from + span.to) / 2)) : (from + to) / 2;
    const next: [number, number] = [Math.max(extent[0], middle - (middle - from) * factor), Math.min(extent[1], middle + (to - middle) * factor)];
    if (next[1] - next[0] > 0.001) setZoom(next[0] <= extent[0] && next[1] >= extent[1] ? null : next);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((tall - headHeight) / rowHeight) - 1);
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
  const rowAt = (clientY: number) => Math.floor((clientY - (box.current?.getBoundingClientRect().top ?? 0) - headHeight + top) / rowHeight);
  const span = spans[chosen];
  return (
    <figure className="chart-figure" data-spans={spans.length}>
      <ChartHead title={title} table={table} onTable={setTable} csv={() => spansCsv(spans)}>
        <span>{t.spansIn(spans.length, took(extent[1] - extent[0]))}</span>
        {span && <b>{safe(spanText(span, extent[0]))}</b>}
      </ChartHead>
      {table ? <SpanTable title={title} spans={spans} began={extent[0]} /> : (
        <div className="waterfall" style={{height: tall}}>
          <canvas ref={canvas} aria-hidden="true" />
          <div ref={box} className="waterfall-scroll" role="listbox" tabIndex={0} aria-label={t.spanKeys(title, t.spansIn(spans.length, took(extent[1] - extent[0])), onOpen !== undefined)} aria-activedescendant={span ? id : undefined} onKeyDown={onKey}
            onScroll={(event) => setTop(event.currentTarget.scrollTop)} onClick={(event) => choose(rowAt(event.clientY))} onDoubleClick={() => span?.key && onOpen?.(span.key)}>
            <div style={{height: headHeight + spans.length * rowHeight, paddingLeft: nameRoom(width)}}>{span && <span id={id} role="option" aria-selected="true" aria-setsize={spans.length} aria-posinset={chosen + 1} className="sr">{safe(spanText(span, extent[0]))}</span>}</div>
          </div>
          {zoom && <button type="button" className="button small chart-back" onClick={() => setZoom(null)}>{t.wholeRange}</button>}
        </div>
      )}
    </figure>
  );
});

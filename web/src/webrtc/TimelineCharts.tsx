// Six charts on one time axis (uPlot) under the lanes: one cursor for all, dragging zooms all, a double click shows everything again.
import {type KeyboardEvent, useEffect, useRef, useState} from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import {type Charted, chartsOf, type Lane, type Series} from './lanes';
import {edge, gutter, Lanes, useWidth} from './Lanes';

const tall = 84;
const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

interface PlotProps {chart: Charted; at: number[]; width: number; from: number; to: number; last: boolean; onMade(plot: uPlot, gone: boolean): void; onCursor(index: number | null): void; onZoom(range: [number, number] | null): void}

function Plot({chart, at, width, from, to, last, onMade, onCursor, onZoom}: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const range = useRef<[number, number]>([from, to]);
  range.current = [from, to];
  const hooks = useRef({onMade, onCursor, onZoom});
  hooks.current = {onMade, onCursor, onZoom};
  const data = [at, ...chart.lines.map((line) => line.values)] as uPlot.AlignedData;
  const height = last ? tall + 18 : tall;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const axis = {stroke: () => color('--muted'), grid: {stroke: () => color('--line'), width: 1}, ticks: {show: false}, font: '11px Geist Variable, sans-serif', gap: 6};
    const made = new uPlot({
      width: Math.max(160, element.clientWidth), height, legend: {show: false}, padding: [6, edge, 0, 0],
      cursor: {sync: {key: 'rtc', setSeries: false}, drag: {x: true, y: false, setScale: false}, points: {size: 6}, y: false},
      axes: [{...axis, show: true, size: last ? 24 : 6, space: 80, values: (_, ticks) => (last ? ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString('en-GB')) : [])}, {...axis, size: gutter, space: 26, values: (_, ticks) => ticks.map((tick) => `${tick}${chart.unit ? ` ${chart.unit}` : ''}`)}],
      scales: {x: {range: () => range.current}, y: {range: (_, __, high) => [0, Math.max(chart.least, (high ?? 0) * 1.08)]}},
      series: [{}, ...chart.lines.map((line) => ({label: line.name, stroke: () => color(line.color), width: 1.5, dash: line.dashed ? [4, 3] : undefined, points: {show: at.length < 2, size: 4}, spanGaps: false}))],
      hooks: {
        setCursor: [(self) => hooks.current.onCursor(self.cursor.idx ?? null)],
        setSelect: [(self) => {
          if (self.select.width < 6) return;
          hooks.current.onZoom([self.posToVal(self.select.left, 'x'), self.posToVal(self.select.left + self.select.width, 'x')]);
          self.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
        }],
      },
    }, data, element);
    const reset = () => hooks.current.onZoom(null);
    made.over.addEventListener('dblclick', reset);
    plot.current = made;
    hooks.current.onMade(made, false);
    const repaint = () => made.redraw(false);
    const themes = new MutationObserver(repaint);
    themes.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
    const system = matchMedia('(prefers-color-scheme: light)');
    system.addEventListener('change', repaint);
    return () => {
      hooks.current.onMade(made, true);
      themes.disconnect();
      system.removeEventListener('change', repaint);
      made.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setSize({width: Math.max(160, width), height}), [width]);
  useEffect(() => plot.current?.setData(data), [at, from, to]);
  return <div ref={box} className="plot" style={{height}} />;
}

interface Props {series: Series; lanes: Lane[]; from: number; to: number; onZoom(range: [number, number] | null): void}

export default function TimelineCharts({series, lanes, from, to, onZoom}: Props) {
  const [box, width] = useWidth();
  const [cursor, setCursor] = useState<number | null>(null);
  const plots = useRef(new Set<uPlot>());
  const charts = chartsOf(series);
  const at = cursor ?? (series.at.length > 0 ? series.at.length - 1 : null);
  const time = cursor === null ? undefined : series.at[cursor];
  const place = time === undefined ? 0 : gutter + ((width - gutter - edge) * (time - from)) / Math.max(0.001, to - from);
  // Arrow keys move the cursor a sample at a time.
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'Escape' && cursor !== null) {
      event.stopPropagation();
      for (const plot of plots.current) plot.setCursor({left: -10, top: -10}, false);
      return setCursor(null);
    }
    if (!step || series.at.length === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(series.at.length - 1, (cursor ?? series.at.length) + step * (event.shiftKey ? 10 : 1)));
    for (const plot of plots.current) plot.setCursor({left: plot.valToPos(series.at[next], 'x'), top: 20}, false);
    setCursor(next);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <div ref={box} className="timeline" data-samples={series.at.length} role="group" tabIndex={0} aria-label="Timeline and charts on one time axis: arrow keys move the cursor, dragging zooms" onKeyDown={onKey}>
      {width > 0 && (
        <>
          <Lanes lanes={lanes} from={from} to={to} width={width} />
          {time !== undefined && place >= gutter && place <= width - edge && <div className="lane-cursor" style={{height: lanes.length * 20, transform: `translateX(${place.toFixed(1)}px)`}}><span className={place > width - 110 ? 'flip' : ''}>{new Date(time * 1000).toLocaleTimeString('en-GB')}</span></div>}
          {charts.map((chart, index) => (
            <section key={chart.name} aria-label={`${chart.name} over time`}>
              <p className="plot-head"><strong>{chart.name}</strong>{chart.lines.map((line) => {
                const value = at === null ? null : line.values[at];
                return <span key={line.name}><i className={line.dashed ? 'dashed' : ''} style={{borderTopColor: `var(${line.color})`}} /> {line.name} <b>{value === null || value === undefined ? '–' : chart.text(value)}</b></span>;
              })}</p>
              <Plot chart={chart} at={series.at} width={width} from={from} to={to} last={index === charts.length - 1} onZoom={onZoom} onCursor={setCursor} onMade={(plot, gone) => { if (gone) plots.current.delete(plot); else plots.current.add(plot); }} />
            </section>
          ))}
        </>
      )}
    </div>
  );
}

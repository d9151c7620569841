// Lines over time (uPlot), up to eight told apart by colour and dash, each named beside its last value. Loaded when it is needed.
import {useEffect, useRef} from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {name: string; values: (number | null)[]}
interface Props {at: number[]; lines: Line[]; unit: string; label: string; height?: number; text?: (value: number) => string}

const colours = ['--accent', '--warn', '--ok', '--down'];
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dashOf = (rank: number) => (rank < colours.length ? undefined : [5, 3]);
const plain = (value: number) => String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

export default function Plot({at, lines, unit, label, height = 240, text = plain}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const key = lines.map(({name}) => name).join('\n');
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const axis = {stroke: () => colour('--muted'), grid: {stroke: () => colour('--line'), width: 1}, ticks: {show: false}, font: '11px Geist Variable, sans-serif'};
    const plot = new uPlot({
      width: Math.max(200, element.clientWidth), height, legend: {show: false}, cursor: {y: false},
      axes: [{...axis, space: 80}, {...axis, size: 64, values: (_, ticks) => ticks.map((tick) => `${text(tick)}${unit ? ` ${unit}` : ''}`)}],
      scales: {y: {range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, (low ?? 0) + 1e-9) * 1.06 || 1]}},
      series: [{}, ...lines.map((line, rank) => ({label: line.name, stroke: () => colour(colours[rank % colours.length]), width: 1.5, dash: dashOf(rank), spanGaps: false, points: {show: at.length < 40, size: 4}}))],
    }, [at, ...lines.map(({values}) => values)] as uPlot.AlignedData, element);
    const resize = new ResizeObserver(() => plot.setSize({width: Math.max(200, element.clientWidth), height}));
    resize.observe(element);
    const repaint = () => plot.redraw(false);
    const themes = new MutationObserver(repaint);
    themes.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
    const system = matchMedia('(prefers-color-scheme: light)');
    system.addEventListener('change', repaint);
    return () => { resize.disconnect(); themes.disconnect(); system.removeEventListener('change', repaint); plot.destroy(); };
  }, [at, key, unit, height]);
  return (
    <figure className="plot-figure">
      <div ref={box} role="img" aria-label={label} style={{height}} />
      <figcaption className="plot-names">{lines.map((line, rank) => {
        const last = line.values.findLast((value) => value !== null);
        return <span key={line.name}><i className={rank < colours.length ? '' : 'dashed'} style={{borderTopColor: `var(${colours[rank % colours.length]})`}} /> {line.name} <b>{last === null || last === undefined ? '–' : `${text(last)}${unit ? ` ${unit}` : ''}`}</b></span>;
      })}</figcaption>
    </figure>
  );
}

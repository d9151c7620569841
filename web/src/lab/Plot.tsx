// Lines over time (uPlot), up to eight told apart by colour and dash, each named beside its last value. Loaded when it is needed.
import {useEffect, useRef} from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import {bytes} from '../ui/format';

export interface Line {name: string; values: (number | null)[]}
// `from`, `to`: what was asked for, in seconds; without them as far as there are points.
interface Props {at: number[]; lines: Line[]; unit: string; label: string; height?: number; from?: number; to?: number}

const colours = ['--accent', '--warn', '--ok', '--down'];
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dashOf = (rank: number) => (rank < colours.length ? undefined : [5, 3]);
const shortest = 60; // seconds: one point alone would be drawn over years
function textOf(value: number, unit: string): string {
  if (unit === 'B') return bytes(value);
  const figure = String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
  return unit ? `${figure} ${unit}` : figure;
}

export default function Plot({at, lines, unit, label, height = 240, from, to}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const key = lines.map(({name}) => name).join('\n');
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const axis = {stroke: () => colour('--muted'), grid: {stroke: () => colour('--line'), width: 1}, ticks: {show: false}, font: '11px Geist Variable, sans-serif'};
    const plot = new uPlot({
      width: Math.max(200, element.clientWidth), height, legend: {show: false}, cursor: {y: false},
      axes: [{...axis, space: 80}, {...axis, size: 72, values: (_, ticks) => ticks.map((tick) => textOf(tick, unit))}],
      scales: {x: {range: (_, low, high) => [from ?? Math.min(low, high - shortest), to ?? high]}, y: {range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, (low ?? 0) + 1e-9) * 1.06 || 1]}},
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
  }, [at, key, unit, height, from, to]);
  return (
    <figure className="plot-figure">
      <div ref={box} role="img" aria-label={label} style={{height}} />
      <figcaption className="plot-names">{lines.map((line, rank) => {
        const last = line.values.findLast((value) => value !== null);
        return <span key={line.name}><i className={rank < colours.length ? '' : 'dashed'} style={{borderTopColor: `var(${colours[rank % colours.length]})`}} /> {line.name} <b>{last === null || last === undefined ? '–' : textOf(last, unit)}</b></span>;
      })}</figcaption>
    </figure>
  );
}

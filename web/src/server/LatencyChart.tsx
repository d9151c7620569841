// Response times of the last checks over time (uPlot); failed checks are gaps with a mark.
import {useEffect, useRef} from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type {CheckPoint} from '../api/types';

const SHORTEST = 60; // seconds: one check alone would be drawn over years

function timeRange(times: number[]): [number, number] {
  const last = times.at(-1) ?? Date.now() / 1000;
  return [Math.min(times[0] ?? last, last - SHORTEST), last];
}

export default function LatencyChart({points}: {points: CheckPoint[]}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [points.map((point) => Date.parse(point.time) / 1000), points.map((point) => (point.ok ? point.ms : null)), points.map((point) => (point.ok ? null : 0))];
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {stroke: color('--muted'), grid: {stroke: color('--line'), width: 1}, ticks: {stroke: color('--line')}, font: '11px Geist Variable, sans-serif'};
    const made = new uPlot({width: element.clientWidth, height: 150, legend: {show: false}, axes: [axis, {...axis, size: 48, values: (_, ticks) => ticks.map((tick) => `${tick} ms`)}],
      scales: {x: {range: (self) => timeRange(self.data[0] as number[])}, y: {range: (_, __, high) => [0, Math.max(10, (high ?? 0) * 1.1)]}},
      series: [{}, {label: 'ms', stroke: color('--ok'), width: 1.5, points: {size: 4}}, {label: 'failed', stroke: color('--down'), paths: () => null, points: {show: true, size: 9, fill: color('--down')}}]}, data, element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({width: element.clientWidth, height: 150}));
    resize.observe(element);
    return () => { resize.disconnect(); made.destroy(); plot.current = null; };
  }, []);
  useEffect(() => plot.current?.setData(data), [points]);
  return <div ref={box} className="chart" role="img" aria-label={`Response times of the last ${points.length} checks`} />;
}

// A plot (uPlot) as every chart of the dashboard has it: gaps stay gaps, markers stand at their time, lines are named at their ends,
// one crosshair for all plots of the page.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import {locale} from '../messages/language';
import {followCrosshair, pointAt} from './crosshair';
import {axisRoom, colourOf, dashOf, edgeRoom, figure, isolated, type Line, type Marker, spread} from './model';

export interface PlotState {lines(): Line[]; unit: string; least: number; ends: boolean; range(): [number, number] | null; markers(): Marker[]}
export interface PlotListener {onCursor(index: number | null, left: number): void; onZoom(range: [number, number]): void; onReset(): void}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const shortest = 60; // seconds: one point alone would be drawn over years
const font = '11px "Geist Variable", system-ui, sans-serif';
const roomForNames = 420;
const nameRoom = 88; // the same for all, so that the charts of a page stand under each other

// Of `server=memory` the value is enough, the head has it whole; what is too long is cut.
function shortened(context: CanvasRenderingContext2D, name: string, room: number): string {
  let text = name.split('=').length === 2 ? name.replace(/^\w+=/, '') : name;
  if (context.measureText(text).width <= room) return text;
  while (text.length > 1 && context.measureText(`${text}…`).width > room) text = text.slice(0, -1);
  return `${text}…`;
}

function drawNames(plot: uPlot, lines: Line[]) {
  const {ctx: context, bbox} = plot;
  const [low, high] = [plot.scales.x.min ?? 0, plot.scales.x.max ?? 0];
  const ends = lines.flatMap((line, rank) => {
    if (!plot.series[rank + 1].show) return [];
    const at = line.values.findLastIndex((value, index) => value !== null && plot.data[0][index] >= low && plot.data[0][index] <= high);
    return at < 0 ? [] : [{line, rank, y: plot.valToPos(line.values[at] as number, 'y', true)}];
  });
  const ratio = uPlot.pxRatio;
  const places = spread(ends.map(({y}) => y), 13 * ratio, bbox.top + 5 * ratio, bbox.top + bbox.height - 4 * ratio);
  context.save();
  context.font = font.replace('11px', `${11 * ratio}px`);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  ends.forEach(({line, rank}, index) => {
    context.globalAlpha = plot.series[rank + 1].alpha ?? 1;
    context.fillStyle = colour(colourOf(line, rank));
    context.fillText(shortened(context, line.name, (nameRoom - 8) * ratio), bbox.left + bbox.width + 6 * ratio, places[index]);
  });
  context.restore();
}

// At the foot of the chart, where no line's name stands; nothing where there is no room. Says up to where it took the room.
function drawWords(context: CanvasRenderingContext2D, text: string, x: number, y: number, right: number, free: number): number {
  const room = Math.min(right - x, 160 * uPlot.pxRatio);
  if (room < 40 * uPlot.pxRatio) return free;
  context.font = font.replace('11px', `${11 * uPlot.pxRatio}px`);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.fillStyle = colour('--text');
  let words = text;
  while (words.length > 1 && context.measureText(`${words}…`).width > room) words = words.slice(0, -1);
  context.fillText(words === text ? words : `${words}…`, x, y);
  return x + context.measureText(words).width + 12 * uPlot.pxRatio;
}

function drawMarkers(plot: uPlot, markers: Marker[]) {
  const {ctx: context, bbox} = plot;
  const ratio = uPlot.pxRatio;
  context.save();
  context.lineWidth = ratio;
  const right = bbox.left + bbox.width;
  let free = bbox.left; // where the next note's words may begin
  for (const {at, tone, to, note, text, kind} of [...markers].sort((a, b) => a.at - b.at)) {
    const x = Math.round(plot.valToPos(at, 'x', true));
    const end = to === undefined ? x : Math.round(plot.valToPos(to, 'x', true));
    if (end < bbox.left || x > right) continue;
    if (end > x) {
      context.globalAlpha = 0.12;
      context.fillStyle = colour(`--${tone}`);
      context.fillRect(Math.max(x, bbox.left), bbox.top, Math.min(end, right) - Math.max(x, bbox.left), bbox.height);
      context.globalAlpha = 1;
    }
    if (note) free = drawWords(context, text, Math.max(x + 6 * ratio, free), bbox.top + bbox.height - 8 * ratio, right, free);
    if (x < bbox.left) continue;
    context.strokeStyle = context.fillStyle = colour(`--${tone}`);
    context.setLineDash([2 * ratio, 3 * ratio]);
    context.beginPath();
    context.moveTo(x, bbox.top);
    context.lineTo(x, bbox.top + bbox.height);
    context.stroke();
    context.beginPath();
    if (kind === 'anomaly') { // a diamond; changes and states have triangles
      context.moveTo(x, bbox.top - 1 * ratio);
      for (const [dx, dy] of [[5, 4], [0, 9], [-5, 4]]) context.lineTo(x + dx * ratio, bbox.top + dy * ratio);
    } else {
      context.moveTo(x - 4 * ratio, bbox.top);
      context.lineTo(x + 4 * ratio, bbox.top);
      context.lineTo(x, bbox.top + 6 * ratio);
    }
    context.fill();
  }
  context.restore();
}

export function makePlot(box: HTMLElement, height: number, at: number[], state: PlotState, listener: PlotListener): uPlot {
  const {unit, least} = state;
  const lines = state.lines();
  const axis: uPlot.Axis = {stroke: () => colour('--muted'), grid: {stroke: () => colour('--line'), width: 1}, ticks: {show: false}, font, gap: 6};
  const named = (self: uPlot) => state.ends && lines.length > 1 && self.width >= roomForNames;
  let told = -1; // where the crosshair was put by what others point at, or was drawn anew: only people's moves are told on
  const plot = new uPlot({
    width: Math.max(160, box.clientWidth), height, legend: {show: false},
    padding: [8, (self) => (named(self) ? nameRoom : edgeRoom), 0, 0],
    cursor: {y: false, points: {size: 6}, drag: {x: true, y: false, setScale: false}, focus: {prox: -1}},
    focus: {alpha: 0.2},
    axes: [{...axis, space: 76, size: 26, values: timeLabels}, {...axis, space: 28, size: axisRoom, values: (_, ticks) => ticks.map((tick) => figure(tick, unit))}],
    scales: {
      x: {range: (_, low, high) => state.range() ?? [Math.min(low, high - shortest), high]},
      y: {range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(least, (high ?? 0) * 1.08) || 1]},
    },
    series: [{}, ...lines.map((line, rank): uPlot.Series => ({
      label: line.name, stroke: () => colour(colourOf(line, rank)), width: 1.5, dash: dashOf(rank), spanGaps: false,
      points: {show: true, size: 4, fill: () => colour(colourOf(line, rank)), filter: (self, index) => (self.data[0].length < 40 ? null : isolated(self.data[index])) as number[]},
    }))],
    hooks: {
      setCursor: [(self) => {
        const left = self.cursor.left ?? -1;
        listener.onCursor(left < 0 ? null : (self.cursor.idx ?? null), left);
        if (left === told) return;
        if (left >= 0 || told >= 0) pointAt(self, left < 0 ? null : self.posToVal(left, 'x'));
        told = left;
      }],
      setSelect: [(self) => {
        if (self.select.width < 6) return;
        listener.onZoom([self.posToVal(self.select.left, 'x'), self.posToVal(self.select.left + self.select.width, 'x')]);
        self.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
      }],
      draw: [(self) => {
        drawMarkers(self, state.markers());
        if (named(self)) drawNames(self, state.lines());
      }],
    },
  }, [at, ...lines.map(({values}) => values)] as uPlot.AlignedData, box);
  plot.over.addEventListener('dblclick', listener.onReset);
  const forget = followCrosshair(plot, (seconds) => {
    const left = seconds === null ? -10 : plot.valToPos(seconds, 'x');
    told = left < 0 || left > plot.over.clientWidth ? -10 : left;
    plot.setCursor({left: told, top: told < 0 ? -10 : 10});
  });
  plot.hooks.destroy = [forget]; // and its listeners with it
  return plot;
}

// Hours where the ticks are within a day, dates where they are days apart.
function timeLabels(_: uPlot, ticks: number[]): string[] {
  const apart = ticks.length > 1 ? ticks[1] - ticks[0] : 60;
  return ticks.map((tick, index) => {
    const time = new Date(tick * 1000);
    const date = time.toLocaleDateString(locale(), {day: 'numeric', month: 'short'});
    if (apart >= 86_400) return date;
    const clock = time.toLocaleTimeString(locale(), apart < 60 ? undefined : {hour: '2-digit', minute: '2-digit'});
    const turned = index > 0 && new Date(ticks[index - 1] * 1000).getDate() !== time.getDate();
    return turned ? date : clock;
  });
}

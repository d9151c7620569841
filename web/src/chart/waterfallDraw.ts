// The waterfall's canvas: only the rows that are seen, whatever their number. Colour, a mark of its own shape and a word for how a span
// ended; what is critical is underlined.
import {t} from '../messages/en/chart';
import {type Span, spanTicks, type Tick, type Tone, took} from './spans';

export const rowHeight = 22;
export const headHeight = 20;
export const tickHeight = 16;
const edge = 8;
export const nameRoom = (width: number) => Math.min(320, Math.round(width * 0.38));
const font = '11px "Geist Variable", system-ui, sans-serif';
const indent = 12;

export interface View {width: number; height: number; top: number; from: number; to: number; chosen: number; began: number}
type Colours = Record<string, string>;

// The room of time in a waterfall, and in the minimap over it: what is at a moment, what moment is at a place.
export function axisOf(width: number, from: number, to: number) {
  const left = nameRoom(width);
  const room = Math.max(1, width - left - edge);
  return {left, room, x: (at: number) => left + ((at - from) / (to - from)) * room, at: (x: number) => from + ((x - left) / room) * (to - from)};
}
export const headOf = (ticks: Tick[]) => headHeight + (ticks.length ? tickHeight : 0);

// The tick one means by a place in their band; null beside them.
export function tickAt(ticks: Tick[], x: number, axis: ReturnType<typeof axisOf>, reach = 8): Tick | null {
  let found: Tick | null = null;
  let best = reach;
  for (const tick of ticks) {
    const far = Math.abs(axis.x(tick.at) - x);
    if (far <= best) [found, best] = [tick, far];
  }
  return found;
}

// A canvas of so many CSS pixels, sharp on every screen.
export function contextOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context;
}
export const coloursOf = (colour: (name: string) => string): Colours => Object.fromEntries(['line', 'muted', 'text', 'raised', 'surface', 'ok', 'warn', 'down', 'info', 'idle', 'accent'].map((name) => [name, colour(`--${name}`)]));

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}

function drawMark(context: CanvasRenderingContext2D, tone: Tone, x: number, y: number) {
  context.beginPath();
  if (tone === 'down') context.rect(x - 4, y - 4, 8, 8);
  else if (tone === 'warn') { context.moveTo(x, y - 5); context.lineTo(x + 5, y + 4); context.lineTo(x - 5, y + 4); }
  else context.arc(x, y, tone === 'ok' ? 2.5 : 4, 0, 2 * Math.PI);
  if (tone === 'idle' || tone === 'info') context.stroke();
  else context.fill();
}

// Under the axis: a line for each, for a warning or an error with its mark.
function drawTicks(context: CanvasRenderingContext2D, ticks: Tick[], view: View, colours: Colours) {
  const axis = axisOf(view.width, view.from, view.to);
  context.textAlign = 'left';
  context.fillStyle = colours.muted;
  context.fillText(t.logLines, 10, headHeight + tickHeight / 2);
  for (const {at, tone} of ticks) {
    if (at < view.from || at > view.to) continue;
    const x = axis.x(at);
    context.strokeStyle = context.fillStyle = colours[tone];
    if (tone === 'down' || tone === 'warn') drawMark(context, tone, x, headHeight + tickHeight / 2);
    else context.fillRect(x - 0.75, headHeight + 3, 1.5, tickHeight - 6);
  }
}

function drawAxis(context: CanvasRenderingContext2D, view: View, colours: Colours) {
  const {room, x} = axisOf(view.width, view.from, view.to);
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  for (const at of spanTicks(view.from - view.began, view.to - view.began, Math.max(1, Math.floor(room / 90)))) {
    const place = Math.round(x(at + view.began)) + 0.5;
    context.beginPath();
    context.moveTo(place, headHeight);
    context.lineTo(place, view.height);
    context.stroke();
    context.textAlign = place > view.width - 40 ? 'right' : 'center';
    context.fillText(took(at), place, headHeight / 2);
  }
}

function drawBar(context: CanvasRenderingContext2D, span: Span, above: number, view: View, colours: Colours) {
  const {left: names, room, x} = axisOf(view.width, view.from, view.to);
  const inside = (at: number) => Math.max(names, Math.min(names + room, x(at)));
  const [begin, end] = [inside(span.from), inside(span.to)];
  const middle = above + rowHeight / 2;
  context.fillStyle = colours[span.tone];
  context.globalAlpha = span.tone === 'ok' || span.tone === 'info' ? 0.55 : 0.85;
  context.fillRect(begin, above + 5, Math.max(1.5, end - begin), rowHeight - 10);
  context.globalAlpha = 1;
  context.fillStyle = colours.text;
  for (const [from, to] of span.critical ?? []) if (to >= view.from && from <= view.to) context.fillRect(inside(from), above + rowHeight - 5, Math.max(1.5, inside(to) - inside(from)), 2.5);
  const words = `${took(span.to - span.from)}${span.tone === 'ok' || span.tone === 'info' ? '' : ` ${span.word}`}`;
  const wide = context.measureText(words).width;
  context.fillStyle = colours.muted;
  if (end + 6 + wide < view.width) context.fillText(words, end + 6, middle);
  else if (begin - 6 - wide > names) { context.textAlign = 'right'; context.fillText(words, begin - 6, middle); }
}

export function drawWaterfall(canvas: HTMLCanvasElement, spans: Span[], ticks: Tick[], view: View, colour: (name: string) => string) {
  const context = contextOf(canvas, view.width, view.height);
  if (!context) return;
  context.font = font;
  context.textBaseline = 'middle';
  const names = nameRoom(view.width);
  const head = headOf(ticks);
  const colours = coloursOf(colour);
  drawAxis(context, view, colours);
  if (ticks.length) drawTicks(context, ticks, view, colours);
  const first = Math.floor(view.top / rowHeight);
  const last = Math.min(spans.length, Math.ceil((view.top + view.height - head) / rowHeight));
  context.save();
  context.beginPath();
  context.rect(0, head, view.width, view.height - head);
  context.clip();
  for (let row = first; row < last; row++) {
    const span = spans[row];
    const above = head + row * rowHeight - view.top;
    const middle = above + rowHeight / 2;
    if (row === view.chosen) {
      context.globalAlpha = 0.5;
      context.fillStyle = colours.raised;
      context.fillRect(0, above, view.width, rowHeight);
      context.globalAlpha = 1;
    }
    const left = 10 + span.depth * indent;
    context.strokeStyle = context.fillStyle = colours[span.tone];
    drawMark(context, span.tone, left, middle);
    context.textAlign = 'left';
    context.fillStyle = colours.text;
    context.fillText(shortened(context, span.name, Math.max(10, names - left - 18)), left + 9, middle);
    if (span.to >= view.from && span.from <= view.to) drawBar(context, span, above, view, colours);
  }
  context.restore();
}

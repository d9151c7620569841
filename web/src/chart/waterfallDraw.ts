// The waterfall's canvas: only the rows that are seen, whatever their number. Colour, a mark of its own shape and a word for how a span ended.
import {type Span, spanTicks, took} from './spans';

export const rowHeight = 22;
export const headHeight = 20;
export const nameRoom = (width: number) => Math.min(320, Math.round(width * 0.38));
const font = '11px "Geist Variable", system-ui, sans-serif';
const indent = 12;

export interface View {width: number; height: number; top: number; from: number; to: number; chosen: number; began: number}

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

function drawMark(context: CanvasRenderingContext2D, tone: Span['tone'], x: number, y: number) {
  context.beginPath();
  if (tone === 'down') context.rect(x - 4, y - 4, 8, 8);
  else if (tone === 'warn') { context.moveTo(x, y - 5); context.lineTo(x + 5, y + 4); context.lineTo(x - 5, y + 4); }
  else context.arc(x, y, tone === 'ok' ? 2.5 : 4, 0, 2 * Math.PI);
  if (tone === 'idle' || tone === 'info') context.stroke();
  else context.fill();
}

export function drawWaterfall(canvas: HTMLCanvasElement, spans: Span[], view: View, colour: (name: string) => string) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(view.width * ratio);
  canvas.height = Math.round(view.height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  context.font = font;
  context.textBaseline = 'middle';
  const names = nameRoom(view.width);
  const room = Math.max(1, view.width - names - 8);
  const x = (at: number) => names + ((at - view.from) / (view.to - view.from)) * room;
  const colours = Object.fromEntries(['line', 'muted', 'text', 'raised', 'surface', 'ok', 'warn', 'down', 'info', 'idle'].map((name) => [name, colour(`--${name}`)]));
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  for (const at of spanTicks(view.from, view.to, Math.max(1, Math.floor(room / 90)))) {
    const place = Math.round(x(at)) + 0.5;
    context.beginPath();
    context.moveTo(place, headHeight);
    context.lineTo(place, view.height);
    context.stroke();
    context.textAlign = place > view.width - 40 ? 'right' : 'center';
    context.fillText(took(at - view.began), place, headHeight / 2);
  }
  const first = Math.floor(view.top / rowHeight);
  const last = Math.min(spans.length, Math.ceil((view.top + view.height - headHeight) / rowHeight));
  context.save();
  context.beginPath();
  context.rect(0, headHeight, view.width, view.height - headHeight);
  context.clip();
  for (let row = first; row < last; row++) {
    const span = spans[row];
    const above = headHeight + row * rowHeight - view.top;
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
    if (span.to < view.from || span.from > view.to) continue;
    const [begin, end] = [Math.max(names, x(span.from)), Math.min(names + room, x(span.to))];
    context.fillStyle = colours[span.tone];
    context.globalAlpha = span.tone === 'ok' || span.tone === 'info' ? 0.55 : 0.85;
    context.fillRect(begin, above + 5, Math.max(1.5, end - begin), rowHeight - 10);
    context.globalAlpha = 1;
    const words = `${took(span.to - span.from)}${span.tone === 'ok' || span.tone === 'info' ? '' : ` ${span.word}`}`;
    const wide = context.measureText(words).width;
    context.fillStyle = colours.muted;
    if (end + 6 + wide < view.width) context.fillText(words, end + 6, middle);
    else if (begin - 6 - wide > names) { context.textAlign = 'right'; context.fillText(words, begin - 6, middle); }
  }
  context.restore();
}

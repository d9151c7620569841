// The scatter's canvas: time to the right, values upwards by their logarithm. How one ended is its shape as well as its colour; times
// of which nothing was read are hatched.
import {roundValues} from './buckets';
import {hatch} from './heatDraw';
import {figure} from './model';
import {foot, type Frame, placeX, placeY, type Point} from './scatter';
import type {Tone} from './spans';
import {timeTicks} from './timeAxis';
import {contextOf} from './waterfallDraw';

const font = '11px "Geist Variable", system-ui, sans-serif';

function drawAxes(context: CanvasRenderingContext2D, frame: Frame, unit: string, line: string, muted: string) {
  context.font = font;
  context.fillStyle = muted;
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const value of roundValues([frame.least, frame.most], Math.floor(frame.high / 22))) {
    const y = Math.round(placeY(frame, value)) + 0.5;
    context.beginPath();
    context.moveTo(frame.left, y);
    context.lineTo(frame.left + frame.wide, y);
    context.stroke();
    context.fillText(figure(value, unit), frame.left - 6, Math.max(y, 6));
  }
  context.textAlign = 'center';
  for (const {at, text} of timeTicks(frame.from, frame.to, Math.floor(frame.wide / 76))) {
    const x = placeX(frame, at);
    if (x > frame.left + 16 && x < frame.left + frame.wide - 14) context.fillText(text, x, frame.top + frame.high + foot / 2 + 2);
  }
}

// What is done is no news: it has the colour of a series, not of a state.
export const colourOf = (tone: Tone) => (tone === 'ok' ? '--series-1' : `--${tone}`);
export const isFilled = (tone: Tone) => tone === 'ok' || tone === 'warn';

// A dot; wrong: a cross, or a triangle; running: a ring; given up: a dash.
function drawPoint(context: CanvasRenderingContext2D, tone: Tone, x: number, y: number) {
  context.beginPath();
  if (tone === 'down') {
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x + 4, y - 4);
    context.lineTo(x - 4, y + 4);
    context.stroke();
  } else if (tone === 'warn') {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y + 4);
    context.lineTo(x - 5, y + 4);
    context.fill();
  } else if (tone === 'idle') {
    context.moveTo(x - 4, y);
    context.lineTo(x + 4, y);
    context.stroke();
  } else {
    context.arc(x, y, tone === 'info' ? 4 : 3, 0, 2 * Math.PI);
    if (tone === 'info') context.stroke();
    else context.fill();
  }
}

// `unread`: before that moment nothing was read.
export function drawScatter(canvas: HTMLCanvasElement, width: number, height: number, frame: Frame, points: Point[], unread: number | null, unit: string, colour: (name: string) => string) {
  const context = contextOf(canvas, width, height);
  if (!context) return;
  const line = colour('--line');
  drawAxes(context, frame, unit, line, colour('--muted'));
  if (unread !== null && unread > frame.from) hatch(context, frame.left, frame.top, Math.max(0, Math.min(frame.wide, placeX(frame, unread) - frame.left)), frame.high, line);
  const tones = Object.fromEntries(['ok', 'warn', 'down', 'info', 'idle'].map((tone) => [tone, colour(colourOf(tone as Tone))]));
  context.lineWidth = 1.8;
  // What went wrong lies above the rest.
  for (const wrong of [false, true])
    for (const {at, value, tone} of points) {
      if ((tone === 'down' || tone === 'warn') !== wrong || at < frame.from || at > frame.to) continue;
      context.fillStyle = context.strokeStyle = tones[tone];
      context.globalAlpha = tone === 'ok' ? 0.65 : 1;
      drawPoint(context, tone, placeX(frame, at), placeY(frame, value));
    }
  context.globalAlpha = 1;
}

// The heatmap's canvas: time to the right, buckets upwards, a step of the ramp for each count. A time of which nothing is known is
// hatched; a bucket without values in a time that has some is empty.
import {type Buckets, roundValues, shareOf} from './buckets';
import {axisRoom, edgeRoom, figure} from './model';
import type {Scale} from './scale';
import {timeTicks} from './timeAxis';

export const foot = 22;
const top = 6;
const font = '11px "Geist Variable", system-ui, sans-serif';

export interface Frame {left: number; top: number; wide: number; high: number; from: number; to: number}
export const frameOf = (width: number, height: number, {times, step_ms}: Buckets): Frame => ({left: axisRoom, top, wide: Math.max(1, width - axisRoom - edgeRoom), high: Math.max(1, height - top - foot), from: times[0], to: times[times.length - 1] + step_ms});
export const placeX = (frame: Frame, time: number) => frame.left + ((time - frame.from) / (frame.to - frame.from)) * frame.wide;

// The time and the bucket at a place of the canvas; null beside the cells.
export function cellAt(frame: Frame, {times, bounds}: Buckets, x: number, y: number): {time: number; bucket: number} | null {
  const column = Math.floor(((x - frame.left) / frame.wide) * times.length);
  const buckets = bounds.length - 1;
  const bucket = Math.floor((1 - (y - frame.top) / frame.high) * buckets);
  return column < 0 || column >= times.length || bucket < 0 || bucket >= buckets ? null : {time: column, bucket};
}

// In device pixels, so that no line is left between two cells.
export function drawHeat(canvas: HTMLCanvasElement, width: number, height: number, data: Buckets, scale: Scale, unit: string, ramp: string[], colour: (name: string) => string) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  const frame = frameOf(width, height, data);
  const {times, bounds, counts} = data;
  const buckets = bounds.length - 1;
  const x = (column: number) => Math.round((frame.left + (column / times.length) * frame.wide) * ratio) / ratio;
  const y = (bucket: number) => Math.round((frame.top + (1 - bucket / buckets) * frame.high) * ratio) / ratio;
  const line = colour('--line');
  for (let column = 0; column < times.length; column++) {
    const step = counts[column];
    const [left, right] = [x(column), x(column + 1)];
    if (step === null) continue;
    for (let bucket = 0; bucket < buckets; bucket++) {
      if (!step[bucket]) continue;
      context.fillStyle = ramp[scale.stepOf(step[bucket])];
      context.fillRect(left, y(bucket + 1), right - left, y(bucket) - y(bucket + 1));
    }
  }
  // Neighbours that are unknown are hatched as one, so that the lines go through.
  for (let column = 0; column < times.length; column++) {
    if (counts[column] !== null) continue;
    let end = column;
    while (end < times.length && counts[end] === null) end++;
    hatch(context, x(column), frame.top, x(end) - x(column), frame.high, line);
    column = end;
  }
  context.font = font;
  context.fillStyle = colour('--muted');
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const value of roundValues(bounds, Math.floor(frame.high / 24))) {
    const at = frame.top + (1 - shareOf(bounds, value)) * frame.high;
    context.fillText(figure(value, unit), frame.left - 6, Math.min(Math.max(at, frame.top + 6), frame.top + frame.high - 4));
  }
  context.textAlign = 'center';
  for (const {at, text} of timeTicks(frame.from, frame.to, Math.floor(frame.wide / 76))) {
    const place = placeX(frame, at);
    if (place > frame.left + 16 && place < frame.left + frame.wide - 14) context.fillText(text, place, frame.top + frame.high + foot / 2 + 2);
  }
  context.strokeStyle = line;
  context.strokeRect(frame.left + 0.5, frame.top + 0.5, frame.wide - 1, frame.high - 1);
}

export function hatch(context: CanvasRenderingContext2D, left: number, above: number, wide: number, high: number, stroke: string) {
  context.save();
  context.beginPath();
  context.rect(left, above, wide, high);
  context.clip();
  context.strokeStyle = stroke;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = left - high; at < left + wide; at += 6) {
    context.moveTo(at, above + high);
    context.lineTo(at + high, above);
  }
  context.stroke();
  context.restore();
}

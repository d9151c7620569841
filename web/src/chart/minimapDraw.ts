// The minimap's canvas: every span as a line of its tone, rows pressed together until all fit.
import type {Range} from './brush';
import type {Span} from './spans';
import {axisOf, coloursOf, contextOf} from './waterfallDraw';

const inset = 4;

export function drawMinimap(canvas: HTMLCanvasElement, spans: Span[], extent: Range, width: number, height: number, colour: (name: string) => string) {
  const context = contextOf(canvas, width, height);
  if (!context) return;
  const {left, room, x} = axisOf(width, ...extent);
  const colours = coloursOf(colour);
  const row = (height - 2 * inset) / Math.max(1, spans.length);
  const thick = Math.max(1, Math.min(4, row - 1));
  spans.forEach((span, at) => {
    const [begin, end] = [Math.max(left, x(span.from)), Math.min(left + room, x(span.to))];
    if (end < begin) return;
    const above = inset + at * row;
    context.fillStyle = colours[span.tone];
    // What went wrong is thicker, too, so that it is found.
    const wrong = span.tone === 'down' || span.tone === 'warn';
    context.fillRect(begin, above, Math.max(1.5, end - begin), wrong ? thick + 1.5 : thick);
  });
  context.strokeStyle = colours.line;
  context.strokeRect(left + 0.5, 0.5, room - 1, height - 1);
}

// A chart as PNG: what is drawn, under its title and the names of its lines.
import {t} from '../messages/en/chart';
import {colourOf, type Line} from './model';

// `wide`: the canvas in CSS pixels.
export function pictureOf(source: HTMLCanvasElement, wide: number, title: string, lines: Pick<Line, 'name' | 'colour'>[]): Promise<Blob> {
  const ratio = source.width / wide;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const head = 44 * ratio;
  const edge = 12 * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = source.width + 2 * edge;
  canvas.height = source.height + head + edge;
  const context = canvas.getContext('2d');
  if (!context) return Promise.reject(new Error(t.noDrawing));
  context.fillStyle = colour('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = colour('--text');
  context.font = `600 ${13 * ratio}px "Geist Variable", system-ui, sans-serif`;
  context.fillText(title, edge, 20 * ratio);
  context.font = `${11 * ratio}px "Geist Variable", system-ui, sans-serif`;
  let x = edge;
  lines.forEach((line, rank) => {
    context.fillStyle = colour(colourOf(line, rank));
    context.fillRect(x, 32 * ratio, 14 * ratio, 2 * ratio);
    context.fillStyle = colour('--muted');
    context.fillText(line.name, x + 18 * ratio, 36 * ratio);
    x += context.measureText(line.name).width + 34 * ratio;
  });
  context.drawImage(source, edge, head);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error(t.pictureFailed))), 'image/png'));
}

// Where a floating window may be: wholly in the page, never smaller than can be used.
import type {Box} from '../ui/prefs';

export const least = {width: 300, height: 200};
const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, Math.max(low, high)));

export function placed(box: Box, page: {width: number; height: number}): Box {
  const width = clamp(box.width, least.width, page.width);
  const height = clamp(box.height, least.height, page.height);
  return {width, height, x: clamp(box.x, 0, page.width - width), y: clamp(box.y, 0, page.height - height)};
}

const directions: Record<string, [number, number]> = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
// How far a key moves, or null.
export function stepOfKey(key: string, large: boolean): [number, number] | null {
  const direction = directions[key];
  const step = large ? 80 : 16;
  return direction ? [direction[0] * step, direction[1] * step] : null;
}
export const moved = (box: Box, [x, y]: [number, number]): Box => ({...box, x: box.x + x, y: box.y + y});
export const resized = (box: Box, [x, y]: [number, number]): Box => ({...box, width: box.width + x, height: box.height + y});

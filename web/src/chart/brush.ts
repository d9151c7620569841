// A part of a range, as it is drawn, moved and resized over the whole. Pure.
export type Range = [number, number];
export type Grip = 'from' | 'to' | 'part'; // its beginning, its end, or all of it

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
export const leastOf = ([from, to]: Range) => (to - from) / 500; // narrower than that two grips lie on each other

// Null is the whole: what reaches from end to end is no part.
export function partOf(whole: Range, [from, to]: Range): Range | null {
  const slack = (whole[1] - whole[0]) * 1e-6;
  return from <= whole[0] + slack && to >= whole[1] - slack ? null : [from, to];
}

export function moved(whole: Range, part: Range, grip: Grip, by: number): Range {
  const least = Math.min(leastOf(whole), part[1] - part[0]); // by other means it may be narrower already
  if (grip === 'from') return [clamp(part[0] + by, whole[0], part[1] - least), part[1]];
  if (grip === 'to') return [part[0], clamp(part[1] + by, part[0] + least, whole[1])];
  const step = clamp(by, whole[0] - part[0], whole[1] - part[1]);
  return [part[0] + step, part[1] + step];
}

// From where one pressed to where one let go, either way.
export function drawn(whole: Range, a: number, b: number): Range {
  const [from, to] = [clamp(Math.min(a, b), ...whole), clamp(Math.max(a, b), ...whole)];
  const least = leastOf(whole);
  if (to - from >= least) return [from, to];
  const begin = Math.min(from, whole[1] - least);
  return [begin, begin + least];
}

// What a key does to a grip; null for a key that means nothing.
export function afterKey(whole: Range, part: Range, grip: Grip, key: string, large: boolean): Range | null {
  const step = (whole[1] - whole[0]) / (large ? 10 : 100);
  const far = whole[1] - whole[0];
  const by = {ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -10 * step, PageUp: 10 * step, Home: -far, End: far}[key];
  return by === undefined ? null : moved(whole, part, grip, by);
}

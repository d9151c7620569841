// The Pulse before the page was opened: a point of 5 s each becomes seconds.
type Point = [number, number | null];

// A state a second, oldest first, up to `now`; -1 where nothing was recorded.
export function pulseOf(up: Point[], circuit: Point[], now: number, seconds: number, step = 5): number[] {
  const out = Array<number>(seconds).fill(-1);
  const put = (points: Point[], severity: (value: number) => number) => {
    for (const [time, value] of points) {
      if (value === null) continue;
      const first = seconds - Math.round((now - time) / 1000);
      for (let at = Math.max(0, first); at < Math.min(seconds, first + step); at++) out[at] = Math.max(out[at], severity(value));
    }
  };
  put(up, (value) => (value >= 1 ? 0 : 4));
  put(circuit, (value) => (value > 0 ? 3 : 0));
  return out;
}

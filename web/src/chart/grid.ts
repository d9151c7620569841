// Answers of /api/metrics on one grid of times: where a series has nothing at a step there is a gap, and what comes later is put
// at the end without reading everything again.
export interface Anomaly {time: number; value: number; expected: number; score: number} // ms
export interface Curve {labels: Record<string, string>; points: [number, number | null][]; anomalies?: Anomaly[]} // ms
export interface Grid {from: number; to: number; step: number; curves: Map<number, number>[]; anomalies: Map<number, Anomaly>[]}

export const emptyGrid = (from: number, to: number, step: number, count: number): Grid => ({from, to, step, curves: Array.from({length: count}, () => new Map()), anomalies: Array.from({length: count}, () => new Map())});

// New values in place of those they say again; what has fallen out of the range is forgotten.
export function merged(old: Grid, from: number, to: number, answers: (Curve | undefined)[]): Grid {
  const curves = old.curves.map((known, index) => {
    const next = new Map<number, number>();
    for (const [time, value] of known) if (time >= from - old.step) next.set(time, value);
    for (const [time, value] of answers[index]?.points ?? []) if (value !== null) next.set(time, value);
    return next;
  });
  // What was read again is judged again: the last step may not have been whole.
  const anomalies = old.anomalies.map((known, index) => {
    const answer = answers[index];
    const again = answer?.points[0]?.[0] ?? Number.POSITIVE_INFINITY;
    return new Map([...[...known].filter(([time]) => time >= from && time < again), ...(answer?.anomalies ?? []).map((one): [number, Anomaly] => [one.time, one])]);
  });
  return {from, to, step: old.step, curves, anomalies};
}

// Where to read on: the last step may not have been whole, nor the one before it.
export const readFrom = (grid: Grid) => Math.max(grid.from, grid.to - 2 * grid.step);

export function linesOf({from, to, step, curves}: Grid): {at: number[]; values: (number | null)[][]} {
  const first = Math.floor(from / step) * step;
  const times = Array.from({length: Math.max(0, Math.floor((to - first) / step) + 1)}, (_, index) => first + index * step);
  return {at: times.map((time) => time / 1000), values: curves.map((curve) => times.map((time) => curve.get(time) ?? null))};
}

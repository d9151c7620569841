// The heatmap's scale: values to steps of one hue, dark to light, linear or logarithmic. What is missing has no step: it is hatched.
export const steps = 7;

export interface Scale {low: number; high: number; log: boolean; stepOf(value: number): number; bounds: number[]}

export function scaleOf(values: (number | null)[], log: boolean): Scale {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  const positive = known.filter((value) => value > 0);
  const high = Math.max(0, ...known);
  // Zero has no logarithm: it is in the first step with the least there is.
  const low = log ? (positive.length ? Math.min(...positive) : 0) : 0;
  const through = (share: number) => (log && low > 0 ? low * (high / low) ** share : low + (high - low) * share);
  const share = (value: number) => {
    if (high <= low) return value > 0 ? 1 : 0;
    if (log && low > 0) return value <= low ? 0 : Math.log(value / low) / Math.log(high / low);
    return (value - low) / (high - low);
  };
  return {low, high, log, bounds: Array.from({length: steps + 1}, (_, at) => through(at / steps)), stepOf: (value) => Math.min(steps - 1, Math.max(0, Math.floor(share(value) * steps)))};
}

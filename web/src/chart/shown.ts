// The charts on the page by their names: what points at one asks it where a time and a value lie.
export interface ShownChart {
  name: string;
  box: Element;
  dataAt(x: number, y: number): {time: number; value: number} | null; // from the screen
  placeAt(time: number, value: number): {x: number; y: number} | null; // to the screen; null where it does not reach
}
const shown = new Set<ShownChart>();

export function showChart(chart: ShownChart): () => void {
  shown.add(chart);
  return () => void shown.delete(chart);
}
export const chartNamed = (name: string) => [...shown].find((one) => one.name === name);
export const chartAt = (target: Element) => [...shown].find(({box}) => box.contains(target));

interface Plot {bbox: {left: number; top: number; width: number; height: number}; over: Element; scales: Record<string, {min?: number; max?: number}>; posToVal(at: number, scale: string): number; valToPos(value: number, scale: string): number}
// Of a plot of uPlot. Values beyond the scale lie at its edge, times beyond it nowhere.
export function shownPlot(name: string, box: Element, plot: Plot): ShownChart {
  return {
    name, box,
    dataAt(x, y) {
      const over = plot.over.getBoundingClientRect();
      if (x < over.left || x > over.right || y < over.top || y > over.bottom) return null;
      return {time: plot.posToVal(x - over.left, 'x'), value: plot.posToVal(y - over.top, 'y')};
    },
    placeAt(time, value) {
      const {min = 0, max = 0} = plot.scales.x;
      if (time < min || time > max) return null;
      const over = plot.over.getBoundingClientRect();
      const y = Math.min(over.height, Math.max(0, plot.valToPos(value, 'y')));
      return {x: over.left + plot.valToPos(time, 'x'), y: over.top + y};
    },
  };
}

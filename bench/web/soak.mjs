// The heap of a page that is left open: events at 50 times an ordinary rate, the garbage collected before each look, a line fitted.
import {wait} from './lib.mjs';

export const soakRate = 1000; // a second: 50 times the 20 of an ordinary fleet

const slopeOf = (points) => { // least squares
  const middle = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [middle(0), middle(1)];
  return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
};

export async function measureHeap(bench, instrument, budgets, minutes) {
  const page = await bench.page();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  bench.define(soakRate);
  await page.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor();
  const look = async (began) => {
    await devtools.send('HeapProfiler.collectGarbage');
    const {metrics} = await devtools.send('Performance.getMetrics');
    const of = (key) => metrics.find(({name}) => name === key).value;
    return {minute: (Date.now() - began) / 60_000, mb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes'), listeners: of('JSEventListeners')};
  };
  await wait(30_000); // what is kept fills up to its bounds first
  const began = Date.now();
  const every = Math.min(60_000, (minutes * 60_000) / 8);
  const points = [await look(began)];
  while (Date.now() - began < minutes * 60_000) {
    await wait(every);
    points.push(await look(began));
  }
  bench.define(0);
  const slope = (slopeOf(points.map(({minute, mb}) => [minute, mb])) * 60) / 50; // MB an hour of ordinary life
  const last = points.at(-1);
  budgets.add('JS heap, accelerated soak', [{name: 'at the end', samples: [last.mb], target: 60, fail: 120, unit: 'MB'}, {name: 'slope an hour', samples: [Math.max(0, slope)], target: 0.5, fail: 2, unit: 'MB'}], `${minutes} min at ${soakRate} events a second, ${((minutes * 50) / 60).toFixed(1)} h at 20 a second, not 24 h; ${points.length} looks, ${points[0].nodes} to ${last.nodes} nodes, ${points[0].listeners} to ${last.listeners} listeners`);
  budgets.rows.at(-1).points = points;
  await page.context().close();
}

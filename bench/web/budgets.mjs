// Every row of the budgets table of the dashboard (docs/dashboard.md), measured in headless Chromium against a real Telltale:
// target, hard fail, measured. Each figure is the median of 5 samples after one for warming up; the raw samples stay in build/bench.
//   tools/dev/node22.sh bench/web/budgets.mjs [--minutes N] [--rounds N] [--only REGEX] [--strict]
// --minutes: of the heap's soak (2; 30 is 25 hours of events).  --strict: end with 1 when a hard limit is exceeded.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {Server} from '../../tests/support/telltale.mjs';
import {fill} from './fill.mjs';
import {measureHands, measureLogs} from './hands.mjs';
import {instrument} from './instrument.mjs';
import {Bench, Budgets} from './lib.mjs';
import {measureLoads} from './loads.mjs';
import {measureHeap} from './soak.mjs';
import {measureFlips, measureStreaming} from './streaming.mjs';
import {measureTrace} from './trace.mjs';

const {values} = parseArgs({options: {minutes: {type: 'string', default: '2'}, rounds: {type: 'string', default: '5'}, only: {type: 'string', default: '.'}, strict: {type: 'boolean', default: false}}});
const [minutes, rounds, only] = [Number(values.minutes), Number(values.rounds), new RegExp(values.only)];
const lines = 100_000;
const began = performance.now();
const state = mkdtempSync(join(tmpdir(), 'telltale-budgets-'));
const budgets = new Budgets();
const shifts = [];
let failed = 0;
let bench;
try {
  await (await Server.start({state})).stop(); // makes the database that is filled
  fill(state, lines);
  bench = await Bench.start({state});
  const parts = {
    loads: async () => shifts.push(...(await measureLoads(bench, instrument, budgets, rounds))),
    logs: () => measureLogs(bench, instrument, budgets, rounds, lines),
    hands: () => measureHands(bench, instrument, budgets, rounds, shifts),
    trace: () => measureTrace(bench, instrument, budgets, rounds),
    flips: () => measureFlips(bench, instrument, budgets, rounds),
    streaming: () => measureStreaming(bench, instrument, budgets, rounds),
    heap: () => measureHeap(bench, instrument, budgets, minutes),
  };
  for (const [name, measure] of Object.entries(parts)) {
    if (!only.test(name)) continue;
    try {
      await measure();
    } catch (error) { // the others are measured nevertheless; this one is named and ends the run with 1
      failed++;
      budgets.missing(name, error.message.split('\n')[0]);
      console.error(error);
    }
  }
  if (shifts.length) budgets.add('CLS', [{name: 'worst', samples: [Math.max(...shifts)], target: 0.02, fail: 0.1, unit: ''}]);
  const exceeded = budgets.print(await bench.browser.version(), (performance.now() - began) / 1000);
  process.exitCode = failed || (values.strict && exceeded) ? 1 : 0;
} finally {
  await bench?.stop();
  rmSync(state, {recursive: true, force: true});
}

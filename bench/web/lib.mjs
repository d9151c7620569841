// What the measurements of the dashboard share: a Telltale with servers that write to their stderr at a rate, a Chromium that is
// logged in, samples, and the rows that are printed.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {cpus, loadavg, release, tmpdir} from 'node:os';
import {join} from 'node:path';
import {launchBrowser} from '../../tests/browser/harness.mjs';
import {Server, adminPassword, root} from '../../tests/support/telltale.mjs';

export const chattyServers = 4; // at least
export const eachMost = 190; // lines a second: of one server Telltale takes 200
export const viewport = {width: 1440, height: 900};

// Servers that together write so many lines a second; with 0 they are silent. `define` may change it while Telltale runs.
export class Bench {
  static async start({state, args = []} = {}) {
    const bench = new Bench();
    bench.folder = mkdtempSync(join(tmpdir(), 'telltale-bench-web-'));
    bench.fleet = join(bench.folder, 'fleet.json');
    bench.define(0);
    bench.server = await Server.start({state, args: ['--mcp-config', bench.fleet, '--log-level', 'error', '--rate-limit-per-minute', '0', ...args]});
    bench.browser = await launchBrowser();
    return bench;
  }
  define(rate) {
    const servers = Math.max(chattyServers, Math.ceil(rate / eachMost));
    const each = String(rate / servers);
    writeFileSync(this.fleet, JSON.stringify({mcpServers: Object.fromEntries(Array.from({length: servers}, (_, i) => [`chatty-${i}`, {command: process.execPath, args: [join(root, 'bench/web/chatty.mjs'), each]}]))}));
  }
  // A page of its own, logged in; `init` runs before each of its documents.
  async page(init, more = {}) {
    const context = await this.browser.newContext({viewport, ...more});
    if (init) await context.addInitScript(init);
    const page = await context.newPage();
    await page.goto(this.server.origin);
    await page.getByLabel('user name').fill('admin');
    await page.getByLabel('Password', {exact: true}).fill(adminPassword);
    await page.getByRole('button', {name: 'Log in'}).click();
    await page.getByTestId('connection-state').filter({hasText: /^live/}).waitFor();
    return page;
  }
  async stop() {
    await this.browser?.close();
    await this.server?.stop();
    rmSync(this.folder, {recursive: true, force: true});
  }
}

export const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];
export const median = (values) => quantile(values, 0.5);
export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// The first is for warming up and is dropped; `rounds` count.
export async function sampled(rounds, measure) {
  const samples = [];
  for (let round = 0; round <= rounds; ++round) {
    const sample = await measure(round);
    if (round > 0) samples.push(sample);
  }
  return samples;
}

// Milliseconds between frames while `work` runs.
export async function frames(page, work) {
  await page.evaluate(() => {
    const deltas = [];
    let last = performance.now();
    let go = true;
    const look = (now) => {
      deltas.push(now - last);
      last = now;
      if (go) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    globalThis.endFrames = () => { go = false; return deltas.slice(1); };
  });
  await work();
  return page.evaluate(() => globalThis.endFrames());
}
export const slowShare = (deltas, ms = 25) => (100 * deltas.filter((one) => one > ms).length) / Math.max(1, deltas.length);

// Rows of the budgets table: a row has one or more figures, each with its target and the value at which it fails.
export class Budgets {
  rows = [];
  // `figures`: [{name, samples, target, fail, unit}]; the measured value is the median of the samples.
  add(budget, figures, note = '') {
    for (const figure of figures) if (!figure.samples.length || figure.samples.some((one) => !Number.isFinite(one))) throw new Error(`${budget}: nothing was measured of ${figure.name}`);
    this.rows.push({budget, note, figures: figures.map((one) => ({...one, measured: median(one.samples)}))});
    console.error(`  ${budget}: ${figures.map((one) => `${one.name} ${text(median(one.samples), one.unit)}`).join(', ')}`);
  }
  missing(budget, why) {
    this.rows.push({budget, note: why, figures: []});
    console.error(`  ${budget}: NOT MEASURED, ${why}`);
  }
  verdict({measured, target, fail}) {
    return measured > fail ? 'HARD FAIL' : measured > target ? 'over target' : 'held';
  }
  print(version, seconds) {
    const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, Linux ${release()}, load ${loadavg().map((one) => one.toFixed(1)).join(' ')}`;
    console.log(`Chromium ${version}, Node ${process.version}\n${machine}\n${seconds.toFixed(0)} s\n`);
    const cells = this.rows.flatMap(({budget, note, figures}) => (figures.length === 0 ? [[budget, '', '', 'not measured', note]] : figures.map((one, at) => [at ? '' : budget, `${one.name ? `${one.name} ` : ''}${text(one.target, one.unit)}`, text(one.fail, one.unit), text(one.measured, one.unit), `${this.verdict(one)}${note && !at ? `; ${note}` : ''}`])));
    const head = ['budget', 'target', 'hard fail', 'measured', ''];
    const wide = head.map((word, column) => Math.max(word.length, ...cells.map((row) => row[column].length)));
    const line = (row) => `| ${row.map((cell, column) => cell.padEnd(wide[column])).join(' | ')} |`;
    console.log([line(head), `|${wide.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n'));
    const folder = join(root, 'build/bench');
    mkdirSync(folder, {recursive: true});
    const file = join(folder, `budgets-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
    writeFileSync(file, `${JSON.stringify({at: new Date().toISOString(), chromium: version, node: process.version, machine, rows: this.rows}, null, 1)}\n`);
    console.log(`\nRaw: ${file}`);
    return this.rows.some(({figures}) => figures.some((one) => this.verdict(one) === 'HARD FAIL'));
  }
}
function text(value, unit) {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(value < 1 ? 3 : 1);
  return unit ? `${digits} ${unit}` : digits;
}

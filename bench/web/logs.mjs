// The log viewer in headless Chromium with BENCH_LINES lines (990,000: it holds a million, and some are of Telltale itself): how long
// until all are there, how evenly it scrolls, how long a search takes, and the same while BENCH_RATE (1,000) lines a second arrive. Rows of the budgets table of dashboard.md.
//   tools/dev/node22.sh bench/web/logs.mjs     (TELLTALE_BIN or build/release/telltale)
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server, adminPassword, root, until} from '../../tests/support/telltale.mjs';
import {fill} from './fill.mjs';
import {serversFor} from './lib.mjs';

const {chromium} = createRequire(join(root, 'tests/browser/package.json'))('playwright-core');
const lines = Number(process.env.BENCH_LINES ?? 990_000);
const rate = Number(process.env.BENCH_RATE ?? 1000);
const servers = serversFor(rate);
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-logs-'));
const rows = [];
const row = (what, target, hardFail, measured) => rows.push({what, target, 'hard fail': hardFail, measured});

async function framesWhile(page, seconds) {
  const viewer = page.getByTestId('log-viewer');
  const box = await viewer.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const measured = page.evaluate((ms) => new Promise((done) => {
    const deltas = [];
    const began = performance.now();
    let last = began;
    const look = (now) => {
      deltas.push(now - last);
      last = now;
      if (now - began < ms) requestAnimationFrame(look);
      else done(deltas.slice(1));
    };
    requestAnimationFrame(look);
  }), seconds * 1000);
  const until = Date.now() + seconds * 1000;
  for (let i = 0; Date.now() < until; ++i) await page.mouse.wheel(0, i % 200 < 100 ? -1200 : 1200);
  const deltas = (await measured).sort((a, b) => a - b);
  return {p95: deltas[Math.floor(deltas.length * 0.95)], slow: deltas.filter((one) => one > 25).length / deltas.length};
}
const told = ({p95, slow}) => `p95 ${p95.toFixed(1)} ms, ${(slow * 100).toFixed(1)} % over 25 ms`;

async function search(page, text) {
  const began = Date.now();
  await page.getByLabel('Search the log').fill(text);
  const count = page.getByTestId('log-count');
  await count.filter({hasText: / of .* lines$/}).waitFor({timeout: 60_000});
  return Date.now() - began;
}

let browser;
let server;
try {
  const fleet = join(folder, 'fleet.json');
  const define = (each) => writeFileSync(fleet, JSON.stringify({mcpServers: Object.fromEntries(Array.from({length: servers}, (_, i) => [`chatty-${i}`, {command: process.execPath, args: [join(root, 'bench/web/chatty.mjs'), String(each)]}]))}));
  define(0);
  const state = join(folder, 'state');
  const args = ['--mcp-config', fleet, '--log-level', 'error'];
  await (await Server.start({state, args})).stop();
  fill(state, lines);
  server = await Server.start({state, args});
  browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
  const page = await (await browser.newContext({viewport: {width: 1440, height: 900}})).newPage();
  await page.goto(server.origin);
  await page.getByLabel('user name').fill('admin');
  await page.getByLabel('Password', {exact: true}).fill(adminPassword);
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.getByRole('link', {name: 'Logs'}).first().click();
  await page.getByTestId('log-count').waitFor();
  const began = Date.now();
  await page.getByRole('button', {name: 'Read all that are kept'}).click();
  await until('all lines are there', async () => Number((await page.getByTestId('log-count').textContent()).replace(/\D/g, '')) >= lines, Boolean, 120_000);
  row(`${lines.toLocaleString('en')} lines read`, '', '', `${((Date.now() - began) / 1000).toFixed(1)} s`);
  row('scrolling', '60 fps', '30 fps', told(await framesWhile(page, 5)));
  row('search for a text', '100 ms', '300 ms', `${await search(page, 'user u42')} ms, the last line seen; with 150 ms of waiting for the next key`);
  await page.getByRole('button', {name: 'Clear'}).click();
  define(rate / servers);
  const shown = async () => Number((await page.getByTestId('log-count').textContent()).replace(/\D/g, ''));
  const before = await shown();
  await until('lines arrive', async () => (await shown()) > before + rate || (await page.getByText('left out').count()) > 0, Boolean, 60_000); // a changed fleet file is read by itself
  row(`scrolling while ${rate} lines a second arrive`, '< 2 % over 25 ms', '5 %', told(await framesWhile(page, 10)));
  row('heap of the page', '60 MB', '120 MB', `${Math.round((await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6)} MB`);
  console.log(`${await browser.version()}, ${process.version}`);
  console.table(rows);
} finally {
  await browser?.close();
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
}

// What hands do: how soon controls answer, pages change, long lists scroll and are searched; and how large the pages are.
import {frames, median, quantile, sampled, slowShare, wait} from './lib.mjs';

const pages = [['Servers', '/servers'], ['Logs', '/logs'], ['Operations', '/operations'], ['Streams', '/webrtc'], ['Tests', '/tests'], ['Analytics', '/analytics'], ['Alerts', '/alerts'], ['Reports', '/reports'], ['System', '/system'], ['Settings', '/settings/account'], ['Overview', '/']];
const pause = 150; // how long the search waits for another key
const railLink = (page, path) => page.locator(`nav a[href="${path.replace(/^\/settings.*/, '/settings')}"]`).first();

export async function measureHands(bench, instrument, budgets, rounds, shifts) {
  const page = await bench.page(instrument);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const nodes = [];
  // From the click until the page's own heading has been drawn. What is the same on both pages cannot be waited for, so headings are told apart.
  const change = (path) => page.evaluate((to) => new Promise((done, failed) => {
    const link = document.querySelector(`nav a[href="${to}"]`);
    if (!link) return failed(new Error(`no link to ${to}`));
    const main = document.querySelector('main');
    const before = main?.firstElementChild;
    const began = performance.now();
    link.click();
    const look = () => {
      const now = document.querySelector('main')?.firstElementChild;
      if (now && now !== before && now.querySelector('h1, h2, [role="tablist"]') && !/^Loading$/.test(now.textContent)) globalThis.afterPaint(() => done(performance.now() - began));
      else if (performance.now() - began > 10_000) failed(new Error(`${to} was not drawn`));
      else requestAnimationFrame(look);
    };
    look();
  }), path);
  const routes = await sampled(rounds, async () => {
    const times = [];
    for (const [, path] of pages) {
      times.push(await change(path.replace(/^\/settings.*/, '/settings')));
      await wait(250);
      if (path === '/') await page.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor();
    }
    return quantile(times, 0.95);
  });
  budgets.add('Route change, chunk cached', [{name: 'p95', samples: routes, target: 100, fail: 250, unit: 'ms'}], `${pages.length} pages`);

  const interactions = await sampled(rounds, async () => {
    await page.evaluate(() => (globalThis.seen.interactions = []));
    for (const [, path] of pages) { await railLink(page, path).click(); await wait(80); }
    await page.keyboard.press('Control+k');
    await page.keyboard.type('chat', {delay: 40});
    await page.keyboard.press('Escape');
    await railLink(page, '/servers').click();
    await page.locator('main input[type="search"]').first().pressSequentially('chatty-1', {delay: 40});
    await page.locator('main input[type="search"]').first().fill('');
    await railLink(page, '/').click();
    await page.getByRole('button', {name: /as a table$/}).first().click({force: true});
    await page.getByRole('button', {name: /as a table$/}).first().click({force: true});
    await wait(300);
    const seen = await page.evaluate(() => globalThis.seen.interactions);
    const longest = new Map(); // of a press and its release only the longest counts
    for (const {id, duration} of seen) longest.set(id, Math.max(duration, longest.get(id) ?? 0));
    return longest.size ? quantile([...longest.values()], 0.95) : 16; // under 16 ms the browser tells of none
  });
  budgets.add('INP, any control', [{name: 'p95', samples: interactions, target: 100, fail: 200, unit: 'ms'}], 'of those of 16 ms and more');

  await railLink(page, '/servers').click();
  const button = 'main [data-testid="server-row-chatty-0"] button[aria-label="Test chatty-0"]';
  await page.locator(button).waitFor();
  const requested = await sampled(rounds, async () => {
    const time = await page.evaluate((selector) => new Promise((done, failed) => {
      const began = performance.now();
      document.querySelector(selector).click();
      const look = () => {
        if (document.querySelector(selector)?.getAttribute('aria-busy') === 'true') globalThis.afterPaint(() => done(performance.now() - began));
        else if (performance.now() - began > 2000) failed(new Error('never shown as requested'));
        else queueMicrotask(() => setTimeout(look));
      };
      look();
    }), button);
    await page.waitForFunction((selector) => document.querySelector(selector)?.getAttribute('aria-busy') !== 'true', button);
    return time;
  });
  budgets.add('Click to "requested"', [{name: '', samples: requested, target: 50, fail: 100, unit: 'ms'}]);
  for (const [, path] of pages) {
    await railLink(page, path).click();
    await wait(1500);
    await devtools.send('HeapProfiler.collectGarbage'); // else the nodes of pages that were left count
    const {metrics} = await devtools.send('Performance.getMetrics');
    nodes.push(metrics.find(({name}) => name === 'Nodes').value);
  }
  budgets.add('DOM nodes, any screen', [{name: 'most', samples: [Math.max(...nodes)], target: 4000, fail: 8000, unit: ''}], `median ${Math.round(median(nodes))}`);
  shifts.push(await page.evaluate(() => globalThis.seen.cls));
  await page.context().close();
}

// The viewer with all lines read.
export async function measureLogs(bench, instrument, budgets, rounds, lines) {
  const page = await bench.page(instrument);
  await page.getByRole('link', {name: 'Logs'}).first().click();
  const count = page.getByTestId('log-count');
  await count.waitFor();
  await page.getByRole('button', {name: 'Read all that are kept'}).click();
  const known = async () => Number((await count.textContent()).replace(/\D/g, ''));
  for (const until = Date.now() + 120_000; (await known()) < lines; await wait(100)) if (Date.now() > until) throw new Error(`${await known()} of ${lines} lines were read`);
  const box = await page.getByTestId('log-viewer').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const scrolled = await sampled(rounds, async () => frames(page, async () => {
    for (let i = 0, until = Date.now() + 3000; Date.now() < until; ++i) await page.mouse.wheel(0, i % 200 < 100 ? -1200 : 1200);
  }));
  const searched = [];
  for (let round = 0; round <= rounds; ++round) {
    const took = await page.evaluate((text) => new Promise((done) => {
      const field = document.querySelector('input[type="search"][aria-label="Search the log"], [aria-label="Search the log"]');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
      const began = performance.now();
      field.dispatchEvent(new Event('input', {bubbles: true}));
      const look = () => (/ of .* lines$/.test(document.querySelector('[data-testid="log-count"]')?.textContent ?? '') ? done(performance.now() - began) : requestAnimationFrame(look));
      requestAnimationFrame(look);
    }), `user u${40 + round}`);
    if (round > 0) searched.push(took - pause);
    await page.getByRole('button', {name: 'Clear'}).click();
    await count.filter({hasNotText: ' of '}).waitFor();
  }
  budgets.add(`${lines.toLocaleString('en')}-row log`, [{name: 'scroll, frame p95', samples: scrolled.map((deltas) => quantile(deltas, 0.95)), target: 16.9, fail: 33.4, unit: 'ms'}, {name: 'filter', samples: searched, target: 100, fail: 300, unit: 'ms'}], `${median(scrolled.map((deltas) => slowShare(deltas))).toFixed(1)} % of frames over 25 ms; the filter from ${pause} ms after the last key, when it begins`);
  await page.context().close();
}

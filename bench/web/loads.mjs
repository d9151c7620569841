// How long the first page takes: with nothing cached, over a slow link on a slow processor, and again with the service worker.
import {sampled} from './lib.mjs';

// The strip of a server is the first live value; the palette answers when its dialog is open.
const usable = () => new Promise((done) => {
  let asked = false;
  const look = () => {
    if (document.querySelector('dialog[open] [role="combobox"], dialog[open] input')) return done(performance.now());
    if (!asked && document.querySelector('[data-testid^="strip-"]')) {
      asked = true;
      dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, bubbles: true, cancelable: true}));
    }
    requestAnimationFrame(look);
  };
  look();
});
const figuresOf = (page) => page.evaluate(() => ({fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN, lcp: globalThis.seen.lcp || Number.NaN, cls: globalThis.seen.cls}));
const settled = (page) => page.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor({timeout: 60_000});

export async function measureLoads(bench, instrument, budgets, rounds) {
  const page = await bench.page(instrument);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const forget = async () => {
    await devtools.send('Network.clearBrowserCache');
    await devtools.send('Storage.clearDataForOrigin', {origin: bench.server.origin, storageTypes: 'cache_storage,service_workers'});
  };
  const shifts = [];
  const load = async () => {
    await page.reload({waitUntil: 'load'});
    await settled(page);
    const figures = await figuresOf(page);
    shifts.push(figures.cls);
    return figures;
  };
  const cold = await sampled(rounds, async () => { await forget(); return load(); });
  budgets.add('Cold load, localhost', [{name: 'FCP', samples: cold.map(({fcp}) => fcp), target: 300, fail: 1000, unit: 'ms'}, {name: 'LCP', samples: cold.map(({lcp}) => lcp), target: 600, fail: 1000, unit: 'ms'}]);

  const slow = await sampled(rounds, async () => {
    await forget();
    await devtools.send('Network.emulateNetworkConditions', {offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8});
    await devtools.send('Emulation.setCPUThrottlingRate', {rate: 4});
    await page.reload({waitUntil: 'commit'});
    const ready = await page.evaluate(usable);
    await page.keyboard.press('Escape');
    await settled(page);
    const {lcp} = await figuresOf(page);
    await devtools.send('Network.emulateNetworkConditions', {offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1});
    await devtools.send('Emulation.setCPUThrottlingRate', {rate: 1});
    return {ready, lcp};
  });
  budgets.add('Load over 1.6 Mbit/s, 150 ms, a quarter of the CPU', [{name: 'LCP', samples: slow.map(({lcp}) => lcp), target: 2000, fail: 3500, unit: 'ms'}, {name: 'usable', samples: slow.map(({ready}) => ready), target: 2500, fail: 3500, unit: 'ms'}]);

  await page.reload();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const warm = await sampled(rounds, load);
  if (!(await page.evaluate(() => Boolean(navigator.serviceWorker.controller)))) throw new Error('the service worker does not serve the page: this is no warm load');
  budgets.add('Warm load, service worker', [{name: 'FCP', samples: warm.map(({fcp}) => fcp), target: 150, fail: 400, unit: 'ms'}]);
  await page.context().close();
  return shifts;
}

// While events arrive: how long until they are seen, how even the frames are, what it costs, and what is lost.
import {chattyServers, frames, quantile, sampled, serversFor, slowShare, wait} from './lib.mjs';

const window = 4000; // ms, of each sample

async function taskSeconds(devtools) {
  const {metrics} = await devtools.send('Performance.getMetrics');
  return metrics.find(({name}) => name === 'TaskDuration').value;
}
const take = (page) => page.evaluate(() => {
  const {pixels, long, seqLost, events, gaps = 0} = globalThis.seen;
  Object.assign(globalThis.seen, {pixels: [], long: 0, seqLost: 0, events: 0, gaps: 0});
  return {pixels, long, seqLost, events, gaps};
});
// Lines that the viewer holds. Not events: lines that come by the thousand are read in pages.
const held = async (page) => Number((await page.getByTestId('log-count').textContent()).replace(/\D/g, ''));
// Until as many arrive as will: what is written is at times more than this machine carries to the page. A changed fleet file is read
// within two seconds. Says how many a second.
async function flowing(page, rate) {
  let before = 0;
  for (let tries = 0; tries < 20; ++tries) {
    const [from, began] = [await held(page), performance.now()];
    await wait(2000);
    const now = (1000 * (await held(page) - from)) / (performance.now() - began);
    if (now >= rate * 0.9 || (tries > 3 && now > rate * 0.03 && Math.abs(now - before) < 0.15 * now)) return now;
    before = now;
  }
  throw new Error(`${rate} events a second never came: ${before}`);
}

// When nothing comes any more: lines that Telltale keeps, less those that the viewer holds.
async function missing(bench, page, servers) {
  bench.define(0, servers);
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    await wait(3000);
    now = await held(page);
  }
  const {kinds} = await bench.server.api('/api/store/usage');
  return kinds.find(({kind}) => kind === 'logs').rows - await held(page);
}

export async function measureStreaming(bench, instrument, budgets, rounds) {
  const page = await bench.page(instrument);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  await page.getByRole('link', {name: 'Logs'}).first().click();
  await page.getByTestId('log-count').waitFor();
  const measure = async () => {
    await take(page);
    const began = await taskSeconds(devtools);
    const at = Date.now();
    const deltas = await frames(page, () => wait(window));
    const seconds = (Date.now() - at) / 1000;
    return {deltas, busy: (100 * (await taskSeconds(devtools) - began)) / seconds, rate: 0, ...(await take(page)), seconds};
  };
  bench.define(1000);
  await flowing(page, 1000);
  const plain = await sampled(rounds, measure); // what it costs without our looking at every line
  await page.evaluate(() => (globalThis.timeLines = true));
  const timed = (await sampled(rounds, measure)).filter(({pixels}) => pixels.length > 0);
  await page.evaluate(() => (globalThis.timeLines = false));
  const late = (q) => timed.map(({pixels}) => quantile(pixels, q));
  budgets.add('Server event to pixels, 1,000 a second', [{name: 'p50', samples: late(0.5), target: 25, fail: 100, unit: 'ms'}, {name: 'p95', samples: late(0.95), target: 50, fail: 100, unit: 'ms'}, {name: 'p99', samples: late(0.99), target: 100, fail: 100, unit: 'ms'}], 'log lines; the design gives a hard fail for p95 only');
  budgets.add('Frames over 25 ms at 1,000 a second', [{name: '', samples: plain.map(({deltas}) => slowShare(deltas)), target: 2, fail: 5, unit: '%'}, {name: 'long animation frames a minute', samples: plain.map(({long, seconds}) => (60 * long) / seconds), target: 0, fail: 0, unit: ''}]);
  budgets.add('Main thread at 1,000 a second', [{name: '', samples: plain.map(({busy}) => busy), target: 35, fail: 60, unit: '%'}]);

  // Hidden is emulated, as headless Chromium hides nothing: the page is told so and gets no frames. A browser would slow its timers, too.
  await page.evaluate(() => {
    globalThis.realFrames = globalThis.requestAnimationFrame;
    globalThis.framesHeld = [];
    globalThis.requestAnimationFrame = (callback) => globalThis.framesHeld.push(callback);
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
    Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'});
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await wait(2000);
  const hidden = await sampled(rounds, measureQuietly);
  async function measureQuietly() { // no frames are counted: nothing of ours may keep it awake
    const began = await taskSeconds(devtools);
    await wait(window);
    return (100 * (await taskSeconds(devtools) - began)) / (window / 1000);
  }
  budgets.add('Hidden tab, 1,000 a second arriving', [{name: '', samples: hidden, target: 1, fail: 3, unit: '%'}], 'visibility emulated');
  await page.evaluate(() => {
    globalThis.requestAnimationFrame = globalThis.realFrames;
    globalThis.framesHeld.forEach((callback) => requestAnimationFrame(callback));
    delete document.hidden;
    delete document.visibilityState;
    document.dispatchEvent(new Event('visibilitychange'));
  });

  const before = await missing(bench, page, serversFor(1000));
  bench.define(10_000);
  await flowing(page, 10_000);
  await take(page);
  const [first, began] = [await held(page), performance.now()];
  const flood = await sampled(rounds, measure);
  const rate = (1000 * (await held(page) - first)) / (performance.now() - began);
  const lost = await missing(bench, page, serversFor(10_000)) - before;
  budgets.add('Main thread at 10,000 a second', [{name: '', samples: flood.map(({busy}) => busy), target: 100, fail: 100, unit: '%'}], 'no row of the design');
  budgets.add('Frames over 25 ms at 10,000 a second', [{name: '', samples: flood.map(({deltas}) => slowShare(deltas)), target: 8, fail: 15, unit: '%'}, {name: 'lines lost', samples: [lost], target: 0, fail: 0, unit: ''}], `${Math.round(rate)} a second came`);
  await page.context().close();
}

// One event on an idle page: a server is stopped and started through the API.
export async function measureFlips(bench, instrument, budgets, rounds) {
  const page = await bench.page(instrument);
  await page.getByRole('link', {name: 'Servers'}).first().click();
  await page.getByTestId('server-row-chatty-0').waitFor();
  await page.evaluate(() => (globalThis.timeFlips = true));
  const samples = await sampled(rounds, async () => {
    await page.evaluate(() => (globalThis.seen.flips = []));
    for (let i = 0; i < chattyServers; ++i) for (const verb of ['stop', 'start']) await bench.server.api(`/api/servers/chatty-${i}/${verb}`, {method: 'POST', body: {}});
    await wait(300);
    return quantile(await page.evaluate(() => globalThis.seen.flips), 0.95) ?? Number.NaN;
  });
  budgets.add('Status flip to pixels, idle page', [{name: 'p95', samples, target: 34, fail: 60, unit: 'ms'}]);
  await page.context().close();
}

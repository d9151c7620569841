// A trace of 50,000 spans, opened: the server's answer is a fixture, everything from the click on is the page's.
import {sampled} from './lib.mjs';

const requests = 20; // of a case: as many as are kept
const cases = Math.ceil(50_000 / (requests + 1));

function fixture() {
  const began = Date.UTC(2026, 0, 1);
  const exchanges = Array.from({length: requests}, (_, n) => [
    {at_ms: n * 2, direction: '>', text: JSON.stringify({jsonrpc: '2.0', id: n, method: 'tools/call', params: {name: `tool-${n % 7}`, arguments: {n}}}), cut: false},
    {at_ms: n * 2 + 1.5, direction: '<', text: JSON.stringify({jsonrpc: '2.0', id: n, result: {content: [{type: 'text', text: 'x'.repeat(40)}]}}), cut: false},
  ]).flat();
  const attempt = {status: 'failed', message: '', duration_ms: 45, mismatches: [], exchanges, log: []};
  return {id: 'run_fixture', suite: 'fixture', file: '', seed: 1, status: 'failed', message: '', started: new Date(began).toISOString(), ended: new Date(began + cases * 10).toISOString(), duration_ms: cases * 10 + 50, totals: {cases, passed: 0, flaky: 0, failed: cases, errors: 0, skipped: 0, cancelled: 0}, servers: {}, suite_id: '', version: 1, actor: 'bench', samples: [],
    cases: Array.from({length: cases}, (_, n) => ({id: `c${n}`, name: `case ${n}`, suite: 'fixture', kind: 'functional', server: 'x', tags: [], matrix: {}, line: 1, status: 'failed', message: '', started: new Date(began + n * 10).toISOString(), duration_ms: 45, attempts: [attempt], latency: null, findings: [], figures: {}, golden_updated: []}))};
}

export async function measureTrace(bench, instrument, budgets, rounds) {
  const page = await bench.page(instrument, {serviceWorkers: 'block'}); // else the fixture would not be asked for
  const body = JSON.stringify(fixture());
  await page.route('**/api/tests/runs/run_fixture', (route) => route.fulfill({contentType: 'application/json', body}));
  let spans = 0;
  const samples = await sampled(rounds, async () => {
    await page.getByRole('link', {name: 'Tests'}).first().click();
    await page.getByRole('heading', {name: 'Tests', level: 1}).waitFor();
    const opened = await page.evaluate(() => new Promise((done, failed) => {
      const began = performance.now();
      history.pushState({}, '', '/tests/run/run_fixture?view=time');
      const look = () => {
        const figure = document.querySelector('figure[data-spans] canvas[width]')?.closest('figure');
        if (figure && figure.querySelector('canvas').width > 300) globalThis.afterPaint(() => done({ms: performance.now() - began, spans: Number(figure.dataset.spans)}));
        else if (performance.now() - began > 20_000) failed(new Error('the trace was not drawn'));
        else requestAnimationFrame(look);
      };
      look();
    }));
    spans = opened.spans;
    await page.getByRole('link', {name: 'Tests'}).first().click();
    return opened.ms;
  });
  if (spans < 50_000) throw new Error(`only ${spans} spans were drawn`);
  budgets.add('50,000-span trace, opened', [{name: '', samples, target: 500, fail: 1500, unit: 'ms'}], `${spans} spans, ${(body.length / 1e6).toFixed(1)} MB of answer from a fixture`);
  await page.context().close();
}

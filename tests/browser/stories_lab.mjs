// The lab's rooms: a suite is typed into the editor, run against a reference server, its failure opened, its case run again.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {axe, images} from './harness.mjs';

const suite = (sum) => `name: everything story
servers:
  everything:
    fleet: everything
cases:
  - name: echo says it again
    tags: [smoke]
    steps:
      - call: echo
        arguments: {message: hello}
        expect: {contains: "hello"}
  - name: two and three
    steps:
      - call: get-sum
        arguments: {a: 2, b: 3}
        expect:
          json:
            - {path: "$.content[0].text", equals: "The sum of 2 and 3 is ${sum}."}
  - name: a bench
    kind: load
    steps:
      - call: echo
        arguments: {message: again}
    load: {concurrency: 2, duration_s: 0.5, warm_up_s: 0}
`;

export function labStories(world) {
  const {story, patience, go, rowIs} = world;
  const editor = () => world.page.getByRole('textbox', {name: 'Suite'});
  const validation = (state) => world.page.locator(`[data-testid="validation"][data-state="${state}"]`).waitFor(patience);
  const button = (name) => world.page.getByRole('button', {name, exact: true});
  const run = (status) => world.page.locator(`[data-testid="run"][data-status="${status}"]`).waitFor({timeout: 30_000});
  const caseRow = (name) => world.page.getByTestId(`case-${name}`);

  story('tests: a suite is typed, with completion, and what is wrong is shown at its line', async () => {
    const {page} = world;
    await go('/servers');
    await rowIs('everything', 'healthy');
    await go('/tests');
    await page.getByRole('button', {name: 'Write the first suite'}).click(patience);
    await validation('right');
    await editor().fill(suite(6).replace('contains: "hello"', 'containz: "hello"'));
    await validation('wrong');
    const fault = page.getByRole('list', {name: 'What is wrong'}).getByRole('listitem').filter({hasText: 'containz'});
    await fault.getByRole('button', {name: /^Line 11, column \d+$/}).click();
    assert.equal(await editor().evaluate((field) => field.value.slice(0, field.selectionStart).split('\n').length), 11, 'the cursor is in its line');
    assert.equal(await button('Save').getAttribute('aria-disabled'), 'true');
    assert.deepEqual(await axe(page), []);
    await editor().fill(suite(6));
    await validation('right');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('isol');
    await page.getByRole('listbox', {name: 'What may stand here'}).getByRole('option', {name: /isolation/}).waitFor(patience);
    await page.keyboard.press('Enter');
    await page.getByRole('option', {name: 'shared'}).waitFor(patience);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.match(await editor().inputValue(), /\nisolation: shared$/);
    await validation('right');
    if (process.env.UPDATE_SCREENSHOT) await page.screenshot({path: join(images, 'suite.png')});
    await page.keyboard.press('Control+s');
    await page.getByText('everything story is saved as version 1.').waitFor(patience);
    await page.waitForURL(/\/tests\/suite\/suite_/, patience);
  });

  story('tests: a suite is made from the last calls of a server, and its tag is in the list', async () => {
    const {page} = world;
    await go('/tests');
    const row = page.getByTestId('suite-everything story');
    await row.getByRole('button', {name: 'Suites with smoke'}).click(patience);
    assert.equal(await page.getByRole('searchbox', {name: 'Search suites'}).inputValue(), 'smoke');
    await row.waitFor(patience);
    await go('/tests/suite/new');
    await page.getByLabel('Server it is made from').selectOption('everything');
    await button('From its last calls').click(patience);
    await page.getByText('Read what is expected before you rely on it.').first().waitFor(patience);
    assert.match(await editor().inputValue(), /# Made from a recording of [\s\S]*fleet: "everything"[\s\S]*list: tools/);
    await validation('right');
    await page.getByLabel('From a recording').setInputFiles({name: 'mine.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from('{"recording":1,"name":"mine"}\n{"at_ms":1}\n')});
    await page.getByRole('alert').getByText(/line 2: direction/).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await go('/tests');
    await row.getByRole('link', {name: 'everything story'}).click(patience);
    await validation('right');
  });

  story('tests: it is run live, and a failed case opens with what was expected, what came and the messages', async () => {
    const {page} = world;
    await button('Run').click(patience);
    await page.waitForURL(/\/tests\/run\/run_/, patience);
    await run('failed');
    await page.getByText('2 of 3 cases passed, 1 failed').waitFor(patience);
    assert.equal(await caseRow('echo says it again').getAttribute('data-status'), 'passed');
    await page.getByTestId('failure-groups').getByText('1 case').waitFor(patience);
    await caseRow('two and three').getByRole('button', {name: 'two and three', exact: true}).click();
    const details = page.getByTestId('case-details');
    await details.getByTestId('mismatch').getByText('is 6.').first().waitFor(patience);
    await details.getByTestId('mismatch').getByText('is 5.').first().waitFor(patience);
    const wire = details.getByRole('list', {name: 'Requests and answers'});
    await wire.getByText('"get-sum"').first().waitFor(patience);
    assert.ok((await wire.getByText('Request').count()) >= 1 && (await wire.getByText('Answer').count()) >= 1);
    assert.match(page.url(), /case=/);
    assert.deepEqual(await axe(page), []);
    if (process.env.UPDATE_SCREENSHOT) await page.screenshot({path: join(images, 'failure.png')});
    await page.reload();
    await page.getByTestId('case-details').waitFor(patience); // the address is enough
  });

  story('tests: just that case is run again', async () => {
    const {page} = world;
    const before = page.url();
    await button('Run again: two and three').click(patience);
    await page.waitForURL((url) => url.pathname.startsWith('/tests/run/') && !before.includes(url.pathname), patience);
    await run('failed');
    await page.getByText('0 of 1 case passed, 1 failed').waitFor(patience);
    await page.getByTestId('case-details').waitFor(patience);
  });

  story('tests: the suite is mended, run, and both runs are compared', async () => {
    const {page, telltale} = world;
    await button('To the suite').click(patience);
    await editor().fill(suite(5));
    await validation('right');
    await button('Save and run').click();
    await page.waitForURL(/\/tests\/run\/run_/, patience);
    await run('passed');
    const {items} = await telltale.api('/api/tests/runs?limit=10');
    const first = items.at(-1);
    await page.getByLabel('Compare with').selectOption(first.id);
    const comparison = page.getByTestId('comparison');
    await comparison.getByText('0 new failures, 1 fixed').waitFor(patience);
    await comparison.locator('[data-change="mended"]').getByText('two and three').waitFor(patience);
    await comparison.getByRole('region', {name: 'Speed'}).or(comparison.getByText('of speed nothing can be said')).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await button('To the suite').click();
    await button('Versions').click();
    const diff = page.getByRole('region', {name: 'From version 1 to version 2'});
    await diff.getByText('is 6.').waitFor(patience);
    await diff.getByText('is 5.').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await go('/tests');
    const line = page.getByTestId('suite-everything story');
    await line.getByRole('img', {name: 'The last 3 runs: 2 failed'}).waitFor(patience);
    await go('/tests/runs');
    await page.getByTestId('run-row').nth(2).waitFor(patience);
    assert.equal(await page.getByTestId('run-row').count(), 3);
  });

  story('tests: a run that hangs is cancelled from its page', async () => {
    const {page} = world;
    await go('/tests/suite/new');
    await editor().fill('name: slow story\nservers:\n  everything: {fleet: everything}\ncases:\n  - name: it takes long\n    steps:\n      - call: trigger-long-running-operation\n        arguments: {duration: 50, steps: 5}\n');
    await validation('right');
    await button('Save and run').click();
    await page.waitForURL(/\/tests\/run\/run_/, patience);
    await page.locator('[data-testid="case-it takes long"][data-status="running"]').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await button('Cancel').click();
    await run('cancelled');
  });

  story('benchmarks: measured cases by run, and the history of one', async () => {
    const {page, telltale} = world;
    const stored = (await telltale.api('/api/tests')).items.find(({name}) => name === 'everything story');
    await go(`/benchmarks?suite=${stored.id}`);
    const line = page.getByTestId('bench-a bench');
    await line.getByRole('link', {name: /[mµ]s$/}).first().waitFor(patience);
    assert.equal(await line.getByRole('link').count(), 2, 'a cell for each run that measured');
    await line.getByText('cannot tell').waitFor(patience);
    await line.getByRole('button', {name: 'a bench'}).click();
    await page.getByTestId('bench-history').getByRole('group', {name: 'Latency of a bench over 2 runs'}).waitFor(patience);
    const bars = page.getByRole('slider', {name: /^Distribution of a bench: A, run of .* calls, p50 .*; B, run of /}); // two runs over each other
    await bars.focus();
    await page.keyboard.press('Home');
    assert.match(await bars.getAttribute('aria-valuetext'), /: A, run of .* \d+ calls?, [\d.]+ %; B, run of /);
    assert.deepEqual(await axe(page), []);
  });

  story('tests: a run over time: its cases and what the failed one asked, gone through by keys', async () => {
    const {page, telltale} = world;
    const {items} = await telltale.api('/api/tests/runs?limit=50');
    await go(`/tests/run/${items.find(({suite, status}) => suite === 'everything story' && status === 'failed').id}`);
    await button('Over time').click(patience);
    const trace = page.getByRole('listbox', {name: /^Run of everything story: \d+ spans in /});
    await trace.focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await trace.getByRole('option').textContent(), /^everything story: failed, /);
    await page.keyboard.press('ArrowDown');
    const first = await trace.getByRole('option').textContent();
    for (let n = 0; n < 20 && !/^tools\/call get-sum: answered, [\d.]+ (µs|ms)/.test(await trace.getByRole('option').textContent()); n++) await page.keyboard.press('ArrowDown');
    assert.match(await trace.getByRole('option').textContent(), /^tools\/call get-sum: answered, /, `after ${first}`);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('+');
    await button('Whole range').click(patience);
    await button('Run of everything story as a table').click();
    await page.getByRole('row', {name: /^tools\/call get-sum 3 .* answered$/}).waitFor(patience);
    await button('Run of everything story as a table').click();
    await trace.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByTestId('case-details').waitFor(patience);
  });

  story('analytics: latency as a heatmap, read cell by cell; its distribution; one crosshair', async () => {
    const {page, telltale} = world;
    for (let n = 0; n < 5; n++) await telltale.call('everything', 'echo', {message: 'for the latency'});
    await go('/analytics/latency?range=15m&server=everything&tool=echo');
    const map = page.getByRole('group', {name: /^Latency of echo of everything: \d+ calls from .* Arrows move from cell to cell$/});
    await map.waitFor({timeout: 30_000});
    await page.getByRole('img', {name: /^Scale from 0 to \d+, linear; hatched: no calls; empty: none of them there$/}).waitFor(patience);
    await map.focus();
    await page.keyboard.press('End');
    const read = () => page.locator('.heat-figure [aria-live]').textContent();
    for (let n = 0; n < 400 && !/: [1-9]\d* calls?$/.test(await read()); n++) await page.keyboard.press(n % 30 < 29 ? (Math.floor(n / 30) % 2 ? 'ArrowUp' : 'ArrowDown') : 'ArrowLeft');
    assert.match(await read(), / to [\d.]+ ms: [1-9]\d* calls?$/);
    await page.locator('.chart-figure', {hasText: 'p95 of the latency'}).locator('.chart-time').waitFor(patience); // the other chart shows the same moment
    assert.deepEqual(await axe(page), []);
    await page.getByRole('checkbox', {name: 'Logarithmic colours'}).check();
    await page.waitForURL(/scale=log/, patience);
    const csv = page.waitForEvent('download', patience);
    await button('Latency of echo of everything as CSV').click();
    assert.match(readFileSync(await (await csv).path(), 'utf8'), /^time,[\d.]+ to [\d.]+ ms,/);
    const png = page.waitForEvent('download', patience);
    await button('Latency of echo of everything as PNG').click();
    assert.equal(readFileSync(await (await png).path()).subarray(1, 4).toString(), 'PNG');
    await button('Latency of echo of everything as a table').click();
    await page.getByRole('region', {name: 'Latency of echo of everything, values'}).getByRole('row').nth(1).waitFor(patience);
    await page.getByRole('slider', {name: /^Distribution of the latency of echo of everything: echo, \d+ calls, p50 /}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('analytics: a query, its fault at its column, tools by hour', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'for the heatmap'});
    await go('/analytics');
    await page.getByTestId('query-told').waitFor({timeout: 30_000});
    await page.getByRole('textbox', {name: 'Query'}).or(page.getByRole('combobox', {name: 'Query'})).fill('rate(tool_calls[5m) by (server)');
    await button('Run').click();
    await page.getByTestId('query-fault').getByText(/column 19/).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await go('/analytics/heatmap');
    await page.getByRole('row', {name: /everything echo/}).waitFor(patience);
    await page.getByRole('img', {name: /^Scale from 0 to \d+, linear; hatched: no calls$/}).waitFor(patience);
    assert.ok((await page.locator('td.heat-missing').count()) > 0, 'an hour without calls is hatched');
    assert.deepEqual(await axe(page), []);
    await go('/analytics/slowest');
    await page.getByRole('row', {name: /echo everything/}).waitFor(patience);
    await go('/analytics/errors');
    const alike = page.getByRole('list', {name: 'Failures alike'});
    await alike.getByText('the tool reported an error').first().click(patience);
    await alike.getByRole('link', {name: 'flaky divide'}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await go('/analytics/reliability');
    await page.getByTestId('reliability-everything').waitFor(patience);
    await page.getByRole('group', {name: /^Reliability score by day/}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await go('/analytics/change');
    await page.getByLabel('Moment of the change').fill('2026-01-01T00:00');
    await button('Compare').click();
    await page.getByText('No tool was called around that moment.').waitFor(patience);
  });

  story('schedules: the next runs are shown while one types, and a schedule runs, and is turned off', async () => {
    const {page, telltale} = world;
    const stored = (await telltale.api('/api/tests')).items.find(({name}) => name === 'everything story');
    await go('/reports/schedules');
    await button('New schedule').click(patience);
    const form = page.getByRole('dialog', {name: 'New schedule'});
    await form.getByLabel('Name', {exact: true}).fill('nightly');
    await form.getByLabel('When').fill('61 * * * *');
    await form.locator('.fault').getByText(/minute/).waitFor(patience);
    await form.getByLabel('When').fill('30 2 * * *');
    await form.getByLabel('Time zone').fill('Europe/Berlin');
    await form.getByTestId('next-runs').getByText(/02:30:00\+0[12]:00/).first().waitFor(patience);
    await form.getByLabel('Operation').fill('tests.run');
    await form.getByLabel('Arguments').fill(JSON.stringify({id: stored.id, tags: ['smoke']}));
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Save schedule'}).click();
    const line = page.getByTestId('schedule-nightly');
    await line.getByText('Europe/Berlin').waitFor(patience);
    await button('Run now: nightly').click();
    await line.getByText('completed').waitFor({timeout: 30_000});
    await button('nightly').click();
    await page.getByTestId('schedule-history').getByText('asked for by admin').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await button('Turn nightly off').click();
    await line.getByText('off', {exact: true}).waitFor(patience);
    const {items} = await telltale.api('/api/tests/runs?limit=1');
    assert.deepEqual([items[0].suite, items[0].totals.cases], ['everything story', 1]);
  });

  story('reports: one is made, read, saved, and deleted; without a mail server it is said that there is none', async () => {
    const {page} = world;
    await go('/reports');
    await page.getByText('No report has been made yet.').waitFor(patience);
    await button('New report').click();
    const form = page.getByRole('dialog', {name: 'New report'});
    await form.getByLabel('What').selectOption('incident');
    await form.getByLabel('Server').selectOption('flaky');
    await form.getByRole('checkbox', {name: 'pdf'}).uncheck();
    await form.getByRole('checkbox', {name: 'markdown'}).check();
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Make report'}).click();
    const line = page.getByTestId('report-row');
    await line.waitFor({timeout: 30_000});
    await page.getByTestId('report-text').getByText('flaky').first().waitFor(patience);
    const download = page.waitForEvent('download', patience);
    await line.getByRole('button', {name: /^Save .* as html$/}).click();
    assert.match((await download).suggestedFilename(), /^incident-\d{4}-\d\d-\d\d\.html$/);
    assert.deepEqual(await axe(page), []);
    await line.getByRole('button', {name: /^Send /}).click();
    const letter = page.getByRole('dialog', {name: /^Send /});
    await letter.getByLabel('To', {exact: true}).fill('ada@example.org');
    await letter.getByRole('button', {name: 'Send', exact: true}).click();
    await letter.getByRole('alert').filter({hasText: /mail server|TELLTALE_SMTP/}).waitFor(patience);
    await letter.getByRole('button', {name: 'Cancel'}).click();
    await line.getByRole('button', {name: /^Delete /}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Delete report'}).click();
    await page.getByText('No report has been made yet.').waitFor(patience);
  });

  story('tests: a run is pinned as the baseline, the next says how it did against it, and a report is made of it', async () => {
    const {page, telltale} = world;
    const stored = (await telltale.api('/api/tests')).items.find(({name}) => name === 'everything story');
    const whole = (await telltale.api(`/api/tests/${stored.id}/results`)).items.find((one) => one.status === 'passed' && !one.partial);
    await go(`/tests/run/${whole.id}`);
    await button('Pin as baseline').click(patience);
    await page.getByText('Later runs are measured by this one.').waitFor(patience);
    await button('Run all again').click();
    await page.waitForURL((url) => /\/tests\/run\/run_/.test(url.pathname) && !url.pathname.includes(whole.id), patience);
    await run('passed');
    const verdict = page.getByTestId('verdict');
    await verdict.getByText(/^Against the baseline: /).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await verdict.getByRole('button', {name: 'Compare'}).click();
    await page.getByTestId('comparison').getByText('0 new failures, 0 fixed').waitFor(patience);
    await button('To the suite').click();
    await button('Runs').click();
    const baseline = page.getByTestId('baseline');
    await baseline.getByText('does not fail for it').waitFor(patience);
    await baseline.getByRole('button', {name: 'Gate'}).click();
    await page.locator('[data-testid="baseline"][data-gate="true"]').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.goBack();
    await page.getByRole('link', {name: 'Make a report of it'}).or(page.getByRole('button', {name: 'Make a report', exact: true})).first().click(patience);
    const form = page.getByRole('dialog', {name: 'New report'});
    await form.getByLabel('What').selectOption('run');
    await form.getByRole('checkbox', {name: 'pdf'}).uncheck();
    await form.getByRole('checkbox', {name: 'markdown'}).check();
    await form.getByRole('checkbox', {name: 'junit'}).check();
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Make report'}).click();
    await page.getByTestId('report-text').getByText('everything story').first().waitFor({timeout: 30_000});
    const download = page.waitForEvent('download', patience);
    await page.getByRole('button', {name: /^Save .* as junit$/}).click();
    assert.match((await download).suggestedFilename(), /^run-\d{4}-\d\d-\d\d\.xml$/);
    await go('/tests/flaky');
    await page.getByRole('region', {name: 'Flaky cases'}).or(page.getByText('No case is flaky.')).waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('the lab is not shown to whom it is refused', async () => {
    const {telltale, browser, proxy} = world;
    await telltale.api('/api/roles', {method: 'POST', body: {name: 'no-lab', description: 'Sees the fleet', grants: [{permissions: ['fleet:read', 'operations:read'], servers: ['*'], tools: ['*']}]}});
    await telltale.api('/api/users', {method: 'POST', body: {username: 'lea', email: 'lea@example.org', role: 'no-lab', password: 'a long enough password'}});
    const hers = await (await browser.newContext()).newPage();
    await hers.goto(`${proxy.origin}/tests`);
    await hers.getByLabel(/user name/i).fill('lea');
    await hers.getByLabel('Password').fill('a long enough password');
    await hers.getByRole('button', {name: 'Log in'}).click();
    await hers.getByText('Your role no-lab lacks tests:read').waitFor(patience);
    for (const [path, permission] of [['/benchmarks', 'tests:read'], ['/analytics', 'metrics:read']]) {
      await hers.goto(proxy.origin + path);
      await hers.getByText(`lacks ${permission}`).waitFor(patience);
      assert.deepEqual(await axe(hers), []);
    }
    await hers.context().close();
  });
}

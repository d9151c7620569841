// Traces: calls show up while one looks, a point and a row open one, its waterfall says where the time went, two are compared.
import assert from 'node:assert/strict';
import {axe, tabTo} from './harness.mjs';

export function traceStories(world) {
  const {story, patience, go} = world;
  const list = () => world.page.getByTestId('trace-list');
  const count = () => world.page.getByTestId('trace-count').textContent();
  const search = () => new URL(world.page.url()).searchParams;
  const focused = (selector) => `document.activeElement?.matches(${JSON.stringify(selector)})`;

  story('traces: calls are points and rows, filtered by the address, and new ones come while one looks', async () => {
    const {page, telltale} = world;
    for (let n = 0; n < 3; ++n) await telltale.call('everything', 'echo', {message: `trace ${n}`});
    await telltale.call('everything', 'trigger-long-running-operation', {duration: 0.3, steps: 2});
    await telltale.call('flaky', 'divide', {a: 1, b: 0});
    await assert.rejects(telltale.call('everything', 'no-such-tool'), /no-such-tool/);
    await go('/traces?operation=fleet.tool_call');
    await list().getByRole('option').nth(5).waitFor(patience);
    await page.locator('figure').filter({hasText: 'Latency'}).getByRole('group', {name: /^Latency: \d+ points, \d+ went wrong/}).waitFor(patience);
    await list().getByText('With errors').first().waitFor(patience);
    assert.deepEqual(await axe(page), []);
    const before = await count();
    await telltale.call('everything', 'echo', {message: 'while one looks'});
    await page.waitForFunction((old) => document.querySelector('[data-testid="trace-count"]')?.textContent !== old, before, patience);
    // Held still, what comes is counted until one asks for it.
    const held = await count();
    await page.locator('.live-switch').click();
    await telltale.call('everything', 'echo', {message: 'while it is held'});
    const pill = page.getByRole('button', {name: /^\d+ new$/});
    await pill.waitFor(patience);
    assert.equal(await count(), held);
    await pill.click();
    await page.waitForFunction((old) => document.querySelector('[data-testid="trace-count"]')?.textContent !== old, held, patience);
    await page.locator('.live-switch').click();
    await page.getByRole('checkbox', {name: 'Failed only'}).check();
    await page.waitForURL((url) => url.searchParams.get('failed') === '1', patience);
    await list().locator('[data-outcome="failed"]').first().waitFor(patience);
    assert.equal(await list().locator('[data-outcome="done"]').count(), 0, 'what does not fit is not there');
    await page.getByRole('button', {name: 'Clear', exact: true}).click();
    await page.getByRole('combobox', {name: 'Server'}).selectOption('flaky');
    await page.waitForURL((url) => url.searchParams.get('server') === 'flaky', patience);
    await page.getByRole('spinbutton', {name: 'At least ms'}).fill('3600000');
    await page.getByText('No trace fits in this time.').waitFor(patience);
  });

  story('traces: the scatter opens one by keys, narrows the time by a drag, and is a table', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'a point'});
    await go('/traces?operation=fleet.tool_call&range=1h');
    const scatter = page.getByRole('group', {name: /^Latency: /});
    await scatter.waitFor(patience);
    await tabTo(page, 'the scatter', focused('[role="group"][aria-label^="Latency: "]'));
    await page.keyboard.press('End');
    await page.locator('figure .sr[aria-live]').filter({hasText: /fleet\.tool_call everything echo: .*, Done/}).waitFor(patience);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/traces\/[0-9a-f]{32}$/, patience);
    await page.getByTestId('trace-lead').waitFor(patience);
    await page.goBack();
    await list().locator('[aria-selected="true"]').waitFor(patience);
    const box = await scatter.boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.98, box.y + 30, {steps: 5});
    await page.mouse.up();
    await page.waitForURL((url) => url.searchParams.has('from'), patience);
    await page.getByRole('button', {name: 'Leave zoom'}).click();
    await page.waitForURL((url) => !url.searchParams.has('from'), patience);
    await page.getByRole('button', {name: 'Latency as a table'}).click({force: true});
    await page.getByRole('region', {name: 'Latency, values'}).getByRole('row').nth(1).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    const [file] = await Promise.all([page.waitForEvent('download', patience), page.getByRole('button', {name: 'Latency as CSV'}).click({force: true})]);
    assert.equal(file.suggestedFilename(), 'latency.csv');
  });

  story('traces: from a tool\'s result to where its time went, zoomed by keys', async () => {
    const {page, openTool} = world;
    await openTool('everything', 'echo');
    await page.getByLabel(/^message/).fill('where the time goes');
    await page.getByTestId('tool-run').click();
    await page.getByTestId('tool-result').getByRole('link', {name: 'Where the time went'}).click(patience);
    await page.waitForURL(/\/traces\/op_/, patience);
    const waterfall = page.getByTestId('waterfall');
    await waterfall.getByRole('button', {name: / as a table$/}).click({force: true, ...patience});
    const table = waterfall.getByRole('table');
    for (const name of ['fleet.tool_call everything', 'admission', 'server loop', 'tools/call echo', 'write', 'wait', 'check']) await table.getByRole('rowheader', {name, exact: true}).waitFor(patience);
    await waterfall.getByRole('button', {name: / as a table$/}).click({force: true});
    const shares = await page.getByTestId('self-times').locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number.parseFloat(row.lastElementChild.textContent)));
    const sum = shares.reduce((all, one) => all + one, 0);
    assert.ok(sum > 99 && sum < 101, `the shares are the whole: ${shares}`);
    await page.getByTestId('self-times').getByText('Not attributed to any span').waitFor(patience);
    await tabTo(page, 'the beginning of what is shown', focused('[data-grip="from"]'));
    const whole = await page.locator('[data-grip="from"]').getAttribute('aria-valuetext');
    for (let n = 0; n < 3; ++n) await page.keyboard.press('Shift+ArrowRight');
    await page.locator('[data-zoomed="true"]').waitFor(patience);
    assert.notEqual(await page.locator('[data-grip="from"]').getAttribute('aria-valuetext'), whole);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('0');
    await page.locator('[data-zoomed="false"]').waitFor(patience);
    await tabTo(page, 'the waterfall', focused('.waterfall-scroll'));
    for (const key of ['Home', 'ArrowDown']) await page.keyboard.press(key);
    await waterfall.getByText(/^admission: done/).first().waitFor(patience);
  });

  story('traces: two are chosen by keys and compared span by span', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'short'});
    await telltale.call('everything', 'trigger-long-running-operation', {duration: 0.4, steps: 2});
    await go('/traces?operation=fleet.tool_call&server=everything');
    await list().getByRole('option').nth(1).waitFor(patience);
    await list().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await page.getByText('One is chosen').waitFor(patience);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('x');
    await page.getByText('Two are chosen.').waitFor(patience);
    assert.equal(search().get('pick')?.split(',').length, 2);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('link', {name: 'Compare them'}).click();
    await page.getByTestId('pairs').waitFor(patience);
    assert.match(page.url(), /\/traces\/[0-9a-f]{32}\?with=[0-9a-f]{32}$/);
    assert.equal(await page.getByTestId('compared').locator('.waterfall canvas').count(), 2);
    const wait = page.getByTestId('pairs').getByRole('row').filter({has: page.getByTitle(/› wait$/)});
    await wait.getByText(/slower/).waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('traces: what is not there is said', async () => {
    const {page} = world;
    await go('/traces/00000000000000000000000000000000');
    await page.getByText(/^No trace has the id 0+\./).waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });
}

// What is recorded: the audit, the logs, and the settings of what is kept.
import assert from 'node:assert/strict';
import {axe} from './harness.mjs';

export function recordStories(world) {
  const {story, patience, go} = world;

  story('records: the audit is filtered, opened, verified, and goes on while one looks', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'for the audit'});
    await go('/audit?action=fleet.tool_call');
    await page.getByTestId('audit-list').getByText('fleet.tool_call').first().waitFor(patience);
    assert.equal(await page.getByTestId('audit-list').getByText('auth.login').count(), 0, 'what does not fit is not there');
    assert.deepEqual(await axe(page), []);
    await page.getByTestId('audit-list').getByRole('option').first().click();
    await page.getByRole('complementary', {name: /^Entry \d+$/}).getByText('for the audit').waitFor(patience);
    assert.match(page.url(), /entry=\d+/);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    const before = await page.getByTestId('audit-count').textContent();
    await telltale.call('everything', 'echo', {message: 'while one looks'});
    await page.waitForFunction((old) => document.querySelector('[data-testid="audit-count"]')?.textContent !== old, before, patience);
    await page.getByRole('button', {name: 'Verify the chain'}).click();
    await page.getByTestId('verdict').getByText('The chain is whole.').waitFor(patience);
    await page.getByTestId('verdict').getByText(/Head \d+:[0-9a-f]{64}/).waitFor(patience);
    const [file] = await Promise.all([page.waitForEvent('download', patience), page.getByRole('button', {name: 'Export as NDJSON'}).click()]);
    assert.match(file.suggestedFilename(), /^telltale-audit-.*\.ndjson$/);
  });

  story('records: a line of the log is found, opened, linked to; a wrong expression says so', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'a line'});
    await go('/logs');
    await page.getByTestId('log-viewer').getByRole('option').first().waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByTestId('log-viewer').getByRole('option').first().click();
    await page.getByRole('complementary').getByText('Around it').waitFor(patience);
    const link = page.url();
    assert.match(link, /line=/);
    assert.deepEqual(await axe(page), []);
    await page.goto(link);
    await page.locator('[data-testid="log-viewer"] [aria-selected="true"]').waitFor(patience);
    await page.keyboard.press('Escape');
    await page.getByRole('button', {name: 'Regular expression'}).click();
    await page.getByRole('searchbox', {name: 'Search the log'}).fill('(');
    await page.getByRole('alert').filter({hasText: 'No regular expression'}).waitFor(patience);
    await page.getByRole('button', {name: 'Clear', exact: true}).click();
  });

  story('records: retention changes and comes back, a backup is made, a version is restored', async () => {
    const {page, telltale} = world;
    await go('/settings/retention');
    await page.getByLabel('Keep Log lines for').selectOption('24');
    await page.getByRole('button', {name: 'Undo'}).click(patience);
    await page.getByText('As it was.').waitFor(patience);
    assert.equal((await telltale.api('/api/store/retention')).logs, 168);
    assert.deepEqual(await axe(page), []);
    await go('/settings/backups');
    await page.getByRole('button', {name: 'Back up now'}).click();
    await page.getByRole('rowheader', {name: /^telltale-.*\.db$/}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await telltale.api('/api/servers', {method: 'POST', body: {name: 'passing', url: 'http://127.0.0.1:9/mcp'}});
    const {items} = await telltale.api('/api/fleet/versions');
    assert.deepEqual(items[0].changes, [{name: 'passing', kind: 'added', origin: 'api'}]);
    await go('/settings/configuration');
    await page.getByRole('button', {name: `Restore version ${items[1].version}`}).click(patience);
    await page.getByTestId(`version-${items[0].version + 1}`).waitFor(patience);
    assert.equal((await telltale.api('/api/servers?limit=1000')).items.some(({name}) => name === 'passing'), false);
    assert.deepEqual(await axe(page), []);
  });
}

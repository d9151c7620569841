// Alerts: what fires is seen from everywhere, somebody takes it; rules are rehearsed while they are written.
import assert from 'node:assert/strict';
import {axe} from './harness.mjs';

export function alertStories(world) {
  const {story, patience, go, connectionIs} = world;
  const rule = {name: 'Any memory', condition: {kind: 'metric', query: 'last(process_memory_bytes)', threshold: 1}, severity: 'critical', summary: 'memory is used'};
  const slow = {timeout: 30_000};

  story('alerts: what fires is told by the bell, acknowledged, silenced and given back', async () => {
    const {page, telltale} = world;
    await go('/alerts');
    await connectionIs('live');
    const {id} = await telltale.api('/api/alerts/rules', {method: 'POST', body: rule});
    const bell = page.getByTestId('alert-bell');
    await bell.filter({hasText: /\d/}).waitFor(slow);
    assert.match(await bell.getAttribute('aria-label'), /^\d+ alerts?, the newest: ./, 'others may fire by now');
    const card = (state) => page.locator(`[data-testid="alert-${id}"][data-state="${state}"]`);
    await card('firing').waitFor(patience);
    await card('firing').getByRole('button', {name: 'memory is used', exact: true}).click();
    await card('firing').locator('figure').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', {name: 'Acknowledge: memory is used'}).click();
    await card('acknowledged').getByText(/is at it since/).waitFor(patience);
    await page.getByRole('button', {name: 'Silence 1 h: memory is used'}).click();
    await card('silenced').getByText(/Silenced by .* until/).waitFor(patience);
    await page.getByRole('button', {name: 'End silence: memory is used'}).click();
    await card('acknowledged').waitFor(patience);
    await page.getByRole('button', {name: 'Undo the acknowledgement of: memory is used'}).click();
    await card('firing').waitFor(patience);
    await telltale.api(`/api/alerts/rules/${id}`, {method: 'DELETE'});
    await card('firing').waitFor({...patience, state: 'detached'});
    await page.getByRole('navigation', {name: 'Alerts'}).getByRole('link', {name: 'History'}).click();
    await page.getByRole('region', {name: 'History of alerts'}).getByText('memory is used').first().waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('alerts: a rule is rehearsed while it is written', async () => {
    const {page, telltale} = world;
    await go('/alerts/rules');
    await page.getByTestId('rule-server_down').getByText('default').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', {name: 'New rule'}).click();
    const form = page.getByRole('form', {name: 'Rule'});
    await form.getByLabel('Name', {exact: true}).fill('Too much memory');
    await form.getByLabel('Metric', {exact: true}).fill('last(process_memory_bytes');
    await form.getByText(/column \d+|expected|must/).first().waitFor(patience);
    await form.getByLabel('Metric', {exact: true}).fill('last(process_memory_bytes)');
    await page.getByTestId('rehearsal').getByText(/^Would have fired once in the last 7 days/).waitFor(slow);
    await form.getByRole('spinbutton', {name: 'Threshold'}).fill('1e15');
    await page.getByTestId('rehearsal').getByText(/^Would not have fired in the last 7 days; 1 series/).waitFor(slow);
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Save rule'}).click();
    const row = page.getByRole('row').filter({hasText: 'Too much memory'});
    await row.getByText('quiet', {exact: true}).waitFor(patience);
    await row.getByRole('button', {name: 'Turn Too much memory off'}).click();
    await row.getByText('off', {exact: true}).waitFor(patience);
    await row.getByRole('button', {name: 'Delete Too much memory'}).click();
    await page.getByRole('button', {name: 'Delete rule'}).click();
    await row.waitFor({...patience, state: 'detached'});
    assert.ok((await telltale.api('/api/alerts/rules')).items.every(({built_in}) => built_in));
  });

  story('alerts: a channel is made, tested, and says why it failed', async () => {
    const {page} = world;
    await go('/alerts/channels');
    await page.getByTestId('channel-Browsers').waitFor(patience);
    await page.getByRole('button', {name: 'New channel'}).click();
    const form = page.getByRole('form', {name: 'Channel'});
    await form.getByLabel('Name', {exact: true}).fill('nowhere');
    await form.getByLabel('URL', {exact: true}).fill('http://127.0.0.1:1/hook');
    await form.getByLabel('From', {exact: true}).fill('22:00');
    await form.getByRole('button', {name: 'Save channel'}).click();
    await form.getByText('must be a time of the day: HH:MM').waitFor(patience);
    await form.getByLabel('To', {exact: true}).fill('07:00');
    await form.getByRole('button', {name: 'Save channel'}).click();
    const row = page.getByTestId('channel-nowhere');
    await row.getByText('http://127.0.0.1:1/••••').waitFor(patience);
    await row.getByRole('button', {name: 'Test nowhere'}).click();
    await row.getByText(/^failed/).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await row.getByRole('button', {name: 'Delete nowhere'}).click();
    await page.getByRole('button', {name: 'Delete channel'}).click();
    await row.waitFor({...patience, state: 'detached'});
  });
}

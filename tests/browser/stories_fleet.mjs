// The fleet page: several servers at once, row heights, the panel's width, the map of keys.
import assert from 'node:assert/strict';
import {axe, isAlive} from './harness.mjs';
import {until} from '../support/telltale.mjs';

export function fleetStories(world) {
  const {story, patience, go, row, rowIs} = world;
  const box = (name) => world.page.getByRole('checkbox', {name: `Select ${name}`, exact: true});
  const bulk = () => world.page.getByRole('region', {name: 'Selected servers'});
  const outcomeIs = (name, state) => world.page.locator(`[data-testid="bulk-${name}"][data-state="${state}"]`).waitFor(patience);
  const width = async () => (await world.page.getByRole('complementary', {name: /^Server /}).boundingBox()).width;

  story('several servers are selected by mouse and stopped, started again, tested', async () => {
    const {page, telltale} = world;
    await go('/servers');
    for (const name of ['filesystem', 'memory', 'sequential-thinking']) await rowIs(name, 'healthy', {timeout: 30_000});
    const names = await page.locator('[data-row-check]').evaluateAll((all) => all.map((one) => one.dataset.rowCheck));
    const [first, second] = ['memory', 'sequential-thinking'].sort((a, b) => names.indexOf(a) - names.indexOf(b));
    await box(first).click();
    await box(second).click({modifiers: ['Shift']});
    const between = names.slice(names.indexOf(first), names.indexOf(second) + 1);
    await bulk().getByText(`${between.length} servers selected`).waitFor(patience);
    for (const name of between) assert.ok(await box(name).isChecked(), `${name} is in the range`);
    const pids = await Promise.all(between.map(async (name) => (await telltale.server(name)).process.pid));
    await bulk().getByRole('button', {name: /^Stop /}).click();
    for (const name of between) await outcomeIs(name, 'ok');
    for (const name of between) await rowIs(name, 'stopped');
    for (const pid of pids) assert.equal(isAlive(pid), false, `${pid} is gone`);
    await bulk().getByRole('button', {name: 'Start them again'}).click();
    await bulk().getByText(`Start: ${between.length} of ${between.length} confirmed.`).waitFor(patience);
    for (const name of between) await rowIs(name, 'healthy');
    await bulk().getByRole('button', {name: /^Test /}).click();
    await bulk().getByText(`Test: ${between.length} of ${between.length} confirmed.`).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await bulk().getByRole('button', {name: 'Clear selection'}).click();
    assert.equal(await page.locator('[data-row-check]:checked').count(), 0);
  });

  story('the server that fails is named, the others are done', async () => {
    const {page, telltale} = world;
    await telltale.api('/api/servers', {method: 'POST', body: {name: 'absent', command: '/nonexistent/program', telltale: {autostart: false}}});
    await go('/servers');
    await row('absent').waitFor(patience);
    await box('absent').click();
    await box('memory').click();
    await bulk().getByRole('button', {name: /^Test /}).click();
    await outcomeIs('memory', 'ok');
    await outcomeIs('absent', 'failed');
    await bulk().getByText(/1 of 2 confirmed, 1 failed/).waitFor(patience);
    await telltale.api('/api/servers/absent', {method: 'DELETE'});
    await row('absent').waitFor({...patience, state: 'detached'});
    await page.getByText('1 server selected').waitFor(patience);
  });

  story('the same with the keyboard alone', async () => {
    const {page} = world;
    await go('/servers');
    await rowIs('memory', 'healthy');
    const names = await page.locator('[data-row-check]').evaluateAll((all) => all.map((one) => one.dataset.rowCheck));
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    assert.ok(await box(names[0]).isChecked());
    await page.keyboard.press('Shift+ArrowDown');
    assert.ok(await box(names[1]).isChecked());
    assert.equal(await page.locator('[data-row-check]:checked').count(), 2);
    await page.keyboard.press('Control+a');
    assert.equal(await page.locator('[data-row-check]:checked').count(), names.length);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('[data-row-check]:checked').count(), 0);
    await page.keyboard.press('k');
    await page.keyboard.press('Space');
    await page.getByText('1 server selected').waitFor(patience);
    await bulk().getByRole('button', {name: /^Test /}).focus();
    await page.keyboard.press('Enter');
    await bulk().getByText('Test: 1 of 1 confirmed.').waitFor(patience);
  });

  story('rows can be compact, and stay so', async () => {
    const {page} = world;
    await go('/servers');
    await rowIs('memory', 'healthy');
    const height = async () => (await row('memory').boundingBox()).height;
    const before = await height();
    await page.getByRole('button', {name: 'Compact rows'}).click();
    await until('the rows are compact', height, (now) => now < before - 10);
    await page.reload();
    await rowIs('memory', 'healthy');
    assert.ok((await height()) < before - 10, 'after a reload as well');
    assert.equal(await page.getByRole('button', {name: 'Compact rows'}).getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('c');
    await until('the rows are as they were', height, (now) => now === before);
  });

  story('the panel of a server is as wide as one likes', async () => {
    const {page} = world;
    await go('/servers/memory');
    const bar = page.getByRole('separator', {name: "Width of the server's panel"});
    await bar.waitFor(patience);
    const before = await width();
    await bar.focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await width(), before + 16);
    assert.equal(Number(await bar.getAttribute('aria-valuenow')), before + 16);
    await page.keyboard.press('Home');
    assert.equal(await width(), Number(await bar.getAttribute('aria-valuemin')));
    const {x, y, height} = await bar.boundingBox();
    await page.mouse.move(x, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x - 120, y + height / 2, {steps: 4});
    await page.mouse.up();
    const dragged = await width();
    assert.ok(Math.abs(dragged - 540) <= 2, `${dragged} px`);
    await page.reload();
    await bar.waitFor(patience);
    assert.equal(await width(), dragged, 'remembered');
    await page.setViewportSize({width: 1200, height: 900});
    assert.ok((await width()) <= Number(await bar.getAttribute('aria-valuemax')), 'never wider than there is room');
    await page.setViewportSize({width: 1440, height: 900});
    await bar.dblclick();
    assert.equal(await width(), 640, 'a double click: the usual width');
    assert.deepEqual(await axe(page), []);
  });

  story('the log page begins with what was before', async () => {
    const {page, telltale} = world;
    const {items} = await telltale.api('/api/servers/memory/logs?limit=100');
    const said = items.at(-1).message.slice(0, 40);
    await go('/logs');
    await page.getByLabel('Search the log').fill(said);
    await page.getByRole('log').or(page.locator('.log')).getByText(said).first().waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('? shows every key, and single keys can be switched off', async () => {
    const {page} = world;
    await go('/servers');
    await rowIs('memory', 'healthy');
    await page.keyboard.press('?');
    const map = page.getByRole('dialog', {name: 'Keyboard'});
    await map.getByText('Select all that are shown').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    const single = map.getByRole('checkbox', {name: 'Single-key shortcuts'});
    await single.uncheck();
    await page.keyboard.press('Escape');
    await map.waitFor({...patience, state: 'detached'});
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    assert.equal(await map.count(), 0);
    assert.equal(new URL(page.url()).pathname, '/servers');
    await page.getByRole('button', {name: 'Keyboard shortcuts'}).click();
    await single.check();
    await page.keyboard.press('Escape');
    await map.waitFor({...patience, state: 'detached'});
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('heading', {name: 'Operations'}).waitFor(patience);
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await rowIs('memory', 'healthy');
  });
}

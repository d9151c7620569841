// The overview and the shell: the fleet at a glance, charts that move together, the range in the address, the palette, the app.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {adminPassword, axe, listenForErrors, Proxy, tabTo} from './harness.mjs';

export function overviewStories(world) {
  const {story, patience, go, connectionIs} = world;
  const strip = (name) => world.page.getByTestId(`strip-${name}`);
  const chart = (title) => world.page.locator('figure').filter({hasText: title}).first();
  const ready = () => world.page.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor(patience);
  const search = () => new URL(world.page.url()).searchParams;
  const press = async (...keys) => { for (const key of keys) await world.page.keyboard.press(key); };

  story('the overview: every server, and two clicks to what is behind one', async () => {
    const {page, telltale} = world;
    await go('/');
    await connectionIs('live');
    for (const name of telltale.names) await strip(name).waitFor(patience);
    await page.getByRole('heading', {level: 1}).filter({hasText: /\d+ healthy, \d+ degraded, \d+ down/}).waitFor(patience);
    assert.match(await page.title(), /Overview · Telltale$/);
    await strip('memory').getByRole('link').click();
    await page.getByTestId('server-pid').waitFor(patience);
    await page.getByRole('navigation', {name: 'Breadcrumb'}).getByRole('link', {name: 'Servers'}).click();
    await page.getByTestId('server-row-memory').waitFor(patience);
    await go('/?q=memo');
    await page.getByTestId('server-row-memory').waitFor(patience);
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, '/servers?q=memo', 'the old address of the fleet leads there');
  });

  story('the overview: one crosshair for four charts, by mouse and by keys', async () => {
    const {page, telltale} = world;
    await telltale.call('everything', 'echo', {message: 'one'});
    await go('/');
    await ready();
    await page.waitForFunction(() => /\d/.test(document.querySelector('figure .chart-name b')?.textContent ?? ''), undefined, patience);
    const box = await chart('Requests').locator('.u-over').boundingBox();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
    await page.waitForFunction(() => document.querySelectorAll('.chart-time').length === 4, undefined, patience);
    const times = await page.locator('.chart-time').allTextContents();
    assert.equal(new Set(times.map((one) => one.slice(0, 8))).size, 1, `all at one time: ${times}`);
    await page.mouse.move(5, 5);
    const group = chart('Errors').getByRole('group');
    await group.focus();
    await press('End', 'ArrowLeft');
    await page.locator('figure .sr[aria-live]').filter({hasText: /^\d\d:\d\d:\d\d: failed calls/}).waitFor(patience);
    assert.match(await group.getAttribute('aria-label'), /^Errors: failed calls .*failed checks/);
    assert.deepEqual(await axe(page), []);
  });

  story('the overview: a zoom is the range in the address, by drag and by keys, and can be left', async () => {
    const {page} = world;
    await go('/?range=15m');
    await ready();
    const box = await chart('Requests').locator('.u-over').boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 30, {steps: 5});
    await page.mouse.up();
    await page.waitForURL((url) => url.searchParams.has('from'), patience);
    const wide = Date.parse(search().get('to')) - Date.parse(search().get('from'));
    assert.ok(Math.abs(wide - 0.3 * 900_000) < 30_000, `${wide} ms are about 30 % of a quarter of an hour`);
    await ready();
    await chart('p95').getByRole('group').focus();
    await press('-');
    await page.waitForURL((url) => Date.parse(url.searchParams.get('to')) - Date.parse(url.searchParams.get('from')) > 1.5 * wide, patience);
    const address = page.url();
    await page.reload();
    await ready();
    assert.equal(page.url(), address, 'the address says it all');
    await page.getByRole('button', {name: 'Leave zoom'}).click();
    await page.waitForURL((url) => !url.searchParams.has('from'), patience);
  });

  story('the time range goes along from page to page, and is in each address', async () => {
    const {page} = world;
    await go('/');
    await page.getByRole('button', {name: /^Time range/}).click();
    await page.getByRole('dialog', {name: 'Time range'}).getByRole('button', {name: 'Last 6 h'}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', {name: 'Last 6 h'}).click();
    await page.waitForURL((url) => url.searchParams.get('range') === '6h', patience);
    await page.getByRole('link', {name: 'Analytics', exact: true}).click();
    await page.waitForURL((url) => url.pathname === '/analytics' && url.searchParams.get('range') === '6h', patience);
    await page.getByRole('link', {name: 'Overview', exact: true}).click();
    await page.getByRole('button', {name: 'Time range: Last 6 h'}).click();
    const custom = page.getByRole('form', {name: 'Custom range'});
    await custom.getByLabel('From').fill('2026-01-02T10:00');
    await custom.getByLabel('To').fill('2026-01-02T09:00');
    await custom.getByRole('button', {name: 'Apply'}).click();
    await custom.getByText('has to come after').waitFor(patience);
    await custom.getByLabel('To').fill('2026-01-02T11:00');
    await custom.getByRole('button', {name: 'Apply'}).click();
    await page.waitForURL((url) => url.searchParams.get('from')?.startsWith('2026-01-0'), patience);
  });

  story('a chart is also a table, a CSV file and a picture', async () => {
    const {page} = world;
    await go('/?range=15m');
    await ready();
    const requests = chart('Requests');
    await requests.hover();
    const [csv] = await Promise.all([page.waitForEvent('download', patience), requests.getByRole('button', {name: 'Requests as CSV'}).click()]);
    assert.equal(csv.suggestedFilename(), 'requests.csv');
    const lines = readFileSync(await csv.path(), 'utf8').trim().split('\n');
    assert.equal(lines[0], 'time,tool calls (/s),checks (/s)');
    assert.ok(lines.length > 100, `${lines.length} lines`);
    const [png] = await Promise.all([page.waitForEvent('download', patience), requests.getByRole('button', {name: 'Requests as PNG'}).click()]);
    assert.equal(readFileSync(await png.path()).subarray(1, 4).toString(), 'PNG');
    await requests.getByRole('button', {name: 'Requests as a table'}).click();
    await requests.getByRole('table').getByRole('row').nth(1).waitFor(patience);
    assert.deepEqual(await axe(page), []);
  });

  story('paused the page holds still and counts what is new', async () => {
    const {page, telltale} = world;
    await go('/');
    await connectionIs('live');
    await press('p');
    await page.getByRole('button', {name: /^Paused/}).waitFor(patience);
    await telltale.call('everything', 'echo', {message: 'while paused'});
    await page.getByRole('button', {name: /Paused.*\d+ new/}).click(patience);
    await page.getByRole('button', {name: 'Live', exact: true}).waitFor(patience);
  });

  story('what changed and what is down is told at once, also by the tab', async () => {
    const {page, telltale} = world;
    await go('/');
    await connectionIs('live');
    const changed = page.getByRole('region', {name: 'What changed in the last hour'});
    await telltale.api('/api/servers/memory/stop', {method: 'POST', body: {}});
    await changed.getByText('admin stopped memory').first().waitFor(patience);
    await telltale.api('/api/servers/memory/start', {method: 'POST', body: {}});
    const before = await page.locator('link[rel="icon"]').getAttribute('href');
    await telltale.api('/api/servers', {method: 'POST', body: {name: 'absent', command: '/nonexistent/program'}});
    await page.locator('[data-testid="strip-absent"]:is([data-status="disconnected"],[data-status="circuit_open"])').waitFor(patience);
    await page.waitForFunction(() => document.title.startsWith('(1) '), undefined, patience);
    assert.notEqual(await page.locator('link[rel="icon"]').getAttribute('href'), before, 'and so does its picture');
    await page.locator('.strips > li').first().filter({hasText: 'absent'}).waitFor(patience);
    await page.locator('.worst').filter({hasText: 'absent is'}).waitFor(patience);
    await telltale.api('/api/servers/absent', {method: 'DELETE'});
    await strip('absent').waitFor({...patience, state: 'detached'});
    await changed.getByText('admin removed absent').waitFor(patience);
  });

  story('the palette finds a tool by a few letters and runs an operation', async () => {
    const {page} = world;
    await go('/');
    await connectionIs('live');
    await press('Control+k');
    const options = page.getByRole('listbox', {name: 'Commands'});
    await page.getByRole('combobox', {name: 'Command'}).waitFor(patience);
    await page.keyboard.type('gtsm every');
    await options.getByRole('option', {name: /get-sum/}).first().waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await press('Enter');
    await page.getByTestId('tool-run').waitFor(patience);
    assert.equal(search().get('tool'), 'get-sum');
    await press('Control+k');
    await options.getByRole('option').first().filter({hasText: 'Recent'}).filter({hasText: 'get-sum'}).waitFor(patience);
    await page.keyboard.type('fleet.test');
    await options.locator('[data-kind="Operation"]').filter({hasText: 'Checks a server now'}).waitFor(patience);
    await press('Enter');
    const form = page.getByRole('form', {name: /^Checks a server now/});
    await form.getByRole('button', {name: 'Run'}).click();
    await form.locator('.fault').filter({hasText: /\S/}).first().waitFor(patience);
    await form.getByLabel(/^Server/).selectOption('memory');
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Run'}).click();
    await page.getByText('Confirmed by the server.').waitFor(patience);
    await press('Escape');
    await form.waitFor({...patience, state: 'detached'});
  });

  story('the rail, the theme and the rows are as one likes them, also after a reload', async () => {
    const {page} = world;
    await go('/');
    await connectionIs('live');
    const wide = async () => (await page.getByRole('navigation', {name: 'Pages'}).boundingBox()).width;
    assert.equal(await wide(), 56);
    await press('[');
    assert.equal(await wide(), 208);
    assert.deepEqual(await axe(page), []);
    await page.reload();
    await connectionIs('live');
    assert.equal(await wide(), 208);
    await press('[');
    const menu = page.getByRole('dialog', {name: 'You and this dashboard'});
    await page.getByRole('button', {name: /^Menu of admin/}).click();
    await menu.getByText('High contrast').click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'contrast');
    await ready();
    assert.deepEqual(await axe(page), []);
    await menu.getByText('System', {exact: true}).click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined);
    await press('Escape');
    await tabTo(page, 'the menu', () => document.activeElement?.classList.contains('user') ?? false);
    await press('Enter');
    await menu.getByRole('link', {name: 'Account and password'}).click();
    await page.getByRole('form', {name: 'Change password'}).waitFor(patience);
  });

  story('as an app: the shell is there while the server is away, and nothing of the API is ever kept', async () => {
    const proxy = await Proxy.to(world.telltale.origin);
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, reducedMotion: 'reduce'});
    try {
      const page = await context.newPage();
      listenForErrors(page, world.errors);
      await page.goto(`${proxy.origin}/`);
      const manifest = await (await page.request.get(`${proxy.origin}/manifest.webmanifest`)).json();
      for (const {src} of manifest.icons) assert.equal((await page.request.get(proxy.origin + src)).status(), 200, src);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.getByLabel(/user name/i).fill('admin');
      await page.getByLabel('Password').fill(adminPassword);
      await page.getByRole('button', {name: 'Log in'}).click();
      await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
      await page.reload();
      await page.locator('.overview-charts[data-ready="true"] .uplot').first().waitFor(patience);
      assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null), 'the worker serves the page');
      const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname)))).flat());
      assert.ok(kept.length > 3 && kept.every((path) => path === '/' || path.startsWith('/assets/')), kept.join());
      proxy.cut();
      await page.reload();
      await page.getByRole('heading', {name: 'The server does not answer'}).waitFor(patience);
      assert.deepEqual(await axe(page), []);
      proxy.mend();
      await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
    } finally {
      await context.close();
      proxy.close();
    }
  });
}

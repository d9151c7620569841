// The debug window: every frame in and out, filtered, paused, exported; docked or floating, by mouse and by keys; the
// connection's state and its errors; and that ten thousand frames do not weigh on the page.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {adminPassword, axe, listenForErrors, tabTo} from './harness.mjs';

export function debugStories(world) {
  const {story, patience, go, rowIs, connectionIs} = world;
  const pane = (page = world.page) => page.getByRole('region', {name: 'Debug window'});
  const frame = (type, page = world.page) => page.locator(`.frame[data-type="${type}"]`);
  const press = (name, page = world.page) => pane(page).getByRole('button', {name, exact: true}).click();
  const stateIs = (state, page = world.page) => page.locator(`[data-testid="debug-state"][data-state="${state}"]`).waitFor(patience);
  const box = () => pane().boundingBox();

  async function open() {
    await go('/');
    await connectionIs('live');
    if ((await pane().count()) === 0) await world.page.getByRole('button', {name: 'Debug window'}).click();
    await world.page.getByTestId('frames').waitFor(patience);
  }

  // A page of its own, whose frames from the server the test can add to.
  async function tapped() {
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, reducedMotion: 'reduce'});
    const page = await context.newPage();
    listenForErrors(page, world.errors);
    await page.addInitScript(() => {
      const Real = globalThis.WebSocket;
      globalThis.WebSocket = class extends Real {
        constructor(...given) {
          super(...given);
          globalThis.tapped = this;
        }
      };
      globalThis.inject = (text) => globalThis.tapped.dispatchEvent(new MessageEvent('message', {data: text}));
    });
    await page.goto(world.proxy.origin);
    await page.getByLabel(/user name/i).fill('admin');
    await page.getByLabel('Password').fill(adminPassword);
    await page.getByRole('button', {name: 'Log in'}).click();
    await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
    const inject = (message) => page.evaluate((text) => globalThis.inject(text), typeof message === 'string' ? message : JSON.stringify(message));
    return {page, context, inject};
  }

  story('the debug window shows every frame, in and out, with the whole of each', async () => {
    const {page, telltale} = world;
    await open();
    assert.ok(await pane().evaluate((element) => element.contains(document.activeElement)), 'it has the focus');
    await stateIs('live');
    await frame('initial_status').waitFor(patience);
    assert.equal(await frame('subscribe').first().getAttribute('data-direction'), 'out');
    const whole = page.getByRole('region', {name: 'Frame', exact: true});
    // While it is among the last 50 still: the first of all.
    await page.getByTestId('frames').focus();
    await page.keyboard.press('Home');
    await whole.getByText('connection', {exact: true}).waitFor(patience);
    await page.keyboard.press('End'); // and on with what comes
    await press('Ping');
    await frame('pong').first().waitFor(patience);
    assert.equal(await frame('ping').first().getAttribute('data-direction'), 'out');
    await telltale.call('flaky', 'forecast', {city: 'Leiden'});
    await frame('tool_result').first().waitFor(patience);
    await frame('tool_result').first().click();
    await whole.getByText('"tool": "forecast"').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByTestId('frames').focus();
    await page.keyboard.press('Escape');
    await whole.waitFor({...patience, state: 'detached'});
    assert.equal(await pane().count(), 1, 'the first Escape closes the frame only');
  });

  story('frames are filtered by type, direction and text; paused, resumed, cleared', async () => {
    const {page, telltale} = world;
    await open();
    await telltale.call('flaky', 'forecast', {city: 'Gouda'});
    await frame('operation').first().waitFor(patience);
    await pane().getByLabel('Type').selectOption('operation');
    await pane().getByLabel('Search the frames').fill('gouda');
    await frame('operation').first().waitFor(patience);
    assert.deepEqual(new Set(await page.locator('.frame').evaluateAll((all) => all.map((one) => one.dataset.type))), new Set(['operation']));
    await press('Pause');
    const before = await page.getByTestId('debug-count').textContent();
    await telltale.call('flaky', 'forecast', {city: 'Gouda'});
    await pane().getByRole('button', {name: /^Resume, \d+ new$/}).waitFor(patience);
    assert.equal(await page.getByTestId('debug-count').textContent(), before, 'paused, it stands still');
    await pane().getByRole('button', {name: /^Resume/}).click();
    await page.waitForFunction((old) => document.querySelector('[data-testid="debug-count"]').textContent !== old, before, patience);
    await pane().getByLabel('Search the frames').fill('');
    await pane().getByLabel('Type').selectOption('');
    await pane().getByLabel('Direction').selectOption('Sent');
    await frame('subscribe').first().waitFor(patience);
    assert.equal(await page.locator('.frame:not([data-direction="out"])').count(), 0);
    await press('Clear');
    await pane().getByText('No frame fits.').waitFor(patience);
    await pane().getByLabel('Direction').selectOption('Both ways');
    await page.locator('.frame').first().waitFor(patience); // the next health check
  });

  story('frames are copied and exported as they were', async () => {
    const {page} = world;
    await open();
    await frame('initial_status').waitFor(patience);
    await pane().getByLabel('Type').selectOption('initial_status');
    const download = page.waitForEvent('download', patience);
    await press('Export');
    const file = await download;
    assert.match(file.suggestedFilename(), /^telltale-frames-.*\.jsonl$/);
    const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.length, 1);
    assert.equal(lines[0].direction, 'in');
    assert.ok(JSON.parse(lines[0].frame).data.mcps.length >= world.telltale.names.length);
    await world.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {origin: world.proxy.origin});
    await press('Copy');
    await page.getByText('1 frame copied.').waitFor(patience);
    assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), lines[0]);
  });

  story('a broken connection is said, with why, and reconnect does not wait', async () => {
    const {page, proxy} = world;
    await open();
    proxy.cut();
    await stateIs('offline');
    await pane().getByTestId('debug-error').getByText(/1006|no access token/).waitFor(patience);
    await pane().getByText(/try \d+ in \d+ s/).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    proxy.mend();
    await press('Reconnect');
    await stateIs('live');
    await connectionIs('live');
    await pane().getByTestId('debug-error').getByText(/^Last error: /).waitFor(patience);
    await pane().getByLabel('Type').selectOption('initial_status');
    await page.waitForFunction(() => [...document.querySelectorAll('.frame')].every((one) => one.dataset.type === 'initial_status'), undefined, patience);
    const old = await frame('initial_status').count();
    await press('Reconnect');
    await page.waitForFunction((count) => document.querySelectorAll('.frame[data-type="initial_status"]').length > count, old, patience);
    await stateIs('live');
  });

  story('it floats, is dragged and resized by mouse, and stays where it was put', async () => {
    const {page} = world;
    await open();
    await press('Float');
    const start = await box();
    const title = await page.getByTestId('debug-title').boundingBox();
    await page.mouse.move(title.x + 120, title.y + 14);
    await page.mouse.down();
    await page.mouse.move(title.x + 220, title.y + 64, {steps: 5});
    await page.mouse.up();
    const moved = await box();
    assert.deepEqual([moved.x - start.x, moved.y - start.y], [100, 50]);
    const corner = await pane().getByRole('button', {name: 'Resize the window'}).boundingBox();
    await page.mouse.move(corner.x + 10, corner.y + 10);
    await page.mouse.down();
    await page.mouse.move(corner.x + 70, corner.y - 30, {steps: 5});
    await page.mouse.up();
    const resized = await box();
    assert.deepEqual([resized.width - moved.width, resized.height - moved.height], [60, -40]);
    assert.deepEqual(await axe(page), []);
    await page.reload();
    await pane().waitFor(patience);
    assert.deepEqual(await box(), resized, 'after a reload as well');
    await page.mouse.move(corner.x + 70, corner.y - 30);
    await page.mouse.down();
    await page.mouse.move(0, 0, {steps: 3});
    await page.mouse.up();
    const {width, height} = await box();
    assert.deepEqual([width, height], [300, 200], 'never smaller than can be used');
    await page.setViewportSize({width: 900, height: 600});
    const small = await box();
    assert.ok(small.x >= 0 && small.y >= 0 && small.x + small.width <= 900 && small.y + small.height <= 600, 'and wholly in the page');
    await page.setViewportSize({width: 1440, height: 900});
  });

  story('all of it with the keyboard alone', async () => {
    const {page} = world;
    await go('/servers');
    await connectionIs('live');
    await pane().waitFor(patience);
    await rowIs('everything', 'healthy');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('d');
    await pane().waitFor({...patience, state: 'detached'});
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Debug window', 'the focus is where it was opened');
    await page.keyboard.press('d');
    await pane().waitFor(patience);
    await tabTo(page, 'the move handle', () => document.activeElement?.getAttribute('aria-label') === 'Move the window');
    const before = await box();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ArrowDown');
    const moved = await box();
    assert.deepEqual([moved.x - before.x, moved.y - before.y], [-80, 16]);
    await tabTo(page, 'the resize handle', () => document.activeElement?.getAttribute('aria-label') === 'Resize the window');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowDown');
    const resized = await box();
    assert.deepEqual([resized.width - moved.width, resized.height - moved.height], [80, 16]);
    await tabTo(page, 'the dock button', () => document.activeElement?.textContent === 'Dock');
    await page.keyboard.press('Enter');
    const bar = page.getByRole('separator', {name: 'Height of the debug window'});
    await bar.waitFor(patience);
    await tabTo(page, 'the bar', () => document.activeElement?.getAttribute('role') === 'separator');
    const {height} = await box();
    await page.keyboard.press('ArrowUp');
    assert.equal((await box()).height, height + 16);
    await page.keyboard.press('Home');
    assert.equal((await box()).height, 200);
    await bar.dblclick();
    await page.keyboard.press('Escape');
    await pane().waitFor({...patience, state: 'detached'});
  });

  story('gaps are seen: what the server reports, and numbers that never came', async () => {
    const {page, context, inject} = await tapped();
    await page.keyboard.press('d');
    await page.getByTestId('frames').waitFor(patience);
    // With the window log lines come as well, so that no number is left out.
    await page.locator('.frame[data-direction="in"]').filter({hasText: '"channels":["logs"]'}).first().waitFor(patience);
    const {events_seq: last} = await world.telltale.api('/api/system');
    await inject({type: 'gap', data: {from_seq: last - 1, to_seq: last}});
    await frame('gap', page).waitFor(patience);
    await inject('{"type":"log","seq":');
    await frame('unreadable', page).waitFor(patience);
    await inject({type: 'log', seq: last + 1000, timestamp: new Date().toISOString(), data: {log_seq: 1e9, server: 'x', stream: 'stderr', level: 'info', message: 'far ahead', time: new Date().toISOString()}});
    await page.getByText(/\d+ not received: \d+–\d+/).first().waitFor(patience);
    await pane(page).getByTestId('debug-gaps').getByText(/^1 gap reported, [1-9]\d* numbers not received$/).waitFor(patience);
    await pane(page).getByLabel('Type').selectOption('gaps');
    assert.equal(await page.locator('.frame').count(), 2, 'found by one filter');
    assert.deepEqual(await axe(page), []);
    await context.close();
  });

  story('the last 50 are shown, older ones on demand, and 20,000 frames leave the page quick', async (t) => {
    const {page, context} = await tapped();
    await page.keyboard.press('d');
    await page.getByTestId('frames').waitFor(patience);
    await page.evaluate(() => {
      globalThis.frameTimes = [];
      let last = performance.now();
      const tick = (now) => { globalThis.frameTimes.push(now - last); last = now; requestAnimationFrame(tick); };
      requestAnimationFrame(tick);
    });
    const {events_seq: first} = await world.telltale.api('/api/system');
    const time = new Date().toISOString();
    const count = 20_000;
    await page.evaluate(({first, time, count}) => {
      let i = 0;
      const timer = setInterval(() => {
        for (let end = Math.min(i + 50, count); i < end; ) {
          ++i;
          globalThis.inject(JSON.stringify({type: 'log', seq: first + 100 + i, timestamp: time, data: {log_seq: 1e9 + i, server: 'x', stream: 'stderr', level: 'info', message: `line ${i}`, time}}));
        }
        if (i === count) clearInterval(timer);
      }, 10);
    }, {first, time, count});
    await page.locator('.frame').filter({hasText: `"line ${count}"`}).waitFor({timeout: 40_000});
    await page.getByTestId('debug-count').getByText('50 of 5 000').waitFor(patience);
    const {frames, nodes} = await page.evaluate(() => ({frames: globalThis.frameTimes.sort((a, b) => a - b), nodes: document.querySelectorAll('*').length}));
    t.diagnostic(`frames while 20,000 messages came: p50 ${frames[Math.floor(frames.length / 2)].toFixed(1)} ms, p95 ${frames[Math.floor(frames.length * 0.95)].toFixed(1)} ms; ${nodes} elements in the page`);
    assert.ok(nodes < 4000, `${nodes} elements`);
    await pane(page).getByRole('button', {name: /^Show older \(4 950 kept\)$/}).click();
    await page.getByTestId('debug-count').getByText('550 of 5 000').waitFor(patience);
    assert.ok((await page.locator('.frame').count()) < 100, 'only what is in view is in the page');
    await page.getByTestId('frames').focus();
    await page.keyboard.press('Home');
    // Real ones came meanwhile, so which line is the first of all is not known; the oldest shown are near it.
    await page.locator('.frame').filter({hasText: /"line 19[45]\d\d"/}).first().waitFor(patience);
    await pane(page).getByLabel('Search the frames').fill('"line 19999"');
    await page.getByTestId('debug-count').getByText('1 of 1').waitFor(patience);
    await context.close();
  });

  for (const colorScheme of ['dark', 'light'])
    story(`the debug window on a phone and in ${colorScheme}`, async () => {
      const {page} = world;
      await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
      await page.setViewportSize({width: 390, height: 844});
      await open();
      assert.equal(await pane().getAttribute('data-mode'), 'docked');
      await frame('initial_status').waitFor(patience);
      await page.getByTestId('frames').focus(); // a click would miss: new frames move the list
      await page.keyboard.press('Home');
      await page.getByRole('region', {name: 'Frame', exact: true}).waitFor(patience);
      assert.deepEqual(await axe(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      await page.getByRole('button', {name: 'Close the frame'}).click();
      await page.getByRole('button', {name: 'Close the debug window'}).click();
      await page.setViewportSize({width: 1440, height: 900});
      await page.emulateMedia({colorScheme: 'dark', reducedMotion: 'reduce'});
    });
}

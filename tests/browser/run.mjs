// A user's story in a real browser against a real server with the demo fleet: node --test tests/browser/run.mjs
//   TELLTALE_BIN          the binary (build/release/telltale)
//   UPDATE_SCREENSHOT=1   also writes docs/images/streams.png and others; overview.png is of ./dev gallery --docs
// The tests follow each other in one browser page, as a user's day does; each waits for what it wants to see, never for time.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';
import {accessStories} from './stories_access.mjs';
import {alertStories} from './stories_alerts.mjs';
import {debugStories} from './stories_debug.mjs';
import {fleetStories} from './stories_fleet.mjs';
import {labStories} from './stories_lab.mjs';
import {languageStories} from './stories_language.mjs';
import {lensStories} from './stories_lens.mjs';
import {oauthStories} from './stories_oauth.mjs';
import {overviewStories} from './stories_overview.mjs';
import {presenceStories} from './stories_presence.mjs';
import {publisherStories} from './stories_publisher.mjs';
import {recordStories} from './stories_records.mjs';
import {setupStories} from './stories_setup.mjs';
import {traceStories} from './stories_traces.mjs';
import {webrtcStories} from './stories_webrtc.mjs';
import {adminPassword, axe, isAlive, launchBrowser, listenForErrors, pictureOfFailure, Proxy, recordStatuses, tabTo, Telltale, within} from './harness.mjs';

const patience = {timeout: 15_000};
let telltale, proxy, browser, context, page;
const errors = [];

const row = (name) => page.getByTestId(`server-row-${name}`);
const rowIs = (name, status, options = patience) => page.locator(`[data-testid="server-row-${name}"][data-status="${status}"]`).waitFor(options);
const connectionIs = (state) => page.locator(`[data-testid="connection-state"][data-state="${state}"]`).waitFor(patience);
const tab = (name) => page.getByRole('tablist', {name: 'About this server'}).getByRole('tab', {name, exact: true});
const result = () => page.getByTestId('tool-result');
const go = (path) => page.goto(proxy.origin + path);
const action = (verb, name) => row(name).getByRole('button', {name: `${verb} ${name}`, exact: true});

async function openTool(server, tool) {
  await go(`/servers/${server}?tab=tools`);
  await page.getByRole('button', {name: tool, exact: true}).click(patience);
  await page.getByTestId('tool-run').waitFor(patience);
}
async function runTool(server, tool, fields = {}) {
  await openTool(server, tool);
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(new RegExp(`^${label}( \\*)?$`));
    if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption({label: String(value)});
    else await field.fill(String(value));
  }
  await page.getByTestId('tool-run').click();
}

before(async () => {
  telltale = await Telltale.start();
  proxy = await Proxy.to(telltale.origin);
  browser = await launchBrowser();
  context = await browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
  page = await context.newPage();
  listenForErrors(page, errors);
});

after(async () => {
  await browser?.close();
  proxy?.close();
  await telltale?.stop();
});

// node:test says a failure only after this hook; a picture costs little, and the last one of a failed test stays.
function story(name, body) {
  test(name, {timeout: 60_000}, async (t) => {
    try {
      await body(t);
    } catch (error) {
      const picture = page ? `\n  picture: ${await pictureOfFailure(page, name)}` : '';
      error.stack += `${picture}\n  the server's last lines:\n${telltale?.log.split('\n').slice(-15).join('\n')}`;
      throw error;
    }
  });
}

afterEach(() => {
  const found = errors.splice(0);
  assert.deepEqual(found, [], 'the page reported errors');
});

story('the one-time link logs in, once', async () => {
  await page.goto(telltale.loginLink.replace(telltale.origin, proxy.origin));
  await connectionIs('live');
  assert.equal(new URL(page.url()).hash, '', 'the code is gone from the address');
  const other = await (await browser.newContext()).newPage();
  await other.goto(telltale.loginLink.replace(telltale.origin, proxy.origin));
  await other.getByRole('alert').filter({hasText: /\S/}).waitFor(patience);
  assert.equal(await other.getByTestId('connection-state').count(), 0, 'the second use is refused');
  await other.context().close();
});

story('a password logs in too, and a wrong one does not', async () => {
  const other = await (await browser.newContext()).newPage();
  await other.goto(proxy.origin);
  await other.getByLabel(/user name/i).fill('admin');
  await other.getByLabel('Password').fill('wrong');
  await other.getByRole('button', {name: 'Log in'}).click();
  await other.getByRole('alert').filter({hasText: /\S/}).waitFor(patience);
  await other.getByLabel('Password').fill(adminPassword);
  await other.getByRole('button', {name: 'Log in'}).click();
  await other.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
  await other.reload();
  await other.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
  await other.context().close();
});

story('every server of the fleet becomes healthy by itself', async () => {
  await go('/servers');
  for (const name of telltale.names.filter((one) => one !== 'flaky')) await rowIs(name, 'healthy', {timeout: 30_000});
  await page.locator('[data-testid="server-row-flaky"]:is([data-status="healthy"],[data-status="degraded"])').waitFor(patience);
  await telltale.rememberPids();
});

story('a server shows its tools, resources and prompts', async () => {
  await go('/servers');
  await row('everything').getByRole('button', {name: 'everything', exact: true}).click(patience);
  await page.getByRole('heading', {name: 'everything'}).waitFor(patience);
  const record = await telltale.server('everything');
  await page.getByTestId('server-pid').filter({hasText: String(record.process.pid)}).waitFor(patience);
  await tab('Tools').click();
  for (const name of ['echo', 'get-sum', 'trigger-long-running-operation']) await page.getByRole('button', {name, exact: true}).waitFor(patience);
  await tab('Resources').click();
  await page.getByRole('tabpanel').getByRole('listitem').first().getByRole('button').click(patience);
  await page.getByRole('region', {name: 'Resource'}).locator('pre').first().waitFor(patience);
  await tab('Prompts').click();
  await page.getByRole('tabpanel').getByRole('button', {name: /arg/i}).first().click(patience);
  await page.getByLabel(/^city/).fill('Utrecht');
  await page.getByRole('button', {name: 'Get prompt'}).click();
  await page.getByRole('tabpanel').getByText(/Utrecht/).first().waitFor(patience);
});

story('a form made from the schema runs a tool', async () => {
  await runTool('everything', 'get-sum', {a: 19, b: 23});
  await result().getByText('42').first().waitFor(patience);
  await runTool('everything', 'get-structured-content', {location: 'Chicago'});
  await result().getByText('Structured content').waitFor(patience);
  await result().getByText('"temperature"').first().waitFor(patience);
});

story('a failing tool is shown as failed', async () => {
  await runTool('flaky', 'divide', {a: 1, b: 0});
  await page.locator('[data-testid="tool-result"][data-error="true"]').getByText('cannot divide by zero').first().waitFor(patience);
  const {calls} = await telltale.server('flaky');
  assert.ok(calls.failed >= 1, 'and counted as failed');
});

story('a picture is shown as a picture', async () => {
  await runTool('flaky', 'chart');
  const image = result().locator('img').first();
  await image.waitFor(patience);
  await page.waitForFunction((element) => element.complete && element.naturalWidth === 240, await image.elementHandle(), patience);
});

story('a long call shows its progress and can be cancelled', async () => {
  await runTool('everything', 'trigger-long-running-operation', {duration: 60, steps: 240});
  await page.getByTestId('tool-progress').getByText(/[1-9]\d* of 240/).waitFor(patience);
  await page.getByTestId('tool-cancel').click();
  await result().getByText(/cancel/i).waitFor(patience);
  const {items} = await telltale.api('/api/operations?limit=20');
  assert.equal(items.find((one) => one.operation === 'fleet.tool_call')?.status, 'canceled');
});

story('a tool that asks is answered', async () => {
  await runTool('everything', 'trigger-elicitation-request');
  const question = page.getByRole('region', {name: 'The tool asks'});
  await question.waitFor(patience);
  await question.getByRole('button', {name: 'Decline'}).click();
  await result().getByText(/declined/i).first().waitFor(patience);
});

story('log lines arrive while one looks', async () => {
  await go('/servers/flaky?tab=logs');
  await page.getByLabel('Search the log').fill('call forecast');
  await telltale.call('flaky', 'forecast', {city: 'Delft'});
  await page.getByTestId('log-viewer').getByText('call forecast').first().waitFor(patience);
});

story('stop, start, restart, reload and test do what they say', async () => {
  await go('/servers');
  await rowIs('memory', 'healthy');
  const before = (await telltale.server('memory')).process.pid;
  await action('Stop', 'memory').click(patience);
  await rowIs('memory', 'stopped');
  assert.equal(isAlive(before), false, 'the process is gone when the page says stopped');
  await action('Start', 'memory').click(patience);
  await rowIs('memory', 'healthy');
  const started = (await telltale.server('memory')).process.pid;
  assert.notEqual(started, before);
  await action('Restart', 'memory').click(patience);
  await page.getByText('memory: restart confirmed').waitFor(patience);
  assert.notEqual((await telltale.server('memory')).process.pid, started);
  assert.equal(isAlive(started), false);
  await action('Reload', 'memory').click(patience);
  await page.getByText('memory: reload confirmed').waitFor(patience);
  await action('Test', 'memory').click(patience);
  await page.getByText(/memory answered the test in \d+ ms/).waitFor(patience);
});

story('a killed server is seen within a second, and comes back', async () => {
  await go('/servers');
  await rowIs('filesystem', 'healthy');
  const {process: old} = await telltale.server('filesystem');
  await recordStatuses(page, 'filesystem');
  const killedAt = Date.now();
  process.kill(old.pid, 'SIGKILL');
  await page.waitForFunction(() => globalThis.statusesSeen.length > 1, undefined, {timeout: 5000});
  const [, first] = await page.evaluate(() => globalThis.statusesSeen);
  assert.notEqual(first.status, 'healthy');
  assert.ok(first.at - killedAt < 1000, `seen after ${first.at - killedAt} ms`);
  await rowIs('filesystem', 'healthy', {timeout: 30_000});
  const back = await telltale.server('filesystem');
  assert.notEqual(back.process.pid, old.pid);
  assert.ok(back.restarts >= 1);
});

story('a cut connection comes back and has missed nothing', async () => {
  await go('/servers/flaky?tab=logs');
  await connectionIs('live');
  await page.getByLabel('Search the log').fill('call slow_count');
  await telltale.call('flaky', 'slow_count', {to: 1, pause_ms: 10});
  await page.getByTestId('log-count').filter({hasText: /^1 of \d+ lines$/}).waitFor(patience);
  proxy.cut();
  await connectionIs('offline');
  for (let i = 0; i < 5; ++i) await telltale.call('flaky', 'slow_count', {to: 1, pause_ms: 10});
  await telltale.api('/api/servers/sequential-thinking/stop', {method: 'POST', body: {}});
  proxy.mend();
  await connectionIs('live');
  await page.getByTestId('log-count').filter({hasText: /^6 of \d+ lines$/}).waitFor(patience);
  await page.getByRole('button', {name: 'Close'}).click();
  await rowIs('sequential-thinking', 'stopped');
  await telltale.api('/api/servers/sequential-thinking/start', {method: 'POST', body: {}});
  await rowIs('sequential-thinking', 'healthy');
});

story('everything can be done with the keyboard alone', async () => {
  await go('/servers');
  await connectionIs('live');
  await rowIs('everything', 'healthy');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', {name: 'Command'}).waitFor(patience);
  await page.keyboard.type('tools of everything');
  await page.getByRole('listbox', {name: 'Commands'}).getByText('Tools of everything', {exact: true}).waitFor(patience);
  await page.keyboard.press('Enter');
  await page.getByRole('button', {name: 'echo', exact: true}).waitFor(patience);
  await tabTo(page, 'the tool echo', () => document.activeElement?.textContent === 'echo');
  await page.keyboard.press('Enter');
  await page.getByTestId('tool-run').waitFor(patience);
  await tabTo(page, 'the field of the message', () => document.activeElement?.matches('article input, article textarea') ?? false);
  await page.keyboard.type('by hand');
  await page.keyboard.press('Enter');
  await result().getByText('by hand').first().waitFor(patience);
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => !url.pathname.startsWith('/servers/'), patience);
});

// The stories of one room each; they find the page as the stories before left it.
const world = {story, openTool, firstServer: () => telltale.fleet.memory, patience, go, row, rowIs, connectionIs, errors, get page() { return page; }, get telltale() { return telltale; }, get proxy() { return proxy; }, get browser() { return browser; }};
fleetStories(world);
overviewStories(world);
presenceStories(world);
debugStories(world);
accessStories(world);
recordStories(world);
traceStories(world);
oauthStories(world);
webrtcStories(world);
publisherStories(world);
lensStories(world);
labStories(world);
alertStories(world);
setupStories(world);
languageStories(world);

const pages = [
  {path: '/', ready: () => page.locator('[data-ready="true"] .uplot').first().waitFor(patience)},
  {path: '/servers', ready: () => row('everything').waitFor(patience)},
  {path: '/nowhere', ready: () => page.getByRole('heading', {name: 'Nothing is here'}).waitFor(patience)},
  {path: '/servers/everything', ready: () => page.getByTestId('server-pid').waitFor(patience)},
  {path: '/servers/everything?tab=tools&tool=get-sum', ready: () => page.getByTestId('tool-run').waitFor(patience)},
  {path: '/servers/flaky?tab=logs', ready: () => page.getByTestId('log-viewer').waitFor(patience)},
  {path: '/logs', ready: () => page.getByTestId('log-viewer').waitFor(patience)},
  {path: '/operations', ready: () => page.getByRole('table').first().waitFor(patience)},
  {path: '/traces?range=24h', ready: () => page.getByTestId('trace-list').waitFor(patience)},
  {path: '/tests', ready: () => page.getByTestId('suite-everything story').waitFor(patience)},
  {path: '/tests/suite/new', ready: () => page.getByRole('textbox', {name: 'Suite'}).waitFor(patience)},
  {path: '/tests/runs', ready: () => page.getByTestId('run-row').first().waitFor(patience)},
  {path: '/benchmarks', ready: () => page.getByRole('combobox', {name: /^Suite/}).waitFor(patience)},
  {path: '/analytics', ready: () => page.getByTestId('query-told').waitFor(patience)},
  {path: '/analytics/latency', ready: () => page.locator('.bars path').first().waitFor(patience)},
  {path: '/analytics/heatmap', ready: () => page.getByRole('region', {name: 'Heatmap'}).waitFor(patience)},
  {path: '/analytics/slowest', ready: () => page.getByRole('region', {name: 'Slowest tools'}).waitFor(patience)},
  {path: '/analytics/change', ready: () => page.getByRole('button', {name: 'Compare'}).waitFor(patience)},
  {path: '/alerts', ready: () => page.getByRole('heading', {name: 'Alerts'}).waitFor(patience)},
  {path: '/alerts/rules', ready: () => page.getByTestId('rule-server_down').waitFor(patience)},
  {path: '/alerts/channels', ready: () => page.getByTestId('channel-Browsers').waitFor(patience)},
  {path: '/reports', ready: () => page.getByRole('button', {name: 'New report'}).waitFor(patience)},
  {path: '/reports/schedules', ready: () => page.getByTestId('schedule-nightly').waitFor(patience)},
  {path: '/audit', ready: () => page.getByTestId('audit-list').waitFor(patience)},
  ...['retention', 'configuration', 'backups', 'appearance', 'about'].map((room) => ({path: `/settings/${room}`, ready: () => page.getByRole('region', {name: `${room[0].toUpperCase()}${room.slice(1)}, settings`, exact: true}).waitFor(patience)})),
  {path: '/access/users', ready: () => page.getByTestId('user-admin').waitFor(patience)},
  {path: '/access/roles', ready: () => page.getByTestId('role-admin').waitFor(patience)},
  {path: '/access/tokens', ready: () => page.getByText('No tokens yet.').waitFor(patience)},
  {path: '/access/sessions', ready: () => page.getByTestId('session').first().waitFor(patience)},
  {path: '/system', ready: () => page.getByRole('table').first().waitFor(patience)},
  {path: '/docs', ready: () => page.getByText('/api/servers/{id}/tools', {exact: true}).waitFor(patience)},
  {path: '/add', ready: () => page.getByRole('form', {name: 'New server'}).waitFor(patience)},
  {path: '/account', ready: () => page.getByRole('form', {name: 'Change password'}).waitFor(patience)},
];
for (const colorScheme of ['dark', 'light'])
  for (const width of [1440, 390])
    story(`accessible and within the window: ${colorScheme}, ${width} px`, async () => {
      await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
      await page.setViewportSize({width, height: 900});
      const found = [];
      for (const {path, ready} of pages) {
        await go(path);
        await ready();
        found.push(...(await axe(page)).map((one) => `${path}: ${one}`));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (overflow > 0) found.push(`${path}: the page is ${overflow} px wider than the window`);
      }
      assert.deepEqual(found, []);
    });

story('the login page is accessible', async () => {
  const other = await (await browser.newContext({viewport: {width: 390, height: 800}})).newPage();
  await other.goto(proxy.origin);
  await other.getByRole('button', {name: 'Log in'}).waitFor(patience);
  assert.deepEqual(await axe(other), []);
  await other.context().close();
});

story('it ends cleanly and leaves no process behind', async () => {
  const pids = await telltale.rememberPids();
  assert.deepEqual(await telltale.stop(), {code: 0, signal: null});
  await within(5000, 'every child is gone', Promise.all([...pids].map((pid) => assert.equal(isAlive(pid), false, `process ${pid} outlived the server`))));
});

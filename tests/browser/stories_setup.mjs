// The very first start: the link, a password, the first server; on a Telltale of its own, without a fleet.
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {axe, listenForErrors, Telltale} from './harness.mjs';

// What a person does, counted: a click, a field filled, a key. Each waits until what it is for is there.
class Steps {
  count = 0;
  constructor(patience) { this.patience = patience; }
  async click(target) { await target.click(this.patience); this.count++; }
  async fill(target, text) { await target.fill(text, this.patience); this.count++; }
  async press(page, key) { await page.keyboard.press(key); this.count++; }
}

export function setupStories(world) {
  const {story, patience} = world;

  story('the first start leads from the link to a password and the first server', async () => {
    const fresh = await Telltale.start({fresh: true});
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
    try {
      const page = await context.newPage();
      listenForErrors(page, world.errors);
      await page.goto(fresh.loginLink);
      await page.getByRole('heading', {name: 'Choose your password'}).waitFor(patience);
      assert.deepEqual(await axe(page), []);
      await page.getByLabel('New password').fill('the first password');
      await page.getByLabel('The same again').fill('another password');
      await page.getByRole('button', {name: 'Set password'}).click();
      await page.getByText('is not the same').waitFor(patience);
      await page.getByLabel('The same again').fill('the first password');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', {name: 'Add your first server'}).waitFor(patience);
      await page.getByLabel('Name', {exact: true}).fill('first');
      await page.getByRole('textbox', {name: 'Command'}).fill('"unclosed');
      await page.getByRole('button', {name: 'Add and watch it start'}).click();
      await page.getByText('the quote " is not closed').waitFor(patience);
      const {command, args} = world.firstServer();
      await page.getByRole('textbox', {name: 'Command'}).fill([command, ...args].map((one) => `'${one}'`).join(' '));
      assert.deepEqual(await axe(page), []);
      for (const width of [390, 1440]) {
        await page.setViewportSize({width, height: 844});
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      }
      await page.getByRole('button', {name: 'Add and watch it start'}).click();
      await page.getByRole('heading', {name: 'It starts'}).waitFor(patience);
      await page.locator('[data-testid="starting-first"][data-status="healthy"]').waitFor(patience);
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', {name: 'Show it'}).click();
      await page.locator('[data-testid="server-row-first"][data-status="healthy"]').waitFor(patience);
      await page.getByRole('heading', {name: 'first'}).waitFor(patience);
      await page.getByTestId('server-pid').waitFor(patience);
      const again = await fetch(`${fresh.origin}/api/auth/login`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({username: 'admin', password: 'the first password'})});
      assert.equal(again.status, 200, 'the password is in force');
      assert.equal((await again.json()).user.must_change_password, false);
      await page.reload();
      await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
      assert.equal(await page.getByText('Choose your password').count(), 0, 'setup is done once');
    } finally {
      await context.close();
      assert.deepEqual(await fresh.stop(), {code: 0, signal: null});
    }
  });

  story('setup can be left for later', async () => {
    const fresh = await Telltale.start({fresh: true});
    const context = await world.browser.newContext({viewport: {width: 390, height: 844}, colorScheme: 'light', reducedMotion: 'reduce'});
    try {
      const page = await context.newPage();
      listenForErrors(page, world.errors);
      await page.goto(fresh.loginLink);
      await page.getByRole('button', {name: 'Later'}).click(patience);
      await page.getByRole('heading', {name: 'Add your first server'}).waitFor(patience);
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', {name: /^Skip/}).click();
      await page.getByRole('heading', {name: 'No servers yet', exact: true}).waitFor(patience);
      await page.getByRole('link', {name: 'Choose your own'}).waitFor(patience);
      assert.deepEqual(await axe(page), []);
    } finally {
      await context.close();
      await fresh.stop();
    }
  });

  async function firstLogin(fresh, options = {}) {
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce', ...options});
    const page = await context.newPage();
    listenForErrors(page, world.errors);
    const steps = new Steps(patience);
    await page.goto(fresh.loginLink);
    steps.count++; // opening the link
    await steps.fill(page.getByLabel('New password'), 'the first password');
    await steps.fill(page.getByLabel('The same again'), 'the first password');
    await steps.press(page, 'Enter');
    await page.getByRole('heading', {name: 'Add your first server'}).waitFor(patience);
    return {context, page, steps};
  }
  const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 60) ?? '');

  story('setup picks a found configuration: five steps from the link to healthy', async () => {
    const fresh = await Telltale.start({fresh: true});
    const {command, args} = world.firstServer();
    mkdirSync(join(fresh.state, '.cursor'));
    writeFileSync(join(fresh.state, '.cursor/mcp.json'), JSON.stringify({mcpServers: {notes: {command, args, env: {NOTES_KEY: 'hush'}}, asks: {command: 'x', args: ['${input:key}']}}}));
    mkdirSync(join(fresh.state, '.codeium/windsurf'), {recursive: true});
    writeFileSync(join(fresh.state, '.codeium/windsurf/mcp_config.json'), '{ nonsense');
    const began = Date.now();
    const {context, page, steps} = await firstLogin(fresh);
    try {
      const cursor = page.getByRole('region', {name: 'Cursor'});
      await cursor.getByText('.cursor/mcp.json').waitFor(patience);
      await cursor.getByText('with values for NOTES_KEY').waitFor(patience);
      await cursor.getByText(/needs \$\{input:key\}/).waitFor(patience);
      await page.getByRole('region', {name: 'Windsurf'}).getByText(/not valid JSON/).waitFor(patience);
      assert.equal(await page.getByText('hush').count(), 0, 'no secret is shown');
      assert.equal(await cursor.getByRole('checkbox', {name: /^notes/}).isChecked(), true);
      assert.equal(await cursor.getByRole('checkbox', {name: /^asks/}).isDisabled(), true);
      assert.deepEqual(await axe(page), []);
      await steps.click(cursor.getByRole('button', {name: 'Add this server and watch'}));
      await page.locator('[data-testid="starting-notes"][data-status="healthy"]').waitFor(patience);
      assert.equal(steps.count, 5, 'link, password twice, Enter, one click');
      assert.ok(Date.now() - began < 60_000, `within a minute: ${Date.now() - began} ms`);
      await page.getByText('It is healthy.').waitFor(patience);
      await steps.click(page.getByRole('button', {name: 'Show it'}));
      await page.locator('[data-testid="server-row-notes"][data-status="healthy"]').waitFor(patience);
    } finally {
      await context.close();
      await fresh.stop();
    }
  });

  story('setup takes a pasted mcp.json, is left and taken up again by keys', async () => {
    const fresh = await Telltale.start({fresh: true});
    const {context, page, steps} = await firstLogin(fresh);
    try {
      await page.getByText(/^No configuration of Claude Desktop/).waitFor(patience);
      await page.getByRole('button', {name: /^Skip/}).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', {name: 'No servers yet', exact: true}).waitFor(patience);
      await page.waitForFunction(() => document.activeElement?.id === 'main', undefined, patience);
      await page.keyboard.press('g');
      await page.keyboard.press('1');
      await page.getByRole('heading', {name: 'Add your first server'}).waitFor(patience);
      assert.equal(await focused(page), 'Add your first server', 'the heading has the focus');
      assert.equal(new URL(page.url()).pathname, '/setup');
      assert.deepEqual(await axe(page), []);
      await page.goto(`${fresh.origin}/`);
      await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
      await page.getByRole('button', {name: 'Menu of admin'}).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('link', {name: 'First steps', exact: true}).first().waitFor(patience);
      await page.locator('#user-menu').getByRole('link', {name: 'First steps'}).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', {name: 'Add your first server'}).waitFor(patience);
      steps.count = 0;
      await steps.click(page.getByText('Paste a fleet file'));
      await steps.fill(page.getByLabel('Definition'), `// mine\n${JSON.stringify({mcpServers: {pasted: world.firstServer()}})}`);
      await steps.click(page.getByRole('button', {name: 'Add and watch it start'}));
      await page.locator('[data-testid="starting-pasted"][data-status="healthy"]').waitFor(patience);
      assert.equal(steps.count, 3);
      await page.getByRole('button', {name: 'Show it'}).click();
      await page.locator('[data-testid="server-row-pasted"][data-status="healthy"]').waitFor(patience);
    } finally {
      await context.close();
      await fresh.stop();
    }
  });
}

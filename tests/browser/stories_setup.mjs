// The very first start: the link, a password, the first server; on a Telltale of its own, without a fleet.
import assert from 'node:assert/strict';
import {axe, listenForErrors, Telltale} from './harness.mjs';

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
}

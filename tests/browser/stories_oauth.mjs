// A protected server, authorized in the browser: the authorization server is npm's oidc-provider.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {adminPassword, axe, within} from './harness.mjs';
import {root, testRun} from '../support/telltale.mjs';

export function oauthStories(world) {
  const {story, patience} = world;

  story('a protected server waits, is authorized with consent, and given up', async () => {
    const {telltale, browser} = world;
    const guarded = spawn(process.execPath, [join(root, 'tests/support/servers/protected.mjs')], {stdio: ['pipe', 'pipe', 'ignore'], env: {PATH: process.env.PATH, ...testRun}});
    const context = await browser.newContext({viewport: {width: 1440, height: 900}, reducedMotion: 'reduce'});
    try {
      const [line] = await within(30_000, 'the protected server', once(guarded.stdout, 'data'));
      await telltale.api('/api/servers', {method: 'POST', body: {name: 'guarded', url: JSON.parse(line).mcp}});
      const page = await context.newPage();
      await page.goto(`${telltale.origin}/servers/guarded`);
      await page.getByLabel(/user name/i).fill('admin');
      await page.getByLabel('Password').fill(adminPassword);
      await page.getByRole('button', {name: 'Log in'}).click();
      const state = (word) => page.locator(`[data-testid="server-authorization"][data-state="${word}"]`).waitFor(patience);
      await state('required');
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', {name: 'Authorize'}).click();
      await page.locator('input[name=login]').fill('ada', patience);
      await page.locator('input[name=password]').fill('any');
      await page.locator('button[type=submit]').click();
      await page.locator('input[name=prompt][value=consent]').waitFor({...patience, state: 'attached'});
      await page.locator('button[type=submit]').click();
      await page.waitForURL(`${telltale.origin}/servers/guarded`, patience);
      await state('authorized');
      await page.locator('[data-testid="server-row-guarded"][data-status="healthy"]').waitFor(patience);
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', {name: 'Give up'}).click();
      await state('required');
      await page.goto(`${telltale.origin}/oauth/callback?state=made-up&code=x`);
      await page.getByText(/carries a state that no authorization waits for/).waitFor(patience);
      assert.equal(new URL(page.url()).search, '', 'the code is in no history');
      assert.deepEqual(await axe(page), []);
    } finally {
      await context.close();
      await telltale.api('/api/servers/guarded', {method: 'DELETE'});
      guarded.stdin.end();
    }
  });
}

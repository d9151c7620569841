// Users, roles, tokens, sessions; what a role may not do; what happens when a session ends.
import assert from 'node:assert/strict';
import {adminPassword, axe, listenForErrors, tabTo} from './harness.mjs';

const veraPassword = 'a password for vera';

export function accessStories(world) {
  const {story, patience, go, row, rowIs} = world;
  const sheet = (name, page = world.page) => page.getByRole('dialog', {name});
  const user = (name) => world.page.getByTestId(`user-${name}`);

  async function logIn(name, password) {
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
    const page = await context.newPage();
    listenForErrors(page, world.errors);
    await page.goto(`${world.proxy.origin}/servers`);
    await enter(page, name, password);
    await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
    return page;
  }
  async function enter(page, name, password) {
    await page.getByLabel(/user name/i).fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', {name: 'Log in'}).click();
  }

  story('a user is added, what is wrong stands at its field; then changed and disabled', async () => {
    const {page, telltale} = world;
    await go('/access');
    await user('admin').waitFor(patience);
    await page.getByRole('button', {name: 'New user'}).click();
    const form = sheet('New user');
    await form.getByLabel('User name').fill('Admin');
    await form.getByRole('button', {name: 'Make one up'}).click();
    assert.ok((await form.getByLabel('Password', {exact: true}).inputValue()).length >= 20);
    await form.getByRole('button', {name: 'Add user'}).click();
    await form.locator('.fault').filter({hasText: /\S/}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await form.getByLabel('User name').fill('vera');
    await form.getByLabel('Password', {exact: true}).fill(veraPassword);
    await form.getByRole('button', {name: 'Add user'}).click();
    await user('vera').getByText('viewer').waitFor(patience);
    await page.getByRole('button', {name: 'Change vera'}).click();
    await sheet('User vera').getByLabel('E-mail (optional)').fill('vera@example.org');
    await sheet('User vera').getByRole('button', {name: 'Save'}).click();
    await user('vera').getByText('vera@example.org').waitFor(patience);
    await page.getByRole('button', {name: 'Disable vera'}).click();
    await user('vera').getByText('Disabled').waitFor(patience);
    const refused = await fetch(`${telltale.origin}/api/auth/login`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({username: 'vera', password: veraPassword})});
    assert.equal(refused.status >= 400, true, 'a disabled user cannot log in');
    await page.getByRole('button', {name: 'Enable vera'}).click();
    await user('vera').getByText('Active').waitFor(patience);
    await page.getByRole('button', {name: 'Disable admin'}).click({force: true}); // it is out of reach, and says why
    await page.getByText('Nobody disables himself.').waitFor(patience);
    assert.equal(await user('admin').getByText('Active').count(), 1);
  });

  story('what a viewer may not do is out of reach and says why', async () => {
    const page = await logIn('vera', veraPassword);
    await page.locator('[data-testid="server-row-memory"][data-status="healthy"]').waitFor(patience);
    const stop = page.getByRole('button', {name: 'Stop memory', exact: true});
    assert.equal(await stop.getAttribute('aria-disabled'), 'true');
    await tabTo(page, 'the stop button', () => document.activeElement?.getAttribute('aria-label') === 'Stop memory');
    await page.keyboard.press('Enter');
    await page.getByText('Your role viewer lacks fleet:operate.').waitFor(patience);
    assert.equal((await world.telltale.server('memory')).health_status, 'healthy');
    await page.getByRole('checkbox', {name: 'Select memory', exact: true}).click();
    assert.equal(await page.getByRole('region', {name: 'Selected servers'}).getByRole('button', {name: /^Restart /}).getAttribute('aria-disabled'), 'true');
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', {name: 'Add server'}).click({force: true});
    await page.getByText('Your role viewer lacks fleet:define.').waitFor(patience);
    await page.goto(`${world.proxy.origin}/servers/everything?tab=tools&tool=echo`);
    await page.getByTestId('tool-run').waitFor(patience);
    assert.equal(await page.getByTestId('tool-run').getAttribute('title'), 'Your role viewer lacks tools:call');
    await page.getByLabel(/^message/).fill('x');
    await page.keyboard.press('Enter');
    await page.goto(`${world.proxy.origin}/access/users`);
    await page.getByText('Your role viewer lacks users:manage, so users are not shown.').waitFor(patience);
    assert.equal(await page.getByTestId('tool-result').count(), 0);
    await page.context().close();
  });

  story('a new role is in force without logging in again; a disabled user is led to the login, and back', async () => {
    const {page} = world;
    const hers = await logIn('vera', veraPassword);
    await hers.locator('[data-testid="server-row-memory"]').waitFor(patience);
    await go('/access/users');
    await page.getByRole('button', {name: 'Change vera'}).click();
    await sheet('User vera').getByLabel('Role').selectOption('operator');
    await sheet('User vera').getByRole('button', {name: 'Save'}).click();
    await user('vera').getByText('operator').waitFor(patience);
    const stop = hers.getByRole('button', {name: 'Stop memory', exact: true});
    if ((await stop.getAttribute('aria-disabled')) === 'true') await stop.click({force: true}); // what is refused is asked again
    await hers.waitForFunction(() => document.querySelector('[aria-label="Stop memory"]')?.getAttribute('aria-disabled') === null, undefined, patience);
    await hers.getByRole('button', {name: 'Test memory', exact: true}).click();
    await hers.getByText(/memory answered the test in \d+ ms/).waitFor(patience);
    await hers.getByRole('link', {name: 'Operations'}).click();
    await hers.getByRole('heading', {name: 'Operations'}).waitFor(patience);
    await page.getByRole('button', {name: 'Disable vera'}).click();
    await user('vera').getByText('Disabled').waitFor(patience);
    await hers.getByText('Your session has ended, or was ended by somebody.').waitFor(patience);
    assert.deepEqual(await axe(hers), []);
    await page.getByRole('button', {name: 'Enable vera'}).click();
    await user('vera').getByText('Active').waitFor(patience);
    await enter(hers, 'vera', veraPassword);
    await hers.getByRole('heading', {name: 'Operations'}).waitFor(patience);
    await hers.context().close();
  });

  story('a role of one\'s own is made, tried against the fleet, changed and deleted', async () => {
    const {page} = world;
    await go('/access/roles');
    await page.getByTestId('role-viewer').getByText('built in', {exact: true}).first().waitFor(patience);
    await page.getByRole('button', {name: 'New role'}).click();
    const form = sheet('New role');
    await form.getByLabel('Name', {exact: true}).fill('memory-keeper');
    await form.getByLabel('Description').fill('Runs what has memory');
    await form.getByRole('checkbox', {name: /^fleet:operate/}).check();
    await form.getByRole('textbox', {name: 'Servers'}).fill('mem*');
    await form.getByText('Now: memory').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Save role'}).click();
    const role = page.getByTestId('role-memory-keeper');
    await role.getByText(/fleet:operate.* on servers mem\*/).waitFor(patience);
    await page.getByRole('button', {name: 'Change the role memory-keeper'}).click();
    await sheet('Role memory-keeper').getByRole('button', {name: 'Another grant'}).click();
    await sheet('Role memory-keeper').getByRole('group', {name: 'Permissions of grant 2'}).getByRole('checkbox', {name: /^tools:call/}).check();
    await sheet('Role memory-keeper').getByRole('textbox', {name: 'Tools'}).last().fill('read_*, list_*');
    await sheet('Role memory-keeper').getByRole('button', {name: 'Save role'}).click();
    await role.getByText('tools:call on every server, tools read_*, list_*').waitFor(patience);
    const {id} = (await world.telltale.api('/api/users')).items.find((one) => one.username === 'vera');
    await world.telltale.api(`/api/users/${id}`, {method: 'PUT', body: {role: 'memory-keeper'}});
    const hers = await logIn('vera', veraPassword);
    await hers.locator('[data-testid="server-row-memory"][data-status="healthy"]').waitFor(patience);
    assert.equal(await hers.getByRole('button', {name: 'Stop memory', exact: true}).getAttribute('aria-disabled'), null);
    const others = hers.getByRole('button', {name: /^Stop (?!memory)/});
    for (const one of await others.all()) assert.equal(await one.getAttribute('aria-disabled'), 'true');
    await hers.context().close();
    await world.telltale.api(`/api/users/${id}`, {method: 'PUT', body: {role: 'viewer'}});
    await page.getByRole('button', {name: 'Delete the role memory-keeper'}).click();
    await sheet('Delete the role memory-keeper?').getByRole('button', {name: 'Delete role'}).click();
    await role.waitFor({...patience, state: 'detached'});
  });

  story('a token is made, shown once, and revoked', async () => {
    const {page, telltale} = world;
    await go('/access/tokens');
    await page.getByText('No tokens yet.').waitFor(patience);
    await page.getByRole('button', {name: 'New token'}).click();
    const form = sheet('New token');
    await form.getByLabel('Name').fill('backup');
    await form.getByLabel('Ends after').selectOption('30 days');
    await form.getByLabel('only this').check();
    await form.getByRole('button', {name: 'Make token'}).click();
    await form.getByText('Choose at least one').waitFor(patience);
    await form.getByRole('checkbox', {name: 'fleet:read'}).check();
    assert.deepEqual(await axe(page), []);
    await form.getByRole('button', {name: 'Make token'}).click();
    const text = await page.getByTestId('token-text').textContent(patience);
    assert.match(text, /^tt_\S{20,}$/);
    assert.deepEqual(await axe(page), []);
    const use = () => fetch(`${telltale.origin}/api/servers`, {headers: {authorization: `Bearer ${text}`}});
    assert.equal((await use()).status, 200);
    await page.getByRole('button', {name: 'I have it'}).click();
    const token = page.getByTestId('token-backup');
    await token.getByText('fleet:read').waitFor(patience);
    await token.getByText('in 30 d').waitFor(patience);
    assert.equal((await page.content()).includes(text), false, 'it is in the page no more');
    await page.getByRole('button', {name: 'Revoke backup'}).click();
    await sheet('Revoke backup?').getByRole('button', {name: 'Revoke token'}).click();
    await token.waitFor({...patience, state: 'detached'});
    assert.equal((await use()).status, 401);
  });

  story('sessions are listed and ended', async () => {
    const {page} = world;
    const other = await logIn('admin', adminPassword);
    await go('/access/sessions');
    await page.locator('[data-testid="session"][data-current="true"]').waitFor(patience);
    const count = () => page.locator('[data-testid="session"][data-user="admin"]').count();
    assert.ok((await count()) >= 2);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', {name: /^End my other sessions/}).click();
    await page.getByText(/sessions? ended\./).waitFor(patience);
    world.telltale.forgetLogin();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="session"][data-user="admin"]').length === 1, undefined, patience);
    await other.getByText('Your session has ended, or was ended by somebody.').waitFor(patience);
    await other.context().close();
  });

  story('a user is deleted after a question, with the keyboard alone', async () => {
    const {page} = world;
    await go('/access/users');
    await user('vera').waitFor(patience);
    await tabTo(page, 'the delete button', () => document.activeElement?.getAttribute('aria-label') === 'Delete vera');
    await page.keyboard.press('Enter');
    await sheet('Delete vera?').waitFor(patience);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({...patience, state: 'detached'}); // not only closed: gone
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Delete vera', 'the focus is back');
    await page.keyboard.press('Enter');
    await sheet('Delete vera?').waitFor(patience);
    await tabTo(page, 'the button that deletes', () => document.activeElement?.textContent === 'Delete user');
    await page.keyboard.press('Enter');
    await user('vera').waitFor({...patience, state: 'detached'});
    assert.equal((await world.telltale.api('/api/users')).items.some((one) => one.username === 'vera'), false);
    await go('/servers');
    await row('memory').waitFor(patience);
    await rowIs('memory', 'healthy');
  });
}

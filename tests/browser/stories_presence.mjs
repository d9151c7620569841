// Two people in two browsers: each sees the other, their cursor, what they write on charts and say; one follows the other; and off.
import assert from 'node:assert/strict';
import {axe, listenForErrors} from './harness.mjs';

const password = 'a password for ada';

export function presenceStories(world) {
  const {story, patience, go, connectionIs} = world;
  let ada; // the other's page
  const face = (page, user) => page.locator('#people-menu .person').filter({hasText: user});
  const openPeople = async (page) => {
    if (!(await page.locator('#people-menu').isVisible())) await page.locator('.people-button').click();
  };
  const other = async () => {
    if (ada) return ada;
    await world.telltale.api('/api/users', {method: 'POST', body: {username: 'ada', password, role: 'operator'}});
    const context = await world.browser.newContext({viewport: {width: 1100, height: 800}, colorScheme: 'light', reducedMotion: 'reduce'});
    ada = await context.newPage();
    listenForErrors(ada, world.errors);
    await ada.goto(`${world.proxy.origin}/servers`);
    await ada.getByLabel(/user name/i).fill('ada');
    await ada.getByLabel('Password').fill(password);
    await ada.getByRole('button', {name: 'Log in'}).click();
    await ada.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
    return ada;
  };

  story('presence: each sees the other and where, and a cursor lands on the same row at another width', async () => {
    const {page} = world;
    await go('/servers');
    await connectionIs('live');
    const there = await other();
    await page.locator('.people-button[aria-label="1 other person is here"]').waitFor(patience);
    await openPeople(page);
    await face(page, 'ada').getByRole('link', {name: 'Servers'}).waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    await there.locator('.people-button[aria-label="1 other person is here"]').waitFor(patience);
    await page.getByTestId('server-row-memory').waitFor(patience);
    const from = await there.getByTestId('server-row-memory').boundingBox();
    await there.mouse.move(from.x + 10, from.y + 5);
    await there.mouse.move(from.x + from.width / 2, from.y + from.height / 2, {steps: 3});
    const mine = page.locator('.other-cursor[data-user="ada"]');
    await mine.waitFor(patience);
    const row = await page.getByTestId('server-row-memory').boundingBox();
    await page.waitForFunction(([left, top, width, height]) => {
      const box = document.querySelector('.other-cursor')?.getBoundingClientRect();
      return box && box.left > left + width * 0.3 && box.left < left + width * 0.7 && box.top >= top && box.top <= top + height;
    }, [row.x, row.y, row.width, row.height], patience);
    await there.goto(`${world.proxy.origin}/logs`);
    await mine.waitFor({...patience, state: 'detached'});
  });

  story('presence: a note on a chart, by keys, comes to the other at once, is in the table, and stays; deleted it can be brought back', async () => {
    const {page} = world;
    const there = await other();
    await there.goto(`${world.proxy.origin}/`);
    await go('/');
    const chart = (at) => at.locator('figure').filter({hasText: 'Requests'}).first();
    for (const at of [page, there]) await at.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor(patience);
    await chart(there).getByRole('group').focus();
    await there.keyboard.press('End');
    await there.keyboard.press('n');
    await there.getByRole('textbox', {name: 'Note'}).fill('the deploy began');
    await there.getByRole('button', {name: 'Write', exact: true}).click();
    await chart(page).getByRole('button', {name: 'Notes on Requests, 1'}).waitFor({...patience, state: 'attached'});
    await page.reload();
    await chart(page).getByRole('button', {name: 'Notes on Requests, 1'}).waitFor({...patience, state: 'attached'});
    await chart(page).hover();
    await chart(page).getByRole('button', {name: 'Requests as a table'}).click();
    await chart(page).getByText('ada: the deploy began').waitFor(patience);
    await chart(page).getByRole('button', {name: 'Notes on Requests, 1'}).click();
    assert.deepEqual(await axe(page), []);
    await there.getByRole('button', {name: 'Delete the note the deploy began'}).click();
    await chart(page).getByText('ada: the deploy began').waitFor({...patience, state: 'detached'});
    await there.getByRole('button', {name: 'Undo'}).click();
    await chart(page).getByText('ada: the deploy began').waitFor(patience);
    await there.keyboard.press('Escape');
  });

  story('presence: the chat counts what is unread, makes links, and is used by keys', async () => {
    const {page} = world;
    const there = await other();
    await there.getByRole('button', {name: 'Chat', exact: true}).click();
    await there.getByRole('textbox', {name: 'Message'}).fill('look at /servers/memory');
    await there.keyboard.press('Enter');
    await page.getByRole('button', {name: 'Chat, 1 unread'}).click(patience);
    const log = page.getByRole('log');
    await log.getByText('look at').waitFor(patience);
    assert.deepEqual(await axe(page), []);
    await page.getByRole('textbox', {name: 'Message'}).fill('on my way');
    await page.keyboard.press('Enter');
    await there.getByRole('log').getByText('on my way').waitFor(patience);
    await log.getByRole('link', {name: '/servers/memory'}).click();
    await page.getByTestId('server-pid').waitFor(patience);
    await page.getByRole('textbox', {name: 'Message'}).focus();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', {name: 'Message'}).waitFor({...patience, state: 'detached'});
    await there.getByRole('button', {name: 'Close the chat'}).click();
  });

  story('presence: one follows the other through pages and searches, until he does something himself', async () => {
    const {page} = world;
    const there = await other();
    await openPeople(page);
    await face(page, 'ada').getByRole('button', {name: 'Follow ada'}).click();
    await page.keyboard.press('Shift');
    await page.getByText('Following ada').waitFor({...patience, state: 'detached'});
    await openPeople(page);
    await face(page, 'ada').getByRole('button', {name: 'Follow ada'}).click();
    await page.getByText('Following ada').waitFor(patience);
    await there.getByText('admin follows you').first().waitFor(patience);
    await there.goto(`${world.proxy.origin}/servers?q=memo`);
    await page.waitForURL((url) => url.pathname === '/servers' && url.searchParams.get('q') === 'memo', patience);
    await there.getByRole('link', {name: 'Logs'}).first().click();
    await page.waitForURL((url) => url.pathname === '/logs', patience);
    assert.deepEqual(await axe(page), []);
    await openPeople(there);
    await face(there, 'admin').getByRole('button', {name: 'Refuse'}).click();
    await page.getByText('ada does not want to be followed').first().waitFor(patience);
    await page.getByText('Following ada').waitFor({...patience, state: 'detached'});
    await there.keyboard.press('Escape');
  });

  story('presence: who is invisible is gone for the other and still sees', async () => {
    const {page} = world;
    const there = await other();
    await openPeople(there);
    await there.getByRole('checkbox', {name: /Invisible/}).check();
    await page.locator('.people-button[aria-label="Nobody else is here"]').waitFor(patience);
    await face(there, 'admin').waitFor(patience);
    await there.getByRole('checkbox', {name: /Invisible/}).uncheck();
    await page.locator('.people-button[aria-label="1 other person is here"]').waitFor(patience);
    await there.context().close();
    ada = undefined;
    await page.locator('.people-button[aria-label="Nobody else is here"]').waitFor(patience);
  });
}

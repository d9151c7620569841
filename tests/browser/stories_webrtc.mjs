// Streams, played by Chromium: pictures are counted in the page's own <video>, as a viewer's eye would.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {adminPassword, axe, images} from './harness.mjs';

const binary = () => process.env.TELLTALE_BIN ?? 'build/release/telltale';

// Pictures that a stream's <video> has presented within so many milliseconds, the last one's size, and how bright they were on average.
function look(card, milliseconds) {
  return card.locator('video').evaluate((video, time) => new Promise((done) => {
    let frames = 0;
    let last = 0;
    let pause = 0;
    const onFrame = (now) => {
      frames++;
      if (last) pause = Math.max(pause, now - last);
      last = now;
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    setTimeout(() => {
      const canvas = new OffscreenCanvas(32, 18);
      const paint = canvas.getContext('2d');
      paint.drawImage(video, 0, 0, 32, 18);
      const {data} = paint.getImageData(0, 0, 32, 18);
      let least = 255;
      let most = 0;
      for (let i = 0; i < data.length; i += 4) {
        least = Math.min(least, data[i]);
        most = Math.max(most, data[i]);
      }
      done({frames, pause, width: video.videoWidth, height: video.videoHeight, contrast: most - least});
    }, time);
  }), milliseconds);
}

export function webrtcStories(world) {
  const {story, patience} = world;
  let page;
  const card = (name) => page.getByRole('article', {name: `Stream of ${name}`});
  const playing = (one) => one.and(page.locator('[data-state="playing"]')).waitFor(patience);
  const size = (one, height) => one.locator('video').evaluate((video, wanted) => new Promise((done) => {
    const check = () => (video.videoHeight === wanted ? done() : video.requestVideoFrameCallback(check));
    check();
  }), height);

  story('streams: the test content plays within a second, and its quality changes without a break', async () => {
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
    page = await context.newPage();
    await page.goto(`${world.telltale.origin}/webrtc`);
    await page.getByLabel(/user name/i).fill('admin');
    await page.getByLabel('Password').fill(adminPassword);
    await page.getByRole('button', {name: 'Log in'}).click();
    await page.getByRole('button', {name: 'Stream test content'}).click(patience);
    const stream = card('Test pattern');
    await playing(stream);
    await stream.getByText('First picture after').waitFor(patience);
    const seen = await look(stream, 2000);
    assert.ok(seen.frames >= 20, `${seen.frames} pictures in 2 s`);
    assert.ok(seen.contrast > 60, 'a pattern, not one colour');
    await stream.getByRole('combobox', {name: /Quality of/}).selectOption('low');
    await size(stream, 360);
    await page.getByRole('row', {name: /connected.*test/}).getByRole('cell', {name: 'low', exact: true}).waitFor(patience);
    const low = await look(stream, 2000);
    assert.ok(low.frames >= 20 && low.pause < 1000, `${low.frames} pictures after the change, the longest pause ${low.pause} ms`);
    await stream.getByRole('combobox', {name: /Quality of/}).selectOption('high');
    await stream.locator('video').evaluate((video) => new Promise((done) => {
      const check = () => (video.videoHeight > 360 ? done() : video.requestVideoFrameCallback(check));
      check();
    }));
    assert.deepEqual(await axe(page), []);
    if (process.env.UPDATE_SCREENSHOT) await page.screenshot({path: join(images, 'streams.png')});
  });

  story('streams: pause holds the picture, and it goes on', async () => {
    const stream = card('Test pattern');
    await stream.getByRole('button', {name: 'Pause'}).click();
    await stream.getByRole('button', {name: 'Play'}).waitFor(patience);
    await stream.locator('video').evaluate((video) => new Promise((done) => { // until no picture comes for half a second
      let timer = setTimeout(done, 500);
      const onFrame = () => {
        clearTimeout(timer);
        timer = setTimeout(done, 500);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
    }));
    await stream.getByRole('button', {name: 'Play'}).click();
    await stream.locator('video').evaluate((video) => new Promise((done) => video.requestVideoFrameCallback(done)));
    await stream.getByRole('button', {name: 'Pause'}).waitFor(patience);
  });

  story('streams: the connection test is a real one, and says how long each step took', async () => {
    await page.getByRole('button', {name: 'Test connection'}).click();
    const result = page.getByRole('region', {name: 'Connection test'});
    await result.getByText(/passed in/).waitFor(patience);
    for (const step of ['ice', 'dtls', 'video', 'audio', 'data channel', 'publish']) await result.getByRole('row', {name: new RegExp(`^${step} ok`)}).waitFor(patience);
    await result.getByRole('button', {name: 'Dismiss'}).click();
  });

  story('streams: a film that was added by its CID plays, is sought in, and ends with its last viewer', async () => {
    const film = join(world.telltale.state, 'film.mp4');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=440', '-t', '20', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', film]);
    const {token, id: tokenId} = await world.telltale.api('/api/tokens', {method: 'POST', body: {name: 'film', scopes: ['content:read', 'content:write']}});
    const cid = execFileSync(binary(), ['content', 'add', film], {env: {PATH: process.env.PATH, TELLTALE_URL: world.telltale.origin, TELLTALE_TOKEN: token}}).toString().trim().split(/\s+/)[0];
    await world.telltale.api(`/api/tokens/${tokenId}`, {method: 'DELETE'});
    await page.getByLabel(/^Content/).fill(cid);
    await page.getByRole('button', {name: 'Stream', exact: true}).click();
    const stream = card(cid);
    await playing(stream);
    assert.ok((await look(stream, 2000)).frames >= 20);
    const position = stream.getByRole('slider', {name: 'Position'});
    await position.fill('15');
    await position.press('ArrowRight');
    await page.waitForFunction(([label]) => Number(document.querySelector(`article[aria-label="${label}"] input[type=range]`)?.value) >= 15, [`Stream of ${cid}`], patience);
    await stream.locator('video').evaluate((video) => new Promise((done) => video.requestVideoFrameCallback(done)));
    await stream.getByRole('button', {name: 'Loop'}).click();
    await stream.and(page.locator('[data-state="closed"]')).waitFor({timeout: 20_000}); // without a loop it ends
    await stream.getByRole('button', {name: 'Dismiss'}).click();
  });

  story('streams: what cannot be played says why', async () => {
    await page.getByLabel(/^Content/).fill('no-such-stream');
    await page.getByRole('button', {name: 'Stream', exact: true}).click();
    const stream = card('no-such-stream');
    await stream.getByRole('alert').filter({hasText: /\S/}).waitFor(patience);
    await stream.getByRole('button', {name: 'Dismiss'}).click();
  });

  const drawer = () => page.locator('#connection-drawer');
  const tab = (name) => page.getByRole('tablist', {name: 'About streams'}).getByRole('tab', {name, exact: true}).click();
  // Every width and both themes: axe-core finds nothing, and the page does not scroll sideways.
  const soundEverywhere = async (what, widths = [1920, 1440, 768, 390]) => {
    for (const width of widths)
      for (const colorScheme of ['dark', 'light']) {
        await page.setViewportSize({width, height: 900});
        await page.emulateMedia({colorScheme});
        assert.deepEqual(await axe(page), [], `${what} at ${width}, ${colorScheme}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} scrolls sideways at ${width}`);
      }
    await page.setViewportSize({width: 1440, height: 900});
    await page.emulateMedia({colorScheme: 'dark'});
  };
  let watched = '';

  story('streams: a connection has a health with its reasons, and a timeline that goes on', async () => {
    await card('Test pattern').getByRole('button', {name: 'Details'}).click();
    await drawer().getByTestId('health-sentence').locator('.health-number').waitFor(patience);
    watched = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1));
    assert.match(watched, /^rtc_/);
    assert.equal(await drawer().getByRole('list', {name: 'What health is made of'}).getByRole('listitem').count(), 8);
    const timeline = drawer().getByRole('group', {name: /^Timeline and charts/});
    const samples = async () => Number(await timeline.getAttribute('data-samples'));
    await timeline.waitFor(patience);
    const before = await samples();
    assert.ok(before > 0, 'what was before the page was opened is there');
    await page.waitForFunction((had) => Number(document.querySelector('.timeline')?.dataset.samples) >= had + 2, before, patience);
    assert.equal(await timeline.locator('canvas').count(), 6);
    const chart = (name) => timeline.getByRole('figure').filter({hasText: name});
    for (const name of ['Bandwidth', 'Scores']) assert.doesNotMatch(await chart(name).locator('.chart-name b').first().textContent(), /–/);
    for (const word of ['ICE connected', 'DTLS done: connected', 'First packet of media', 'First key frame']) await drawer().getByRole('list', {name: /^What happened/}).getByText(word, {exact: true}).waitFor(patience);
    await drawer().getByText(/^DTLS_|^AEAD|^SRTP_|TLS_/).first().waitFor(patience); // its ciphers
    await drawer().locator('summary', {hasText: 'video, ssrc'}).click();
    await drawer().getByRole('rowheader', {name: 'framesSent', exact: true}).waitFor(patience);
    await chart('Bandwidth').locator('.chart-box').focus(); // the crosshair by keys, in the lanes and in every chart
    await page.keyboard.press('ArrowLeft');
    await timeline.locator('.lane-cursor').waitFor(patience);
    assert.equal(await timeline.locator('.chart-time').count(), 6);
    await page.keyboard.press('Escape');
    await timeline.locator('.lane-cursor').waitFor({state: 'detached', ...patience});
    const over = await chart('Delay').locator('.u-over').boundingBox(); // dragging one chart zooms all of them and the lanes
    await page.mouse.move(over.x + over.width * 0.3, over.y + 20);
    await timeline.locator('.lane-cursor').waitFor(patience);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.7, over.y + 20, {steps: 4});
    await page.mouse.up();
    await drawer().getByRole('button', {name: / chosen$/}).waitFor(patience);
    await page.mouse.dblclick(over.x + over.width * 0.5, over.y + 20);
    await drawer().getByRole('button', {name: / chosen$/}).waitFor({state: 'detached', ...patience});
    const csv = page.waitForEvent('download', patience);
    await chart('Loss').getByRole('button', {name: 'Loss as CSV'}).click();
    assert.match(readFileSync(await (await csv).path(), 'utf8'), /^time,lost on the path \(%\)\n\d{4}-/);
    await chart('Loss').getByRole('button', {name: 'Loss as a table'}).click();
    await timeline.getByRole('region', {name: 'Loss, values'}).waitFor(patience);
    await chart('Loss').getByRole('button', {name: 'Loss as a table'}).click();
    await page.mouse.move(0, 0);
    await soundEverywhere('the detail');
    if (process.env.UPDATE_SCREENSHOT) await page.screenshot({path: join(images, 'stream.png')});
  });

  story('streams: a quality that is chosen is requested, confirmed, and a switch in the timeline', async () => {
    const list = drawer().getByRole('list', {name: /^What happened/});
    const choice = drawer().getByRole('combobox', {name: `Quality of ${watched}`});
    await choice.selectOption('low');
    await drawer().locator('[data-phase="confirmed"]').waitFor(patience);
    await list.getByText('Quality low chosen').first().waitFor(patience);
    await list.getByText(/^Rendition \w+ → low: chosen/).first().waitFor(patience);
    await drawer().locator('[data-lane="rendition"] rect:has-text("low")').first().waitFor({state: 'attached', ...patience});
    await drawer().locator('[data-lane="operations"] .mark-at').first().waitFor({state: 'attached', ...patience});
    await page.keyboard.press('Escape');
    await drawer().waitFor({state: 'detached', ...patience});
    assert.equal(new URL(page.url()).pathname, '/webrtc');
  });

  story('streams: the list is filtered, sorted by a column, and gone through by keys', async () => {
    const table = page.getByRole('region', {name: 'Connections'});
    const heading = (name) => table.getByRole('columnheader', {name: new RegExp(`^${name}`)});
    await heading('Loss').getByRole('button').click();
    assert.equal(await heading('Loss').getAttribute('aria-sort'), 'descending');
    await heading('Loss').getByRole('button').click();
    assert.equal(await heading('Loss').getAttribute('aria-sort'), 'ascending');
    assert.match(page.url(), /sort=loss/);
    await page.getByRole('button', {name: 'Worst first'}).click();
    assert.equal(await table.locator('[aria-sort]').count(), 0);
    const search = page.getByRole('searchbox', {name: 'Search connections'});
    await search.fill(`${watched} connected`);
    await page.waitForFunction((id) => [...document.querySelectorAll('tr[data-row]')].every((row) => row.dataset.row === id), watched, patience);
    await search.fill('nothing has this name');
    await page.getByText('No connection fits.').waitFor(patience);
    await page.getByRole('button', {name: 'Show all'}).click();
    await page.getByRole('group', {name: 'State'}).getByRole('button', {name: /^connected/}).click();
    await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length > 0 && [...document.querySelectorAll('tr[data-row] td:first-child')].every((cell) => cell.textContent === 'connected'), undefined, patience);
    await page.getByRole('group', {name: 'State'}).getByRole('button', {name: /^all/}).click();
    await page.getByRole('heading', {name: 'Streams', level: 1}).click();
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.closest('tr[data-row]') !== null, undefined, patience);
    await page.keyboard.press('Enter');
    await drawer().waitFor(patience);
    await page.keyboard.press('Escape');
    await page.getByRole('group', {name: 'View'}).getByRole('button', {name: 'Cards'}).click();
    await page.getByRole('listitem').filter({hasText: 'Round trip'}).first().waitFor(patience);
    await soundEverywhere('the cards', [1440, 390]);
    await page.getByRole('group', {name: 'View'}).getByRole('button', {name: 'Table'}).click();
    await soundEverywhere('the table');
  });

  story('streams: operations, tasks, the log and the monitor are there to read', async () => {
    await tab('Operations');
    const operations = page.getByRole('region', {name: 'WebRTC operations'});
    await operations.getByRole('row', {name: new RegExp(`^completed set quality ${watched}`)}).first().waitFor(patience);
    await operations.getByRole('row', {name: /^failed .*neither "test" nor a CID/}).first().waitFor(patience);
    await operations.getByRole('button', {name: 'set quality'}).first().click();
    await operations.getByText('Asked for').waitFor(patience);
    await soundEverywhere('operations', [1440, 390]);
    await tab('Tasks');
    await page.getByRole('region', {name: 'WebRTC tasks'}).getByRole('row', {name: /^running webrtc\.history/}).waitFor(patience);
    await soundEverywhere('tasks', [1440, 390]);
    await tab('Log');
    const log = page.getByRole('log', {name: /^WebRTC events/});
    await log.getByText(/^\w+ → low: chosen$/).first().waitFor(patience); // what was before this part was opened
    await soundEverywhere('the log', [1440, 390]);
    await page.getByRole('searchbox', {name: 'Search the log of WebRTC'}).fill('quality auto');
    await tab('Monitor');
    await page.getByRole('region', {name: 'optimization'}).getByText('quality_downgrade_threshold').waitFor(patience);
    await page.getByRole('region', {name: 'Decisions'}).getByText('an ICE restart offered').waitFor(patience);
    await soundEverywhere('the monitor', [1440, 390]);
    await tab('Connections');
  });

  story('streams: one that is closed says so at once, and is kept with its scores and its timeline', async () => {
    await page.locator(`tr[data-row="${watched}"] .link`).click();
    await drawer().getByRole('button', {name: `Close the connection ${watched}`}).click();
    await drawer().getByRole('heading', {level: 2}).getByText('closed', {exact: true}).waitFor(patience);
    await drawer().getByRole('list', {name: /^What happened/}).getByText('Closed: asked for').waitFor(patience);
    await card('Test pattern').and(page.locator('[data-state="closed"]')).waitFor(patience);
    await drawer().getByRole('button', {name: 'Close', exact: true}).click();
    await tab('History');
    const kept = page.locator(`.history tr[data-row="${watched}"]`);
    await kept.locator('.health-number').waitFor(patience);
    await soundEverywhere('the history', [1440, 390]);
    await page.goto(`${world.telltale.origin}/webrtc/${watched}`); // its address, from nothing
    await drawer().getByTestId('health-sentence').locator('.health-number').waitFor(patience);
    await drawer().getByRole('list', {name: /^What happened/}).getByText(/→ low: chosen/).first().waitFor(patience);
    assert.equal(await drawer().getByRole('button', {name: `Close the connection ${watched}`}).count(), 0);
    await page.goto(`${world.telltale.origin}/webrtc/rtc_nobody`);
    await drawer().getByText('There is no connection rtc_nobody').waitFor(patience);
    await page.goto(`${world.telltale.origin}/api/v0/webrtc/dashboard`);
    await page.waitForURL(/\/webrtc$/, patience);
    await page.getByRole('heading', {name: 'Streams', level: 1}).waitFor(patience);
  });

  story('streams: who may not see them is told so, and the rest works', async () => {
    await world.telltale.api('/api/roles', {method: 'POST', body: {name: 'no-streams', description: '', grants: [{permissions: ['fleet:read'], servers: ['*'], tools: ['*']}]}});
    await world.telltale.api('/api/users', {method: 'POST', body: {username: 'otto', password: 'a long enough password', role: 'no-streams'}});
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, reducedMotion: 'reduce'});
    const other = await context.newPage();
    await other.goto(`${world.telltale.origin}/webrtc/${watched}`);
    await other.getByLabel(/user name/i).fill('otto');
    await other.getByLabel('Password').fill('a long enough password');
    await other.getByRole('button', {name: 'Log in'}).click();
    await other.getByRole('heading', {name: 'Streams are not yours to see'}).waitFor(patience);
    assert.equal(await other.getByText('lacks webrtc:read').count(), 2);
    assert.deepEqual(await axe(other), []);
    await other.getByRole('link', {name: 'Servers', exact: true}).click();
    await other.getByRole('table').waitFor(patience);
    await context.close();
  });

  story('streams: close all ends every one, and the page says so', async () => {
    await page.getByRole('button', {name: 'Stream test content'}).click();
    await page.getByRole('button', {name: 'Close all', exact: true}).click();
    await page.getByRole('dialog').getByRole('button', {name: 'Close all'}).click();
    await page.getByText('Nobody is connected.').waitFor(patience);
    await card('Test pattern').first().and(page.locator('[data-state="closed"]')).waitFor(patience);
    for (const width of [1440, 390])
      for (const colorScheme of ['dark', 'light']) {
        await page.setViewportSize({width, height: 900});
        await page.emulateMedia({colorScheme});
        assert.deepEqual(await axe(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `no sideways scrolling at ${width}`);
      }
    await page.context().close();
  });
}

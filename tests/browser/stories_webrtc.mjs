// Streams, played by Chromium: pictures are counted in the page's own <video>, as a viewer's eye would.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
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

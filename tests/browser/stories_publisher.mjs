// Somebody publishes his camera by WHIP from a page of his own, in a Chromium of his own; what his viewers see when he reloads that page.
import assert from 'node:assert/strict';
import {adminPassword, launchBrowser} from './harness.mjs';

// The publisher's page: its camera goes to WHIP as soon as the page is there, each time it is.
const studio = (token) => `<!doctype html><title>Studio</title><script type="module">
const camera = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 360}, audio: true});
const peer = new RTCPeerConnection();
for (const track of camera.getTracks()) peer.addTransceiver(track, {direction: 'sendonly'});
peer.onconnectionstatechange = () => (document.title = peer.connectionState);
await peer.setLocalDescription();
const answer = await fetch('/whip/studio', {method: 'POST', headers: {'content-type': 'application/sdp', authorization: 'Bearer ${token}'}, body: peer.localDescription.sdp});
if (answer.status !== 201) throw new Error(await answer.text());
await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
</script>`;

export function publisherStories(world) {
  const {story, patience} = world;

  story('streams: a publisher reloads his page, and the stream comes back for who watches', async () => {
    const {token, id: tokenId} = await world.telltale.api('/api/tokens', {method: 'POST', body: {name: 'studio', scopes: ['webrtc:publish']}});
    const chromium = await launchBrowser('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
    const context = await world.browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
    try {
      const camera = await chromium.newPage();
      const faults = [];
      camera.on('pageerror', (error) => faults.push(`${error}`));
      await camera.route(`${world.telltale.origin}/my-camera`, (route) => route.fulfill({contentType: 'text/html', body: studio(token)}));
      const publishes = () => camera.waitForFunction(() => document.title === 'connected', undefined, patience).catch((error) => assert.fail(`${error}\n${faults.join('\n')}`));
      await camera.goto(`${world.telltale.origin}/my-camera`);
      await publishes();

      const page = await context.newPage();
      await page.goto(`${world.telltale.origin}/webrtc`);
      await page.getByLabel(/user name/i).fill('admin');
      await page.getByLabel('Password').fill(adminPassword);
      await page.getByRole('button', {name: 'Log in'}).click();
      await page.getByLabel(/^Content/).fill('studio', patience);
      await page.getByRole('button', {name: 'Stream', exact: true}).click();
      const stream = page.getByRole('article', {name: 'Stream of studio'});
      const isPlaying = () => stream.and(page.locator('[data-state="playing"]')).waitFor(patience);
      await isPlaying();
      const viewers = async () => (await world.telltale.api('/api/webrtc/connections?limit=100')).items.filter(({source, role, state}) => source === 'studio' && role !== 'publisher' && state !== 'closed').map(({id}) => id);
      const before = await viewers();
      assert.equal(before.length, 1);

      await stream.getByRole('button', {name: 'Details'}).click();
      const happened = page.locator('#connection-drawer').getByRole('list', {name: /^What happened/});
      await happened.getByText('First key frame', {exact: true}).waitFor(patience);
      await camera.reload();
      await publishes();
      await happened.getByText(/^Source lost: the publisher was lost/).waitFor(patience);
      await happened.getByText(/^Source back: the publisher is back after \d+\.\d s/).waitFor(patience);
      await page.keyboard.press('Escape');
      // The same connection, in the same card, and nobody touched it: ten more pictures.
      await isPlaying();
      await stream.locator('video').evaluate((video) => new Promise((done) => {
        let frames = 0;
        const onFrame = () => (++frames === 10 ? done() : video.requestVideoFrameCallback(onFrame));
        video.requestVideoFrameCallback(onFrame);
      }));
      assert.deepEqual(await viewers(), before);
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
      await chromium.close();
      await world.telltale.api(`/api/tokens/${tokenId}`, {method: 'DELETE'});
    }
  });
}

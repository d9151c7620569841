// The lens: a page of somebody else, on another origin, whose WebRTC is not ours, includes telltale-rtc.js and is seen in the hub.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {Server, until} from '../support/telltale.mjs';
import {within} from './harness.mjs';

// A call of a page with itself, video from a canvas; written as if there were no lens.
const application = `
const canvas = document.querySelector('canvas');
const paint = canvas.getContext('2d');
let frame = 0;
setInterval(() => {
  paint.fillStyle = 'hsl(' + frame++ % 360 + ' 80% 50%)';
  paint.fillRect(0, 0, 320, 240);
}, 33);
window.call = async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({candidate}) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({candidate}) => candidate && a.addIceCandidate(candidate);
  b.ontrack = ({track}) => (document.querySelector('video').srcObject = new MediaStream([track]));
  for (const track of canvas.captureStream(30).getTracks()) a.addTrack(track);
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  window.ends = [a, b];
};`;

export function lensStories(world) {
  const {story} = world;

  story('lens: the WebRTC of a foreign application is seen with scores, and goes on when the hub is gone', async () => {
    let tag = '';
    const site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<!doctype html><title>Shop</title>${tag}<canvas width=320 height=240></canvas><video autoplay muted></video><script>${application}</script>`)).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const shop = `http://127.0.0.1:${site.address().port}`;
    const hub = await Server.start({args: ['--allow-origin', shop]});
    const context = await world.browser.newContext();
    const errors = [];
    const seen = async (query = '') => (await hub.api(`/api/webrtc/connections${query}`)).items;
    const open = async (token) => {
      tag = `<script src="${hub.origin}/telltale-rtc.js" data-token="${token}" data-app="shop" data-interval="0.5" data-media></script>`;
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(shop);
      return page;
    };
    try {
      const {token} = await hub.api('/api/tokens', {method: 'POST', body: {name: 'shop', scopes: ['webrtc:report']}});
      const page = await open(token);

      // Nothing is different for the application.
      const same = await page.evaluate(async () => {
        class Mine extends RTCPeerConnection {
          mine() {
            return this.connectionState;
          }
        }
        const mine = new Mine();
        const result = {
          subclass: mine.mine(),
          instance: mine instanceof RTCPeerConnection && mine instanceof Mine,
          constructor: new RTCPeerConnection().constructor === RTCPeerConnection,
          prefixed: !('webkitRTCPeerConnection' in window) || window.webkitRTCPeerConnection === RTCPeerConnection,
          statics: (await RTCPeerConnection.generateCertificate({name: 'ECDSA', namedCurve: 'P-256'})).constructor.name,
          name: RTCPeerConnection.name,
          text: Function.prototype.toString.call(RTCPeerConnection).includes('[native code]'),
          prototype: Object.getPrototypeOf(RTCPeerConnection.prototype) === EventTarget.prototype,
        };
        try {
          new RTCPeerConnection({iceServers: [{urls: 'nonsense:'}]});
        } catch (error) {
          result.error = error.name;
        }
        try {
          RTCPeerConnection();
        } catch (error) {
          result.called = error.name;
        }
        await navigator.mediaDevices.getUserMedia({video: true}).catch((error) => (result.media = error.name));
        mine.close();
        return result;
      });
      assert.deepEqual({...same, media: typeof same.media}, {subclass: 'new', instance: true, constructor: true, prefixed: true, statics: 'RTCCertificate', name: 'RTCPeerConnection', text: true, prototype: true, error: 'SyntaxError', called: 'TypeError', media: 'string'});

      await page.evaluate(() => window.call());
      const both = await until('both ends, connected', async () => {
        const items = (await seen()).filter(({state}) => state === 'connected');
        return items.length === 2 && items;
      });
      for (const one of both) {
        assert.equal(one.role, 'foreign');
        assert.equal(one.app, 'shop');
        assert.equal(one.peer_address, '', 'no addresses');
        assert.doesNotMatch(JSON.stringify(one), /v=0|a=|fingerprint/, 'no SDP');
        const told = await until('eight samples and scores', async () => {
          const timeline = await hub.api(`/api/webrtc/connections/${one.id}/timeline`);
          return timeline.scores && timeline.samples.length >= 8 && timeline;
        });
        const last = (column) => told.samples.map((row) => row[told.columns.indexOf(column)]).at(-1);
        assert.ok(told.scores.health >= 50, told.scores.sentence);
        assert.ok(last('bitrate_kbps') > 5 && last('frames_per_second') > 3, JSON.stringify(told.samples.at(-1)));
        assert.ok(told.events.some(({type}) => type === 'connected'));
        assert.equal(told.statistics.some((stream) => stream['inbound-rtp'] ?? stream['outbound-rtp']), true);
      }

      // A second page, which leaves: its connections end with it.
      const second = await open(token);
      await second.evaluate(() => window.call());
      await until('four ends', async () => (await seen()).filter(({state}) => state === 'connected').length === 4);
      await second.goto('about:blank');
      await until('two ends', async () => (await seen()).filter(({state}) => state === 'connected').length === 2);
      assert.ok((await seen('?ended=true')).some(({close_reason: why}) => why === 'peer'));

      // A token without the right: nothing comes, and the page does not care.
      const {token: powerless} = await hub.api('/api/tokens', {method: 'POST', body: {name: 'other', scopes: ['webrtc:read']}});
      const third = await open(powerless);
      const warned = third.waitForEvent('console', (message) => message.text().startsWith('telltale-rtc: the hub answered 403'));
      await third.evaluate(() => window.call());
      await within(20_000, 'the warning', warned);
      assert.equal((await seen()).filter(({state}) => state === 'connected').length, 2);
      assert.equal(await third.evaluate(() => window.ends[0].connectionState), 'connected');
      await third.close();

      // The hub goes; pictures still come.
      assert.deepEqual(await hub.stop(), {code: 0, signal: null});
      await page.bringToFront(); // a page behind another draws nothing
      const frames = () => page.evaluate(() => new Promise((done) => {
        let count = 0;
        const onFrame = () => (++count < 30 ? document.querySelector('video').requestVideoFrameCallback(onFrame) : done(count));
        document.querySelector('video').requestVideoFrameCallback(onFrame);
      }));
      assert.equal(await within(20_000, 'thirty more pictures', frames()), 30);
      assert.deepEqual(await page.evaluate(() => window.ends.map((end) => end.connectionState)), ['connected', 'connected']);
      await page.evaluate(() => window.call());
      assert.deepEqual(errors, []);
    } finally {
      await context.close();
      site.close();
      await hub.stop().catch(() => {});
    }
  });
}

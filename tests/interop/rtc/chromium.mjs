// Chromium against the engine: both video codecs with sound, the first picture's time, quality, ICE restart, loss.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import test, {after, afterEach, before} from 'node:test';
import {Relay, RtcServer, through, until} from './harness.mjs';

const {chromium} = createRequire(new URL('../../browser/package.json', import.meta.url))('playwright-core');

let server;
let browser;
before(async () => {
  server = await RtcServer.start();
  browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required']});
});
// Also what a failed test left: a page that goes on decoding slows the next one, a relay keeps this program from ending.
afterEach(async () => {
  await Promise.all(browser.contexts().flatMap((context) => context.pages()).map((page) => page.close()));
  await Relay.stopAll();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// A viewer in a page: `codec` prefers one, `port` is where the answer's candidates are sent to instead.
async function view({codec = 'H264', quality = 'auto', port, tcp = false, path = '/whep', from = server} = {}) {
  const page = await browser.newPage();
  page.on('console', (message) => console.log('page:', message.text()));
  await page.goto(`${from.origin}/page`);
  const noUdp = (sdp) => sdp.split('\r\n').filter((line) => !/^a=candidate:.* udp /i.test(line)).join('\r\n');
  await page.exposeFunction('rewrite', (sdp) => (port ? through(sdp, from.udp, port) : tcp ? noUdp(sdp) : sdp));
  await page.evaluate(
    async ([wanted, level, where]) => {
      const peer = new RTCPeerConnection();
      window.peer = peer;
      window.echoed = [];
      window.echo = peer.createDataChannel('echo');
      window.echo.onmessage = ({data}) => window.echoed.push(data.length);
      window.stats = peer.createDataChannel('stats');
      const video = peer.addTransceiver('video', {direction: 'recvonly'});
      peer.addTransceiver('audio', {direction: 'recvonly'});
      const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
      video.setCodecPreferences(codecs.filter(({mimeType}) => mimeType === `video/${wanted}` || mimeType === 'video/rtx'));
      const element = document.createElement('video');
      element.muted = true;
      element.autoplay = true;
      document.body.append(element);
      window.shown = [];
      const note = (now, frame) => {
        window.shown.push({at: performance.now(), width: frame.width, height: frame.height, rtp: frame.rtpTimestamp});
        element.requestVideoFrameCallback(note);
      };
      element.requestVideoFrameCallback(note);
      const stream = new MediaStream();
      element.srcObject = stream;
      peer.ontrack = ({track}) => stream.addTrack(track);
      await peer.setLocalDescription();
      window.began = performance.now();
      const answer = await fetch(`${where}?quality=${level}`, {method: 'POST', body: peer.localDescription.sdp});
      if (answer.status !== 201) throw new Error(await answer.text());
      window.place = answer.headers.get('location');
      await peer.setRemoteDescription({type: 'answer', sdp: await window.rewrite(await answer.text())});
    },
    [codec, quality, path],
  );
  const stats = () =>
    page.evaluate(async () => {
      const out = {shown: window.shown.length, first: (window.shown[0]?.at ?? 0) - window.began, last: window.shown.at(-1), state: window.peer.connectionState};
      for (const report of (await window.peer.getStats()).values()) {
        if (report.type === 'inbound-rtp') out[report.kind] = report;
        if (report.type === 'transport') out.transport = report;
      }
      return out;
    });
  const watched = (what, holds) => until(what, stats, (now) => now.video && holds(now));
  return {page, stats, watched, place: await page.evaluate(() => window.place)};
}

const videoOf = (record) => record.stats.outboundRtp.find(({kind}) => kind === 'video');

// Every frame that was sent has come whole, but those on the way.
const allReceived = async (viewer) =>
  until('every frame sent is received', async () => [videoOf(await server.get(viewer.place)).framesSent, (await viewer.stats()).video.framesReceived], ([sent, received]) => Math.abs(sent - received) < 10);

for (const codec of ['H264', 'VP8'])
  test(`${codec} with sound plays, and the first picture is quick`, async () => {
    const viewer = await view({codec});
    const stats = await viewer.watched('frames and sound', ({video, audio}) => video.framesDecoded > 120 && audio?.packetsReceived > 200);
    console.log(codec, 'first picture after', stats.first.toFixed(0), 'ms; decoded', stats.video.framesDecoded, 'shown', stats.shown, 'dropped', stats.video.framesDropped, 'freezes', stats.video.freezeCount,
      'audio packets', stats.audio.packetsReceived, 'concealed', stats.audio.concealedSamples, stats.transport.srtpCipher, stats.last);
    assert.equal(stats.state, 'connected');
    assert.equal((await server.get(viewer.place)).state, 'connected');
    await allReceived(viewer);
  });

for (const codec of ['H264', 'VP8'])
  test(`answers our offer with ${codec}: sound, pictures and data`, async () => {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/page`);
    const place = await page.evaluate(async (wanted) => {
      const peer = new RTCPeerConnection();
      window.peer = peer;
      window.echoed = [];
      peer.ontrack = ({track}) => {
        const element = document.createElement(track.kind);
        [element.muted, element.autoplay] = [true, true];
        element.srcObject = new MediaStream([track]);
        document.body.append(element);
      };
      const offer = await fetch('/offer', {method: 'POST'});
      const place = offer.headers.get('location');
      await peer.setRemoteDescription({type: 'offer', sdp: await offer.text()});
      const video = peer.getTransceivers().find(({receiver}) => receiver.track.kind === 'video');
      const {codecs} = RTCRtpReceiver.getCapabilities('video');
      video.setCodecPreferences(codecs.filter(({mimeType}) => mimeType === `video/${wanted}` || mimeType === 'video/rtx'));
      await peer.setLocalDescription();
      const taken = await fetch(`${place}/answer`, {method: 'POST', body: peer.localDescription.sdp});
      if (taken.status !== 204) throw new Error(await taken.text());
      const channel = peer.createDataChannel('echo');
      channel.onopen = () => channel.send('x'.repeat(3000));
      channel.onmessage = ({data}) => window.echoed.push(data.length);
      return place;
    }, codec);
    const read = () =>
      page.evaluate(async () => {
        const out = {state: window.peer.connectionState, echoed: window.echoed, height: document.querySelector('video')?.videoHeight};
        for (const report of (await window.peer.getStats()).values()) if (report.type === 'inbound-rtp') out[report.kind] = report;
        return out;
      });
    const stats = await until('pictures, sound and data', read, ({video, audio, echoed}) => video?.framesDecoded > 120 && audio?.packetsReceived > 200 && echoed.length > 0);
    const record = await server.get(place);
    console.log(codec, 'decoded', stats.video.framesDecoded, 'audio', stats.audio.packetsReceived, stats.echoed, stats.height);
    assert.equal(stats.state, 'connected');
    assert.deepEqual(stats.echoed, [3000]);
    assert.equal(record.video_codec, codec);
    const whole = async () => [videoOf(await server.get(place)).framesSent, (await read()).video.framesReceived];
    await until('every frame sent is received', whole, ([sent, received]) => Math.abs(sent - received) < 10);
  });

test('a chosen quality is switched to at a key frame, without a break', async () => {
  const viewer = await view({quality: 'low'});
  await viewer.watched('low', ({last}) => last?.height === 180);
  for (const [quality, height] of [['high', 720], ['medium', 360], ['low', 180]]) {
    assert.equal((await fetch(`${server.origin}${viewer.place}/quality?q=${quality}`, {method: 'POST'})).status, 204);
    const {video} = await viewer.watched(quality, ({last}) => last.height === height);
    await viewer.watched(`${quality} goes on`, (now) => now.video.framesDecoded > video.framesDecoded + 30 && now.last.height === height);
  }
  const stats = await viewer.stats();
  console.log('freezes', stats.video.freezeCount, 'for', stats.video.totalFreezesDuration, 's; shown', stats.shown, 'decoded', stats.video.framesDecoded, 'pli', stats.video.pliCount, 'lost', stats.video.packetsLost);
  await allReceived(viewer);
  const record = await server.get(viewer.place);
  assert.deepEqual(record.switches.map(({from, to, reason}) => [from, to, reason]), [['low', 'high', 'chosen'], ['high', 'medium', 'chosen'], ['medium', 'low', 'chosen']]);
});

test('auto climbs to the highest rung on a free path', async () => {
  const viewer = await view();
  const now = async () => {
    const {rendition, switches, stats} = await server.get(viewer.place);
    return {height: (await viewer.stats()).last?.height, rendition, switches, bandwidth: stats.bandwidth, rtt: stats.candidatePair?.currentRoundTripTime};
  };
  // A machine that has no time for all of it is a slow path too, for a while.
  await until('720 lines', now, ({height}) => height === 720, 120_000);
});

test('ICE restart keeps the picture', async () => {
  const viewer = await view();
  const before = (await viewer.watched('a picture', ({video}) => video.framesDecoded > 10)).video.framesDecoded;
  const status = await viewer.page.evaluate(async () => {
    const {peer} = window;
    const offer = await peer.createOffer({iceRestart: true});
    await peer.setLocalDescription(offer);
    const [ufrag, pwd] = ['ice-ufrag', 'ice-pwd'].map((name) => offer.sdp.match(new RegExp(`a=${name}:(.*)\r\n`))[1]);
    const answer = await fetch(window.place, {method: 'PATCH', headers: {'If-Match': '*', 'Content-Type': 'application/trickle-ice-sdpfrag'}, body: `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\n`});
    const fragment = await answer.text();
    let sdp = peer.currentRemoteDescription.sdp;
    for (const name of ['ice-ufrag', 'ice-pwd']) sdp = sdp.replaceAll(new RegExp(`a=${name}:.*`, 'g'), `a=${name}:${fragment.match(new RegExp(`a=${name}:(.*)`))[1].trim()}`);
    await peer.setRemoteDescription({type: 'answer', sdp});
    return answer.status;
  });
  assert.equal(status, 200);
  await viewer.watched('frames after the restart', ({state, video}) => state === 'connected' && video.framesDecoded - before > 60);
});

// Frames a second, as the machine makes them: of 30 that were sent, more than 24 must come whole.
test('30 s with 5 % loss: more than 24 of 30 frames come whole', async () => {
  const relay = await Relay.start(server.udp, '--seed', '5', '--delay-ms', '20', '--loss', '0.05');
  const viewer = await view({port: relay.port, quality: 'high'});
  await viewer.watched('a picture', ({video}) => video.framesDecoded > 60);
  const both = async () => ({sent: videoOf(await server.get(viewer.place)), video: (await viewer.stats()).video});
  const begin = await both();
  const end = await until('30 s', both, ({video}) => video.timestamp - begin.video.timestamp >= 30_000, 90_000);
  const [sent, came] = [end.sent.framesSent - begin.sent.framesSent, end.video.framesReceived - begin.video.framesReceived];
  const seconds = (end.video.timestamp - begin.video.timestamp) / 1000;
  console.log('frames sent', sent, 'received', came, 'decoded a second', ((end.video.framesDecoded - begin.video.framesDecoded) / seconds).toFixed(1), 'freezes', end.video.freezeCount, 'lost', end.video.packetsLost,
    'nacks', end.video.nackCount, 'rtx', end.sent.retransmittedPacketsSent, 'of', end.sent.packetsSent, 'bandwidth', JSON.stringify((await server.get(viewer.place)).stats.bandwidth));
  assert.ok(sent > 10 * seconds, 'the encoder runs');
  assert.ok(came / sent > 24 / 30, `${came} of ${sent}`);
  assert.ok(end.sent.retransmittedPacketsSent > 0.03 * end.sent.packetsSent);
});

test('data channels: large messages there and back, the player reports', async () => {
  const viewer = await view();
  await viewer.page.waitForFunction(() => window.echo.readyState === 'open' && window.stats.readyState === 'open');
  await viewer.page.evaluate(() => {
    for (const size of [1, 1000, 60_000, 200_000]) window.echo.send('x'.repeat(size));
    window.stats.send(JSON.stringify({framesDecoded: 7}));
  });
  await viewer.page.waitForFunction(() => window.echoed.length === 4);
  assert.deepEqual(await viewer.page.evaluate(() => window.echoed), [1, 1000, 60_000, 200_000]);
  await until("the player's report", () => server.get(viewer.place), ({client}) => client?.framesDecoded === 7);
});

test('over TCP where UDP does not get through', async () => {
  const viewer = await view({tcp: true});
  await viewer.watched('frames', ({video}) => video.framesDecoded > 80);
  assert.equal((await server.get(viewer.place)).stats.candidatePair.protocol, 'tcp');
});

for (const codec of ['H264', 'VP8'])
  test(`publishes ${codec}, and another page plays it`, async () => {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/page`);
    const place = await page.evaluate(async (wanted) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 360];
      const pen = canvas.getContext('2d');
      setInterval(() => {
        pen.fillStyle = `hsl(${performance.now() / 10}, 80%, 50%)`;
        pen.fillRect(0, 0, 640, 360);
        pen.fillStyle = 'black';
        pen.fillText(performance.now().toFixed(), 20, 40);
      }, 33);
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      const peer = new RTCPeerConnection();
      window.peer = peer;
      const video = peer.addTransceiver(canvas.captureStream(30).getVideoTracks()[0], {direction: 'sendonly'});
      peer.addTransceiver(out.stream.getAudioTracks()[0], {direction: 'sendonly'});
      const {codecs} = RTCRtpSender.getCapabilities('video');
      video.setCodecPreferences(codecs.filter(({mimeType}) => mimeType === `video/${wanted}` || mimeType === 'video/rtx'));
      await peer.setLocalDescription();
      const answer = await fetch(`/whip/page-${wanted}`, {method: 'POST', body: peer.localDescription.sdp});
      if (answer.status !== 201) throw new Error(await answer.text());
      await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
      return answer.headers.get('location');
    }, codec);
    const received = async () => Object.fromEntries((await server.get(place)).stats.inboundRtp.map((one) => [one.kind, one]));
    await until('frames come', received, ({video}) => video?.framesReceived > 30);
    const viewer = await view({codec, path: `/whep/page-${codec}`});
    const stats = await viewer.watched('frames played', ({video}) => video.framesDecoded > 90);
    const inbound = await until('frames and sound come', received, ({video, audio}) => video.framesReceived > 150 && audio?.framesReceived > 300);
    console.log(codec, 'received', inbound.video.framesReceived, 'played', stats.video.framesDecoded, 'first picture after', stats.first.toFixed(0), 'ms', 'audio', stats.audio.packetsReceived);
    await page.evaluate(() => window.peer.close());
    await until('closed', () => server.get(place), ({state}) => state === 'closed', 5000);
  });

test('closing in the page is noticed at once', async () => {
  const viewer = await view();
  await until('connected', () => server.get(viewer.place), ({state}) => state === 'connected');
  await viewer.page.evaluate(() => window.peer.close());
  const record = await until('closed', () => server.get(viewer.place), ({state}) => state === 'closed', 10_000); // consent alone would take 30 s
  assert.equal(record.close_reason, 'peer');
});

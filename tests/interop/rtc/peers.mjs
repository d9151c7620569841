// The engine against other people's WebRTC: aiortc, GStreamer's webrtcbin, werift; watching and publishing.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import test, {after, before} from 'node:test';
import {promisify} from 'node:util';
import {RtcServer, until} from './harness.mjs';

const run = promisify(execFile);
let server;
before(async () => (server = await RtcServer.start()));
after(() => server?.stop());

async function peer(program, file, options, origin = server.origin) {
  const {stdout, stderr} = await run(program, [new URL(file, import.meta.url).pathname, origin, ...options], {timeout: 90_000, killSignal: 'SIGKILL'});
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  assert.ok(line, stderr);
  return JSON.parse(line);
}

// It sends a REMB only, and that grows with what it gets: who waits for room waits for ever.
test('aiortc climbs with auto to the highest rung, by tries', async () => {
  const slow = await RtcServer.start('--start', '300000');
  try {
    const watching = peer('/usr/bin/python3', 'aiortc_peer.py', ['watch', 'VP8', '75'], slow.origin);
    const only = async () => (await slow.get('/connections'))[0] ?? {switches: []};
    const {switches} = await until('the highest rung', only, ({rendition}) => rendition === 'high', 70_000);
    const counts = await watching;
    const taken = switches.map(({from, to, reason}) => `${from} ${to} ${reason}`);
    console.log(counts, taken);
    for (const step of ['low medium tried', 'medium high tried']) assert.ok(taken.includes(step), `${step}: ${taken}`);
  } finally {
    await slow.stop();
  }
});

for (const codec of ['VP8', 'H264']) {
  test(`aiortc watches ${codec}`, async () => {
    const counts = await peer('/usr/bin/python3', 'aiortc_peer.py', ['watch', codec, '10']);
    console.log(counts);
    assert.equal(counts.state, 'connected');
    assert.ok(counts.video > 150 && counts.audio > 300, 'frames');
    assert.equal(counts.echo, 5000);
  });
  test(`aiortc answers our offer, ${codec}`, async () => {
    const counts = await peer('/usr/bin/python3', 'aiortc_peer.py', ['answer', codec, '8']);
    console.log(counts);
    assert.equal(counts.state, 'connected');
    assert.ok(counts.video > 120 && counts.audio > 240, 'frames');
    const record = await server.get(counts.location);
    assert.equal(record.video_codec, codec);
    assert.ok(record.answered_at);
  });
  test(`webrtcbin watches ${codec}`, async () => {
    const counts = await peer('/usr/bin/python3', 'gstreamer_peer.py', ['watch', codec, '10']);
    console.log(counts);
    assert.equal(counts.state, 'connected');
    assert.ok(counts.video > 150 && counts.audio > 250, 'frames');
  });
  test(`werift watches ${codec}`, async () => {
    const counts = await peer(process.execPath, 'werift_peer.mjs', [codec, '6']);
    console.log(counts);
    assert.ok(counts.video > 120 && counts.audio > 200, 'frames');
    assert.equal(counts.echo, 2000);
  });
  for (const [name, program] of [['aiortc', 'aiortc_peer.py'], ['webrtcbin', 'gstreamer_peer.py']])
    test(`${name} publishes ${codec}`, async () => {
      const publishing = peer('/usr/bin/python3', program, ['publish', codec, '12', `/whip/${name}-${codec}`]);
      const received = async () => {
        const record = (await server.get('/connections')).find(({source}) => source === `${name}-${codec}`);
        return Object.fromEntries((record?.stats.inboundRtp ?? []).map((inbound) => [inbound.kind, inbound]));
      };
      const stats = await until('frames and sound', received, ({video, audio}) => video?.framesReceived > 100 && audio?.framesReceived > 200);
      console.log(await publishing, stats.video.framesReceived, stats.audio.framesReceived);
    });
}

// W1, W3, W4, C10: clients that never read, that are gone without a word, that are slow on purpose; and Telltale itself stopped for
// half a minute. The limits are the real ones (10 s for a head, 30 s for a body or a write, 45 s of silence), so the cells run side by side.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {Client, dial, here, Hub, readToEnd, until, within} from './harness.mjs';

const noisy = {noisy: {command: process.execPath, args: [join(here, 'servers/noisy.mjs')], telltale: {health_interval_s: 1}}};
const unlimited = ['--rate-limit-per-minute', '0'];
const patient = {timeout: 150_000};

async function withHub(settings, body) {
  const hub = await Hub.start(settings);
  try {
    await body(hub);
  } finally {
    await hub.stop();
  }
}

describe('slow and silent clients', {concurrency: true}, () => {
  test('W1: 200 clients that never read slow nobody, cost no memory, and are closed', patient, () =>
    withHub({flags: unlimited, fleet: noisy}, async (hub) => {
      await hub.healthy('noisy');
      const stuck = [];
      for (let i = 0; i < 200; ++i) {
        const client = await Client.open(hub, {reads: false});
        client.send({action: 'subscribe', channels: ['logs', 'status', 'operations']});
        stuck.push(client);
      }
      const good = await Client.open(hub);
      let bytes = 0, last = 0, backwards = 0, gaps = 0;
      good.onMessage = (text) => {
        const message = JSON.parse(text);
        bytes += text.length;
        if (message.type === 'gap') ++gaps;
        if (!message.seq || message.type === 'initial_status') return;
        if (message.seq <= last) ++backwards;
        last = message.seq;
      };
      good.send({action: 'subscribe', channels: ['logs', 'operations']});
      const before = hub.rssMiB();
      // 200 lines a second (more are left out) of 15 kB for 12 s: some 15 MB for each of the 200; 3 GB would pile up were nothing bounded.
      for (const end = Date.now() + 12_000; Date.now() < end; ) {
        const began = Date.now();
        assert.equal((await hub.call('noisy', 'flood', {lines: 50, size: 15_000})).status, 200);
        assert.ok(Date.now() - began < 10_000, 'a call is answered while 200 clients are stuck');
        assert.equal((await hub.call('noisy', 'wait', {ms: 200})).status, 200);
      }
      const grown = hub.rssMiB() - before;
      assert.ok(grown < 128, `${grown.toFixed(1)} MiB more for 200 stuck clients`);
      assert.ok(bytes > 8 << 20, `the client that reads got ${bytes} bytes`);
      assert.equal(backwards, 0, 'its events came in order');
      // Behind for 30 s: closed, by 1013 or, where not even that could be written, cut off.
      await until(75_000, 'the stuck are closed', async () => (await hub.metric('telltale_websocket_clients')) === 1);
      assert.equal(good.closeCode, null, 'the one that reads stays');
      console.log(`# W1: ${grown.toFixed(1)} MiB more, ${(bytes / 1e6).toFixed(0)} MB and ${gaps} gaps for the one that reads`);
      for (const client of [...stuck, good]) client.destroy();
    }));

  test('W3: a peer that is gone without a word is noticed between 40 and 55 s', patient, () =>
    withHub({}, async (hub) => {
      // It takes what it is sent (as a kernel behind a dead link seems to) and answers no ping.
      const gone = await Client.open(hub, {answersPings: false});
      const there = await Client.open(hub);
      const began = Date.now();
      await within(60_000, 'the end', gone.closed);
      const took = (Date.now() - began) / 1000;
      assert.ok(gone.pings >= 1, 'it was asked');
      assert.ok(took > 40 && took < 55, `after ${took} s`);
      assert.equal(await hub.metric('telltale_websocket_clients'), 1);
      there.send({action: 'ping'});
      await there.next((message) => message.type === 'pong');
      there.destroy();
    }));

  test('W4: 300 slow heads end after 10 s with 408, and nobody else waits', patient, () =>
    withHub({}, async (hub) => {
      const slow = await Promise.all(Array.from({length: 300}, () => dial(hub.port)));
      const ends = slow.map(readToEnd);
      for (const socket of slow) socket.write('GET / HTTP/1.1\r\n');
      const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('X')), 500);
      const began = Date.now();
      for (let i = 0; i < 20; ++i) {
        const asked = Date.now();
        assert.ok(await hub.alive());
        assert.ok(Date.now() - asked < 2000, 'answered at once');
      }
      const answers = await within(20_000, 'all are answered', Promise.all(ends));
      clearInterval(drip);
      const took = (Date.now() - began) / 1000;
      assert.ok(took > 8 && took < 18, `after ${took} s`);
      assert.ok(answers.every((text) => text.startsWith('HTTP/1.1 408 ')), answers.find((text) => !text.startsWith('HTTP/1.1 408 ')));
      await until(5000, 'none is left', async () => (await hub.metric('telltale_http_connections_open')) <= 3);
    }));

  test('W4: a slow body ends with 408', patient, () =>
    withHub({}, async (hub) => {
      const token = await hub.login();
      const socket = await dial(hub.port);
      const end = readToEnd(socket);
      socket.write(`POST /api/servers HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`);
      const drip = setInterval(() => socket.writable && socket.write(' '), 200);
      const began = Date.now();
      const answer = await within(50_000, 'the end', end);
      clearInterval(drip);
      const took = (Date.now() - began) / 1000;
      assert.match(answer, /^HTTP\/1\.1 408 /);
      assert.ok(took > 25 && took < 45, `after ${took} s`);
    }));

  test('W4: who asks for much and reads nothing is cut off, and what is kept for it is bounded', patient, () =>
    withHub({flags: unlimited}, async (hub) => {
      await hub.alive();
      const before = hub.rssMiB();
      const greedy = await Promise.all(Array.from({length: 50}, () => dial(hub.port)));
      const request = `GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\n\r\n`;
      for (const socket of greedy) {
        socket.pause();
        socket.write(request.repeat(2000));
      }
      await until(20_000, 'all are busy', async () => (await hub.metric('telltale_http_connections_open')) >= 50);
      await until(75_000, 'all are cut off', async () => (await hub.metric('telltale_http_connections_open')) < 10);
      const grown = hub.rssMiB() - before;
      assert.ok(grown < 128, `${grown.toFixed(1)} MiB more`);
      greedy.forEach((socket) => socket.destroy());
    }));

  test('W4: an idle connection is let go after 75 s', patient, () =>
    withHub({}, async (hub) => {
      const idle = await dial(hub.port);
      const began = Date.now();
      assert.equal(await within(90_000, 'the end', readToEnd(idle)), '');
      assert.ok(Date.now() - began > 60_000);
    }));

  test('C10: stopped for 30 s and continued: nobody is declared dead', patient, () =>
    withHub({flags: unlimited, fleet: noisy}, async (hub) => {
      await hub.healthy('noisy');
      const client = await Client.open(hub);
      client.send({action: 'subscribe', channels: ['status']});
      await client.next((message) => message.type === 'subscribed');
      const call = hub.call('noisy', 'wait', {ms: 3000});
      await until(5000, 'the call runs', async () => (await hub.api('/api/servers/noisy')).body.calls.in_flight !== 0);
      hub.child.kill('SIGSTOP');
      await new Promise((done) => setTimeout(done, 30_000)); // the fault itself
      hub.child.kill('SIGCONT');
      assert.equal((await call).status, 200, 'the call under way is answered');
      client.send({action: 'ping'});
      await client.next((message) => message.type === 'pong');
      // Three more checks, and still nothing but health.
      const checks = async () => (await hub.api('/api/servers/noisy')).body.checks.total;
      const seen = await checks();
      await until(20_000, 'checks go on', async () => (await checks()) >= seen + 3);
      assert.equal(await hub.health('noisy'), 'healthy');
      const changes = client.messages.map((text) => JSON.parse(text)).filter((message) => message.type === 'mcp_status_change');
      assert.deepEqual(changes.filter((change) => change.data.new_status !== 'healthy'), []);
      assert.equal((await hub.api('/api/servers/noisy')).body.restarts, 0);
      client.destroy();
    }));
});

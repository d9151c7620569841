// C1, C7, C8, W2: no descriptor left, a new certificate, an end under load, and ten thousand clients that come back at once.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {Agent, get} from 'node:https';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {connect as connectTls} from 'node:tls';
import {Client, dial, here, Hub, readToEnd, until, within} from './harness.mjs';

const noisy = {noisy: {command: process.execPath, args: [join(here, 'servers/noisy.mjs')], telltale: {health_interval_s: 1}}};
const unlimited = ['--rate-limit-per-minute', '0'];

test('C1: without a free descriptor it neither spins nor hangs, and it recovers', {timeout: 90_000}, async () => {
  const hub = await Hub.start({nofile: 128, fleet: noisy, flags: unlimited});
  try {
    await hub.healthy('noisy');
    const live = await Client.open(hub);
    const held = await dial(hub.port); // a connection from before
    const ask = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\n\r\n`;
    const answered = () => new Promise((done) => held.once('data', (data) => done(data.toString())));
    const crowd = await Promise.all(Array.from({length: 300}, () => dial(hub.port)));
    let turnedAway = 0;
    crowd.forEach((socket) => socket.once('close', () => ++turnedAway).resume());
    await until(20_000, 'some are turned away', () => turnedAway > 50);
    const cpu = hub.cpuSeconds();
    await new Promise((done) => setTimeout(done, 3000)); // how much it uses while it has none
    const used = hub.cpuSeconds() - cpu;
    assert.ok(used < 1, `${used} s of CPU in 3 s: it spins`);
    const answer = answered();
    held.write(ask);
    assert.match(await within(5000, 'an answer on an old connection', answer), /^HTTP\/1\.1 200/);
    live.send({action: 'call', id: 1, operation: 'fleet.list', arguments: {}});
    assert.ok(await live.next((message) => message.type === 'result'));
    const away = turnedAway;
    crowd.forEach((socket) => socket.destroy());
    held.destroy();
    await until(10_000, 'new connections are taken', async () => hub.alive().catch(() => false));
    await hub.healthy('noisy');
    assert.equal((await hub.call('noisy', 'echo')).status, 200, 'children are reached');
    assert.equal((await hub.api('/api/servers/noisy/restart', {method: 'POST'})).status, 200, 'and can be started again');
    console.log(`# C1: ${used.toFixed(2)} s of CPU in 3 s, ${away} turned away`);
    live.destroy();
  } finally {
    await hub.stop();
  }
});

test('C8: SIGTERM under load: what runs is finished, sockets are told 1001, nobody new is taken, exit 0', {timeout: 60_000}, async () => {
  const hub = await Hub.start({fleet: noisy, flags: unlimited});
  await hub.healthy('noisy');
  const clients = await Promise.all(Array.from({length: 50}, () => Client.open(hub)));
  const idle = await dial(hub.port);
  const idleEnd = readToEnd(idle);
  idle.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\n\r\n`);
  const calls = Array.from({length: 20}, () => hub.call('noisy', 'wait', {ms: 2000}));
  await until(10_000, 'the calls run', async () => (await hub.metric('telltale_operations_running')) >= 20);
  const child = (await hub.api('/api/servers/noisy')).body.process.pid;
  const began = Date.now();
  hub.child.kill('SIGTERM');
  const answers = await Promise.all(calls);
  assert.deepEqual(answers.map(({status}) => status), Array(20).fill(200), 'every call that ran was answered');
  const codes = await Promise.all(clients.map((client) => client.end(15_000)));
  assert.deepEqual(codes, Array(50).fill(1001));
  assert.match(await within(10_000, 'the idle connection ends', idleEnd), /^HTTP\/1\.1 200/);
  assert.deepEqual(await within(20_000, 'the end', hub.exited), {code: 0, signal: null});
  const late = await dial(hub.port);
  assert.ok(late.destroyed || (await readToEnd(late)) === '', 'nobody listens any more');
  assert.throws(() => process.kill(child, 0), /ESRCH/, 'its child is gone');
  console.log(`# C8: ended ${Date.now() - began} ms after SIGTERM`);
  await hub.stop();
});

test('C8: a second SIGTERM means now', {timeout: 60_000}, async () => {
  const hub = await Hub.start({fleet: noisy, flags: [...unlimited, '--drain-seconds', '60']});
  await hub.healthy('noisy');
  const child = (await hub.api('/api/servers/noisy')).body.process.pid;
  const call = hub.call('noisy', 'wait', {ms: 50_000}).catch(() => null);
  await until(10_000, 'the call runs', async () => (await hub.metric('telltale_operations_running')) >= 1);
  hub.child.kill('SIGTERM');
  await until(5000, 'it is going down', () => hub.log.includes('shutting down'));
  const began = Date.now();
  await until(5000, 'it has ended', () => {
    hub.child.kill('SIGTERM');
    return hub.child.exitCode !== null || hub.child.signalCode !== null;
  });
  assert.ok(Date.now() - began < 3000);
  await until(5000, 'its child is gone', () => {
    try {
      return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${child}/status`, 'utf8'));
    } catch {
      return true;
    }
  });
  await call;
  await hub.stop();
});

function certificate(folder, name, days) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(days), '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)], {stdio: 'ignore'});
}

test('C7: a new certificate on SIGHUP and by itself; 20 busy connections lose nothing', {timeout: 90_000}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-tls-'));
  certificate(folder, 'one', 90);
  certificate(folder, 'two', 6);
  certificate(folder, 'three', 200);
  const use = (name) => ['key', 'pem'].forEach((kind) => copyFileSync(join(folder, `${name}.${kind}`), join(folder, `current.${kind}`)));
  use('one');
  const hub = await Hub.start({flags: [...unlimited, '--tls-cert', join(folder, 'current.pem'), '--tls-key', join(folder, 'current.key')]});
  try {
    assert.match(hub.origin, /^https:/);
    const ask = (agent, path = '/readyz') =>
      new Promise((done, failed) => {
        get({host: '127.0.0.1', port: hub.port, path, agent, rejectUnauthorized: false}, (answer) => {
          let text = '';
          answer.on('data', (data) => (text += data)).on('end', () => done({status: answer.statusCode, body: JSON.parse(text)}));
        }).on('error', failed);
      });
    const served = () =>
      new Promise((done, failed) => {
        const socket = connectTls({host: '127.0.0.1', port: hub.port, rejectUnauthorized: false}, () => {
          done(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        }).on('error', failed);
      });
    assert.equal(await served(), 'one');
    assert.equal((await ask()).body.tls.status, 'ok');
    // Each of these asks over and over on one connection of its own until told to stop; any error counts.
    let going = true, answers = 0;
    const agents = Array.from({length: 20}, () => new Agent({keepAlive: true, maxSockets: 1}));
    const busy = agents.map(async (agent) => {
      while (going) {
        assert.equal((await ask(agent, '/healthz')).status, 200);
        ++answers;
      }
    });
    use('two');
    hub.child.kill('SIGHUP');
    await until(10_000, 'the second one is served', async () => (await served()) === 'two');
    assert.equal((await ask()).body.tls.status, 'ends_soon', '6 days are left');
    assert.match(hub.log, /the certificate ends soon/);
    use('three');
    await until(10_000, 'the third one is served, unasked', async () => (await served()) === 'three');
    // Half a pair: the old one stays.
    copyFileSync(join(folder, 'one.key'), join(folder, 'current.key'));
    await until(10_000, 'it is reported', () => hub.log.includes('the certificate stays the old one'));
    assert.equal(await served(), 'three');
    const count = answers;
    await until(10_000, 'all go on', () => answers > count + 100);
    going = false;
    await Promise.all(busy);
    const connections = agents.map((agent) => Object.values(agent.freeSockets).flat().length);
    assert.deepEqual(connections, Array(20).fill(1), 'each still has its connection');
    console.log(`# C7: ${answers} answers over two changes`);
    agents.forEach((agent) => agent.destroy());
  } finally {
    await hub.stop();
    rmSync(folder, {recursive: true, force: true});
  }
});

test('W2: ten thousand sockets, all gone at once and back within 30 s', {timeout: 240_000}, async () => {
  const ours = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
  const count = Math.min(10_000, ours - 500);
  const hub = await Hub.start({fleet: noisy, flags: unlimited});
  try {
    await hub.healthy('noisy');
    await hub.login();
    const open = async () => {
      const all = [];
      const began = Date.now();
      for (let i = 0; i < count; i += 250)
        all.push(...(await Promise.all(Array.from({length: Math.min(250, count - i)}, () => Client.open(hub)))));
      return {all, seconds: (Date.now() - began) / 1000};
    };
    const before = hub.rssMiB();
    const first = await open();
    assert.equal(await hub.metric('telltale_websocket_clients'), count);
    const each = ((hub.rssMiB() - before) * 1024) / count;
    assert.ok(each < 32, `${each.toFixed(1)} KiB for each`);
    // All hear one event.
    const heard = first.all.map((client) => client.next((message) => message.type === 'mcp_status_change', 30_000));
    const told = Date.now();
    assert.equal((await hub.api('/api/servers/noisy/stop', {method: 'POST'})).status, 200);
    await Promise.all(heard);
    const toldMs = Date.now() - told;
    first.all.forEach((client) => client.destroy());
    const second = await open();
    assert.ok(second.seconds < 30, `back after ${second.seconds} s`);
    await until(30_000, 'the old ones are gone', async () => (await hub.metric('telltale_websocket_clients')) === count);
    assert.equal((await hub.api('/api/servers/noisy/start', {method: 'POST'})).status, 200);
    console.log(`# W2: ${count} sockets, ${each.toFixed(1)} KiB each, opened in ${first.seconds.toFixed(1)} s, one event to all ${toldMs} ms, back in ${second.seconds.toFixed(1)} s`);
    second.all.forEach((client) => client.destroy());
    await until(30_000, 'all are let go', async () => (await hub.metric('telltale_websocket_clients')) === 0);
  } finally {
    await hub.stop();
  }
});

// C11, C12, S9: a fleet file half written, nobody who reads our log, streams that are closed, and a state directory that cannot be written.
import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {closeSync, constants, mkdtempSync, mkdirSync, openSync, readFileSync, readlinkSync, readSync, renameSync, rmSync, symlinkSync, writeFileSync, writeSync} from 'node:fs';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {binary, here, Hub, until, within} from './harness.mjs';

const noisy = {noisy: {command: process.execPath, args: [join(here, 'servers/noisy.mjs')]}};
const guess = (hub) => fetch(`${hub.origin}/api/auth/login`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({username: 'admin', password: 'a guess'}), signal: AbortSignal.timeout(10_000)});
const lostTo = (hub, where) => hub.metric(`telltale_log_lines_lost_total{to="${where}"}`);

// What is in a pipe that does not block.
function readAll(descriptor) {
  const bytes = Buffer.alloc(65_536);
  let out = '';
  try {
    for (let n; (n = readSync(descriptor, bytes)) > 0; ) out += bytes.toString('utf8', 0, n);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
  }
  return out;
}

test('C11: a fleet file that is half written is not taken, is told, and the fleet goes on', {timeout: 60_000}, async () => {
  const hub = await Hub.start({fleet: noisy});
  try {
    await hub.healthy('noisy');
    const file = join(hub.folder, 'fleet.json');
    const whole = JSON.stringify({mcpServers: {...noisy, second: noisy.noisy}});
    for (const length of [0, 1, 20, whole.length >> 1, whole.length - 1]) {
      writeFileSync(file, whole.slice(0, length));
      const answer = await hub.api('/api/fleet/reload', {method: 'POST'});
      assert.equal(answer.status, 422, `${length} of ${whole.length} bytes: ${JSON.stringify(answer.body)}`);
      assert.ok(answer.body.detail.includes(file), answer.body.detail);
      assert.equal(await hub.health('noisy'), 'healthy');
      assert.equal((await hub.call('noisy', 'echo')).status, 200);
      assert.equal((await hub.api('/api/servers/second')).status, 404);
    }
    await until(10_000, 'whoever only looks at the log knows', () => hub.log.includes('is not taken'));
    // Put in its place as a whole, it is taken by itself.
    writeFileSync(`${file}.new`, whole);
    renameSync(`${file}.new`, file);
    await until(15_000, 'the second server is there', async () => (await hub.api('/api/servers/second')).status === 200);
  } finally {
    await hub.stop();
  }
});

test('C12: a log that nobody reads costs lines, counted and told, and no time', {timeout: 60_000}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-faults-'));
  const fifo = join(folder, 'stderr');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const fill = Buffer.alloc(4096, '.');
  try {
    for (;;) writeSync(reader, fill);
  } catch (error) {
    assert.equal(error.code, 'EAGAIN');
  }
  const stderr = openSync(fifo, constants.O_WRONLY); // blocking, as a supervisor's pipe is
  const hub = await Hub.start({fleet: noisy, stderr});
  try {
    closeSync(stderr);
    await hub.healthy('noisy');
    for (let i = 0; i < 3; ++i) assert.equal((await guess(hub)).status, 401, 'each is a warning in the log');
    assert.ok(await hub.alive());
    const lost = await lostTo(hub, 'stderr');
    assert.ok(lost >= 3, `${lost} lost`);
    readAll(reader);
    await guess(hub);
    const told = await until(5000, 'a line comes', () => readAll(reader));
    assert.match(told, new RegExp(`\\(${lost} log lines were lost here\\)\\n.*failed login`));
  } finally {
    await hub.stop();
    closeSync(reader);
    rmSync(folder, {recursive: true});
  }
});

test('C12: no room for the log, on stderr and in a file', {timeout: 60_000}, async () => {
  const logs = mkdtempSync(join(tmpdir(), 'telltale-faults-'));
  symlinkSync('/dev/full', join(logs, 'telltale.log'));
  const full = openSync('/dev/full', constants.O_WRONLY);
  const hub = await Hub.start({fleet: noisy, stderr: full, flags: ['--log-dir', logs]});
  try {
    await hub.healthy('noisy');
    for (let i = 0; i < 3; ++i) assert.equal((await guess(hub)).status, 401);
    for (const where of ['stderr', 'file']) assert.ok((await lostTo(hub, where)) >= 3, where);
    assert.equal((await hub.call('noisy', 'echo')).status, 200);
  } finally {
    await hub.stop();
    closeSync(full);
    rmSync(logs, {recursive: true});
  }
});

test('C12: started with stdin, stdout and stderr closed, none of our files gets their numbers', {timeout: 60_000}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-faults-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address();
  await new Promise((done) => probe.close(done));
  const child = spawn('sh', ['-c', 'exec "$0" "$@" <&- >&- 2>&-', binary(), 'serve', '--port', String(port), '--persistence-path', folder], {stdio: 'ignore', env: {PATH: process.env.PATH, HOME: folder, TELLTALE_TEST_RUN: process.env.TELLTALE_TEST_RUN ?? ''}});
  const exited = once(child, 'exit');
  try {
    await until(20_000, 'it serves', () => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false));
    for (const number of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${child.pid}/fd/${number}`), '/dev/null');
    child.kill('SIGTERM');
    assert.deepEqual(await within(20_000, 'it ends', exited), [0, null]);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, {recursive: true, force: true});
  }
});

test('S9: a state directory that cannot be written is refused in one line, with exit code 1', {timeout: 60_000}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-faults-'));
  const refused = (state) => {
    const {status, stderr, stdout} = spawnSync('bwrap', ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', binary(), 'serve', '--port', '0', '--persistence-path', state], {encoding: 'utf8', timeout: 20_000});
    assert.equal(status, 1, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^telltale: cannot [^\n]*Read-only file system\n$/);
    assert.ok(stderr.includes(state), stderr);
  };
  try {
    refused(join(folder, 'new'));
    mkdirSync(join(folder, 'old'));
    writeFileSync(join(folder, 'old/telltale.db'), '');
    refused(join(folder, 'old'));
    assert.equal(readFileSync(join(folder, 'old/telltale.db'), 'utf8'), '', 'nothing was written');
  } finally {
    rmSync(folder, {recursive: true});
  }
});

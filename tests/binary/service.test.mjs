// Under a service manager: the socket it holds, readiness, the watchdog, and a restart that no client notices as a refusal.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {createInterface} from 'node:readline';
import {adminPassword, binary, root, testRun, within} from '../support/telltale.mjs';

let folder, holder, port;
const lines = [];
const waiting = [];
const said = (what, pattern, from = 0) =>
  within(20_000, what, new Promise((done) => {
    const look = () => {
      const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
      if (at < 0) return false;
      done({match: pattern.exec(lines[at]), at});
      return true;
    };
    if (!look()) waiting.push(look);
  }));

// One request on a connection of its own.
const ask = (path, headers = {}) =>
  new Promise((done, failed) => {
    const asked = request({host: '127.0.0.1', port, path, headers: {connection: 'close', ...headers}, agent: false}, (answer) => {
      let text = '';
      answer.on('data', (data) => (text += data)).on('end', () => done({status: answer.statusCode, text})).on('error', failed);
    });
    asked.on('error', failed).end();
  });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-service-'));
  holder = spawn('perl', [join(root, 'tests/support/socket_holder.pl'), '2', binary(), 'serve', '--persistence-path', join(folder, 'state')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {PATH: process.env.PATH, HOME: folder, HOLDER_FOLDER: folder, TELLTALE_ADMIN_PASSWORD: adminPassword, TELLTALE_LOG_LEVEL: 'warning', ...testRun},
  });
  createInterface({input: holder.stdout}).on('line', (line) => {
    lines.push(line);
    for (let i = waiting.length - 1; i >= 0; --i) if (waiting[i]()) waiting.splice(i, 1);
  });
  port = Number((await said('the port', /^port (\d+)/)).match[1]);
});
after(async () => {
  holder.kill('SIGTERM');
  rmSync(folder, {recursive: true, force: true});
});

test('it serves the socket it was given, and says when it is ready', async () => {
  await said('ready', /^notify READY=1 STATUS=Serving http:\/\/127\.0\.0\.1:\d+/);
  assert.equal((await ask('/healthz')).status, 200);
  await said('a sign of life', /^notify WATCHDOG=1/);
});

test('over a restart nobody is refused, and the session goes on', async () => {
  const login = await fetch(`http://127.0.0.1:${port}/api/auth/login`, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({username: 'admin', password: adminPassword})});
  const {access_token: token} = await login.json();
  const pid = Number((await said('the pid', /^started (\d+)/)).match[1]);
  let asking = true;
  let answered = 0;
  const failures = [];
  const clients = Array.from({length: 20}, async () => {
    while (asking)
      await ask('/api/servers', {authorization: `Bearer ${token}`}).then(
        ({status, text}) => (status === 200 ? ++answered : failures.push(`${status} ${text}`)),
        (error) => failures.push(error.code ?? error.message),
      );
  });
  const before = lines.length;
  process.kill(pid, 'SIGTERM');
  await said('that it stops', /^notify STOPPING=1/, before);
  const ended = await said('its end', new RegExp(`^ended ${pid} (\\d+)`), before);
  assert.equal(ended.match[1], '0', 'it ended rightly');
  await said('the next one', /^notify READY=1/, ended.at);
  const then = answered;
  await within(10_000, 'answers by the next one', (async () => { while (answered < then + 100) await new Promise((done) => setTimeout(done, 10)); })());
  asking = false;
  await Promise.all(clients);
  assert.deepEqual([...new Set(failures)], [], `${failures.length} of ${answered + failures.length} failed`);
});

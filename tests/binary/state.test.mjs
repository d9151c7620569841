// What is kept, as an operator meets it: the audit of a whole day, its verifier, secrets nowhere in the open, a backup made while
// the server runs and put back.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root, within} from '../support/telltale.mjs';

const everything = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const canary = `canary-${randomBytes(12).toString('hex')}`;
let folder, state, server;

const healthy = (name, from = server) =>
  within(
    30_000,
    `${name} is healthy`,
    (async () => {
      for (;;) {
        if ((await from.api(`/api/servers/${name}`)).health_status === 'healthy') return;
        await new Promise((done) => setTimeout(done, 50));
      }
    })(),
  );
const audit = async (query = '') => (await server.api(`/api/audit?limit=1000${query}`)).items;
function* filesBelow(path) {
  for (const entry of readdirSync(path, {withFileTypes: true}))
    if (entry.isDirectory()) yield* filesBelow(join(path, entry.name));
    else if (entry.isFile()) yield join(path, entry.name);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-state-'));
  state = join(folder, 'state');
  server = await Server.start({state});
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

test('the audit has changes, logins, refusals and tool calls, with who, from where and how they ended', async () => {
  const bad = await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'admin', password: 'not this one'}});
  assert.equal(bad.status, 401);
  const definition = {command: process.execPath, args: [everything, 'stdio'], env: {SECRET_THING: canary}};
  await server.api('/api/servers', {method: 'POST', body: {name: 'kept', ...definition}});
  await healthy('kept');
  await server.api('/api/servers/kept/tools/echo/call', {method: 'POST', body: {arguments: {message: 'hello'}}});
  await server.api('/api/users', {method: 'POST', body: {username: 'vera', password: canary, role: 'viewer'}});
  const vera = await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'vera', password: canary}})).json();
  assert.equal((await server.fetch('/api/servers/kept/restart', {method: 'POST', body: {}, token: vera.access_token})).status, 403);
  assert.equal((await server.fetch('/api/audit', {token: vera.access_token})).status, 403, 'the audit is not for everybody');

  const entries = await audit();
  const find = (action, outcome, subject) => entries.find((one) => one.action === action && one.outcome === outcome && one.subject === subject);
  for (const [action, outcome, subject] of [
    ['auth.login', 'refused', 'admin'],
    ['auth.login', 'ok', 'admin'],
    ['fleet.create', 'started', 'kept'],
    ['fleet.create', 'ok', 'kept'],
    ['fleet.tool_call', 'ok', 'kept'],
    ['users.create', 'ok', 'vera'],
    ['fleet.restart', 'refused', 'kept'],
  ]) {
    const entry = find(action, outcome, subject);
    assert.ok(entry, `${action} ${outcome} ${subject} is missing in ${entries.map((one) => `${one.action} ${one.outcome} ${one.subject}`)}`);
    assert.equal(entry.address, '127.0.0.1', `${action} ${outcome}`);
  }
  assert.equal(find('fleet.restart', 'refused', 'kept').actor, 'vera');
  assert.equal((await audit('&actor=vera')).every((one) => one.actor === 'vera'), true);
  assert.equal((await server.api('/api/audit/verify', {method: 'POST', body: {}})).ok, true);
});

test('a session that goes on is not in the audit; a refresh that is refused is, and a used token with whose session it ended', async () => {
  const refresh = (refresh_token) => server.fetch('/api/auth/refresh', {method: 'POST', body: {refresh_token}});
  const refreshes = () => audit('&action=auth.refresh');
  const before = (await refreshes()).length;
  const first = await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'vera', password: canary}})).json();
  let last = first;
  for (let i = 0; i < 3; i++) {
    const answer = await refresh(last.refresh_token);
    assert.equal(answer.status, 200);
    last = await answer.json();
  }
  assert.equal((await refreshes()).length, before);
  assert.equal((await refresh('ses_none.nothing')).status, 401);
  assert.equal((await refresh(first.refresh_token)).status, 401);
  assert.equal((await refresh(last.refresh_token)).status, 401, 'both have lost the session');
  const entries = (await refreshes()).slice(0, (await refreshes()).length - before);
  assert.ok(entries.some(({outcome, subject}) => outcome === 'refused' && subject === ''), JSON.stringify(entries));
  const stolen = entries.filter(({subject}) => subject === 'vera');
  assert.equal(stolen.length, 1, JSON.stringify(entries));
  assert.deepEqual([stolen[0].outcome, stolen[0].actor, stolen[0].address], ['refused', '', '127.0.0.1']);
  assert.match(stolen[0].detail, /used before/);
});

test('secrets are in no file, answer, event, log line, metric or other child', async () => {
  await server.api('/api/servers', {method: 'POST', body: {name: 'other', command: process.execPath, args: [everything, 'stdio']}});
  await healthy('other');
  const environment = async (name) => JSON.stringify(await server.api(`/api/servers/${name}/tools/get-env/call`, {method: 'POST', body: {arguments: {}}}));
  const own = await environment('kept');
  assert.ok(own.includes(canary), 'the child it is meant for has it (else this test proves nothing)');
  assert.equal((await environment('other')).includes(canary), false);
  assert.equal((await environment('other')).includes(adminPassword), false, 'nor what we were started with');

  const seen = {};
  for (const path of ['/api/servers', '/api/servers/kept', '/api/servers/kept/definition', '/api/users', '/api/audit?limit=1000', '/api/events?since=0&limit=1000', '/openapi.json']) {
    const answer = await server.fetch(path, {token: await server.adminToken()});
    if (answer.status !== 404) seen[path] = await answer.text();
  }
  seen.metrics = await (await server.fetch('/metrics', {token: await server.adminToken()})).text();
  seen['operations but the call that printed it'] = JSON.stringify((await server.api('/api/operations?limit=1000')).items.filter((one) => one.operation !== 'fleet.tool_call'));
  seen.log = server.log;
  assert.ok(seen['/api/servers/kept'].includes('kept') && seen['/api/audit?limit=1000'].includes('vera'), 'there was something to read');
  for (const [where, text] of Object.entries(seen)) assert.equal(text.includes(canary), false, `${where} shows it`);
});

test('what is at rest is sealed', async () => {
  assert.deepEqual(await server.stop(), {code: 0, signal: null});
  // The tool's own answer printed its environment: that is the tool's doing, and is in the record of its call.
  const files = [...filesBelow(state)];
  assert.ok(files.some((file) => file.endsWith('telltale.db')));
  const db = new DatabaseSync(join(state, 'telltale.db'), {readOnly: true});
  for (const {name} of db.prepare("SELECT name FROM sqlite_schema WHERE type='table'").all())
    for (const row of db.prepare(`SELECT * FROM "${name}"`).all()) {
      if (name === 'operations' && row.operation === 'fleet.tool_call') continue;
      assert.equal(JSON.stringify(row).includes(canary), false, `the table ${name} has it in the open: ${JSON.stringify(row).slice(0, 300)}`);
    }
  assert.match(db.prepare("SELECT definition FROM servers WHERE name='kept'").get().definition, /^enc1:/);
  db.close();
  for (const key of ['master.key', 'audit.key', 'telltale.db', 'audit.heads']) assert.equal(statSync(join(state, key)).mode & 0o077, 0, `others may read ${key}`);
});

test('telltale audit verify finds whoever changes a row', async () => {
  const verify = () => command(['audit', 'verify', '--persistence-path', state, '--json']);
  const good = await verify();
  assert.equal(good.code, 0, good.stdout + good.stderr);
  const copy = join(folder, 'tampered');
  mkdirSync(copy);
  for (const name of ['telltale.db', 'audit.heads', 'audit.pub']) copyFileSync(join(state, name), join(copy, name));
  const db = new DatabaseSync(join(copy, 'telltale.db'));
  db.exec("DROP TRIGGER audit_keeps_rows; UPDATE audit SET actor='nobody' WHERE seq=3");
  db.close();
  const bad = await command(['audit', 'verify', '--persistence-path', copy, '--json']);
  assert.equal(bad.code, 1);
  assert.equal(JSON.parse(bad.stdout).broken_at, 3);
  assert.equal((await command(['audit', 'verify', '--persistence-path', join(folder, 'nowhere')])).code, 2);
});

test('a backup made while it runs, put back, is how it was', async () => {
  server = await Server.start({state});
  await healthy('kept');
  const report = await server.api('/api/store/backup', {method: 'POST', body: {}});
  assert.ok(existsSync(report.file) && report.audit_entries > 0);
  const offline = await command(['backup', join(folder, 'offline.db'), '--persistence-path', state]);
  assert.equal(offline.code, 0, offline.stderr);
  await server.api('/api/servers/kept', {method: 'DELETE'});
  const busy = await command(['restore', report.file, '--persistence-path', state]);
  assert.equal(busy.code, 2);
  assert.match(busy.stderr, /another Telltale uses/);
  await server.stop();

  const restored = await command(['restore', join(folder, 'offline.db'), '--persistence-path', state]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal((await command(['audit', 'verify', '--persistence-path', state])).code, 0, 'the audit knows that it was put back');
  server = await Server.start({state});
  await healthy('kept');
  assert.ok(JSON.stringify(await server.api('/api/servers/kept/tools/get-env/call', {method: 'POST', body: {arguments: {}}})).includes(canary), 'its secrets open');
});

test('a new key seals everything anew; the wrong key opens nothing and destroys nothing', async () => {
  const before = readFileSync(join(state, 'master.key'));
  const rotated = await server.api('/api/secrets/rotate', {method: 'POST', body: {}});
  assert.ok(rotated.values >= 1 && rotated.master_key_too);
  assert.notDeepEqual(readFileSync(join(state, 'master.key')), before);
  await server.stop();
  const wrong = await command(['serve', '--port', '0', '--persistence-path', state], {env: {TELLTALE_MASTER_KEY: '00'.repeat(32)}});
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /sealed with another master key/);
  server = await Server.start({state});
  await healthy('kept');
});

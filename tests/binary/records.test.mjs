// What was recorded, over the real binary: logs of all servers, exports of the audit, what is stored and how long, backups, versions
// of the configuration, what it is built of.
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root, until} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-records-'));
const flaky = {command: process.execPath, args: [join(root, 'examples/demo/flaky.mjs')]};
let server;
before(async () => {
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {flaky, broken: {command: '/bin/false'}}}));
  server = await Server.start({args: ['--mcp-config', fleet]});
  await until('flaky is up', async () => (await server.api('/api/servers/flaky')).health_status === 'healthy');
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const get = async (path, options = {}) => {
  const answer = await server.fetch(path, {token: await server.adminToken(), ...options});
  return {status: answer.status, type: answer.headers.get('content-type'), text: await answer.text()};
};
const json = async (path, options) => JSON.parse((await get(path, options)).text);

test('logs of all servers: filtered, paged without a gap, around a line', async () => {
  await until('both have lines', async () => new Set((await json('/api/logs?limit=500')).items.map((line) => line.server)).size === 2);
  await server.api('/api/servers/broken/stop', {method: 'POST', body: {}}); // so that the list stands still
  const all = (await json('/api/logs?limit=500')).items;
  assert.deepEqual(all.map(({time}) => time), all.map(({time}) => time).toSorted(), 'newest last');
  const paged = [];
  for (let before = ''; before !== null; ) {
    const page = await json(`/api/logs?limit=2${before && `&before=${encodeURIComponent(before)}`}`);
    paged.unshift(...page.items);
    before = page.items.length > 0 ? page.older : null;
  }
  const key = (line) => `${line.server}:${line.log_seq}`;
  assert.deepEqual(paged.map(key), all.map(key));
  assert.ok((await json('/api/logs?server=flaky')).items.every((line) => line.server === 'flaky'));
  assert.ok((await json('/api/logs?level=error&limit=500')).items.every((line) => line.level === 'error'));
  const found = (await json('/api/logs?q=SEED')).items;
  assert.deepEqual(found.map(key), all.filter((line) => /seed/i.test(line.message)).map(key));
  const around = await json(`/api/logs?around=${key(found[0])}&limit=5`);
  assert.ok(around.items.some((line) => key(line) === key(found[0])));
  for (const [query, pointer] of [['level=loud', '/level'], ['around=flaky', '/around'], ['before=x', '/before'], ['limit=0', '/limit']]) {
    const {status, text} = await get(`/api/logs?${query}`);
    assert.ok(status === 400 || status === 422, `${query}: ${status} ${text}`);
    assert.equal(JSON.parse(text).errors?.[0].pointer, pointer, text);
  }
});

test('the audit is exported in every format, exactly by the filter', async () => {
  await server.api('/api/users', {method: 'POST', body: {username: '=cmd', password: 'a long enough one', role: 'viewer'}});
  const lines = (await get('/api/audit/export?format=ndjson')).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 2);
  assert.deepEqual(lines.map(({seq}) => seq), lines.map(({seq}) => seq).toSorted((a, b) => a - b), 'oldest first');
  const logins = (await get('/api/audit/export?format=ndjson&action=auth.login')).text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(logins.map(({seq}) => seq), lines.filter(({action}) => action === 'auth.login').map(({seq}) => seq));
  const csv = await get('/api/audit/export?format=csv&action=*');
  assert.match(csv.type, /^text\/csv/);
  assert.match(csv.text, /'=cmd/, 'no formula');
  assert.doesNotMatch(csv.text, /a long enough one/);
  assert.ok(JSON.parse((await get('/api/audit/export?format=json')).text));
  assert.equal((await get('/api/audit/export?format=xml')).status, 422);
});

test('what is stored is told, and how long it is kept can be changed', async () => {
  const usage = await json('/api/store/usage');
  assert.equal(usage.kinds.reduce((sum, {bytes}) => sum + bytes, 0), usage.size_bytes);
  assert.ok(usage.disk.free_bytes > 0 && usage.kinds.find(({kind}) => /log/i.test(kind)).rows > 0, JSON.stringify(usage));
  const kept = await json('/api/store/retention');
  await server.api('/api/store/retention', {method: 'PUT', body: {...kept, logs: 24}});
  assert.equal((await json('/api/store/retention')).logs, 24);
  const wrong = await get('/api/store/retention', {method: 'PUT', body: {...kept, logs: 0}});
  assert.equal(JSON.parse(wrong.text).errors[0].pointer, '/logs');
});

test('backups are made, read, removed, and nothing else of the machine is', async () => {
  const made = await server.api('/api/store/backup', {method: 'POST', body: {}});
  const {items} = await json('/api/store/backups');
  assert.ok(made.file.endsWith(items[0].name), JSON.stringify([made, items]));
  const answer = await server.fetch(`/api/store/backups/${items[0].name}`, {token: await server.adminToken()});
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(bytes.length, items[0].bytes);
  assert.equal(bytes.subarray(0, 15).toString(), 'SQLite format 3');
  for (const name of ['..%2Ftelltale.db', '%2Fetc%2Fpasswd', 'nosuch.db']) assert.equal((await get(`/api/store/backups/${name}`)).status, 404, name);
  assert.equal((await get(`/api/store/backups/${items[0].name}`, {method: 'DELETE'})).status, 204);
  assert.deepEqual(readdirSync(join(server.state, 'backups')), []);
});

test('the configuration has versions, and goes back to one', async () => {
  const [first] = (await json('/api/fleet/versions')).items;
  await server.api('/api/servers', {method: 'POST', body: {name: 'added', ...flaky, env: {TOKEN: 'very secret'}}});
  const [second] = (await json('/api/fleet/versions')).items;
  assert.deepEqual([second.version, second.changes, second.actor], [first.version + 1, [{name: 'added', kind: 'added', origin: 'api'}], 'admin']);
  const whole = await get(`/api/fleet/versions/${second.version}`);
  assert.deepEqual(Object.keys(JSON.parse(whole.text).servers).toSorted(), ['added', 'broken', 'flaky']);
  assert.doesNotMatch(whole.text, /very secret/);
  const back = await server.api(`/api/fleet/versions/${first.version}/restore`, {method: 'POST', body: {}});
  assert.deepEqual([back.added, back.changed, back.removed], [[], [], ['added']]);
  assert.equal((await get('/api/servers/added')).status, 404);
  const again = await server.api(`/api/fleet/versions/${second.version}/restore`, {method: 'POST', body: {}});
  assert.deepEqual(again.added, ['added']);
  await until('it runs with what it had', async () => (await server.api('/api/servers/added')).health_status === 'healthy');
  assert.equal((await get('/api/fleet/versions/99999')).status, 404);
});

test('it says what it is built of', async () => {
  const about = await json('/api/system/about');
  assert.match(about.build, /^(release|debug)$/);
  const {parts, texts} = await json('/licences.json');
  assert.ok(parts.length > 20 && parts.every(({name, version, text}) => name && version && texts[text]), `${parts.length} parts`);
});

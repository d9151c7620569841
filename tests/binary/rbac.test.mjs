// Who may what, asked of every endpoint of /openapi.json in every role; what one may not see is not there.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root, within} from '../support/telltale.mjs';

const password = 'correct horse battery staple';
let server;
let folder;
const tokens = {};

async function login(username) {
  const answer = await server.fetch('/api/auth/login', {method: 'POST', body: {username, password}});
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).access_token;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rbac-'));
  const memory = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
  const one = (name) => ({command: process.execPath, args: [memory], env: {MEMORY_FILE_PATH: join(folder, `${name}.jsonl`)}});
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {'git-one': one('git-one'), hidden: one('hidden')}}));
  server = await Server.start({args: ['--mcp-config', fleet, '--rate-limit-per-minute', '100000'], env: {TELLTALE_LOG_LEVEL: 'error'}});
  await server.api('/api/roles', {
    method: 'POST',
    body: {
      name: 'git-team',
      grants: [
        {permissions: ['fleet:read', 'tools:read', 'operations:read'], servers: ['git-*']},
        {permissions: ['tools:call'], servers: ['git-*'], tools: ['read_*']},
      ],
    },
  });
  for (const role of ['viewer', 'operator', 'git-team']) await server.api('/api/users', {method: 'POST', body: {username: `a-${role}`, password, role}});
  tokens.admin = await server.adminToken();
  for (const role of ['viewer', 'operator', 'git-team']) tokens[role] = await login(`a-${role}`);
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

test('each role is refused what it lacks the permission for, and nothing else', async () => {
  const {paths} = await (await server.fetch('/openapi.json')).json();
  const mine = {};
  for (const role of Object.keys(tokens)) mine[role] = new Set((await (await server.fetch('/api/auth/me', {token: tokens[role]})).json()).permissions);
  const wrong = [];
  let asked = 0;
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, entry] of Object.entries(methods)) {
      const needed = entry['x-permission'];
      if (!needed || entry.operationId === 'auth.rotate_key') continue;
      for (const role of Object.keys(tokens)) {
        // Nothing that exists, so that whoever may ask changes nothing.
        const answer = await server.fetch(path.replaceAll(/\{\w+\}/g, 'nosuch'), {method: method.toUpperCase(), token: tokens[role], body: ['post', 'put'].includes(method) ? {nosuch: 1} : undefined});
        await answer.arrayBuffer();
        asked += 1;
        const may = needed === 'session' || mine[role].has(needed);
        if ((answer.status === 403) === may || answer.status === 401 || answer.status >= 500) wrong.push(`${role} ${method} ${path}: ${answer.status}, needs ${needed}`);
      }
    }
  }
  assert.ok(asked > 100, `${asked} asked`);
  assert.deepEqual(wrong, []);
});

test('a server one may not see is not there, by no way', async () => {
  const token = tokens['git-team'];
  const ask = async (path, options = {}) => (await server.fetch(path, {token, ...options})).status;
  const {items} = await (await server.fetch('/api/servers', {token})).json();
  assert.deepEqual(items.map(({name}) => name), ['git-one']);
  const hidden = await server.api('/api/servers/hidden');
  for (const id of ['hidden', hidden.id]) {
    for (const path of ['', '/health', '/tools', '/resources', '/prompts', '/logs', '/stats', '/calls']) assert.equal(await ask(`/api/servers/${id}${path}`), 404, path);
    assert.equal(await ask(`/api/servers/${id}/tools/read_graph/call`, {method: 'POST', body: {arguments: {}}}), 404);
  }
  // The same words as for one that is not there at all.
  const text = async (name) => (await (await server.fetch(`/api/servers/${name}`, {token})).text()).replaceAll(name, 'X');
  assert.equal(await text('hidden'), await text('nosuch'));
  // What happened on it neither: make something happen first.
  await server.api('/api/servers/hidden/restart', {method: 'POST', body: {}});
  for (const path of ['/api/operations?limit=1000', '/api/events?since=0&limit=10000']) {
    const answer = await (await server.fetch(path, {token})).text();
    assert.deepEqual(JSON.parse(answer).items.filter((one) => JSON.stringify(one).includes('"hidden"')), [], `${path} names it`);
    assert.ok((await (await server.fetch(path, {token: tokens.viewer})).text()).includes('"hidden"'));
  }
});

test('a tool one may not call is refused, one that one may is called', async () => {
  const call = async (tool, given = {}) => (await server.fetch(`/api/servers/git-one/tools/${tool}/call`, {method: 'POST', token: tokens['git-team'], body: {arguments: given}})).status;
  await within(20_000, 'git-one is healthy', (async () => {
    for (;;) if ((await server.api('/api/servers/git-one')).health_status === 'healthy') return;
  })());
  assert.equal(await call('read_graph'), 200);
  assert.equal(await call('create_entities', {entities: []}), 403);
});

test('a WebSocket shows what its user may see, and ends with its session', async () => {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/ws/mcp-status`, ['telltale.v1', `bearer.${tokens['git-team']}`]);
  const seen = [];
  const closed = new Promise((done) => socket.addEventListener('close', ({code}) => done(code)));
  const until = (what) =>
    within(20_000, what, new Promise((done) => {
      const look = () => seen.some((text) => text.includes(what)) && done();
      socket.addEventListener('message', ({data}) => {
        seen.push(data);
        look();
      });
      look();
    }));
  await until('initial_status');
  assert.deepEqual(JSON.parse(seen[0]).data.mcps.map(({name}) => name), ['git-one']);
  socket.send(JSON.stringify({action: 'subscribe', channels: ['status', 'logs', 'events', 'operations'], since: 0}));
  await until('subscribed');
  await server.api('/api/servers/hidden/restart', {method: 'POST', body: {}});
  await server.api('/api/servers/git-one/restart', {method: 'POST', body: {}});
  await until('"subject":"git-one"');
  assert.deepEqual(seen.filter((text) => text.includes('"hidden"')), [], 'events of a hidden server');
  // The admin ends the session: the socket closes, the token is worth nothing.
  const {items} = await server.api('/api/sessions');
  for (const {id, user} of items) if (user === 'a-git-team') await server.api(`/api/sessions/${id}`, {method: 'DELETE'});
  assert.equal(await within(5000, 'the socket closes', closed), 4401);
  assert.equal((await server.fetch('/api/auth/me', {token: tokens['git-team']})).status, 401);
  tokens['git-team'] = await login('a-git-team');
});

test('no role without server:exec changes an executed byte', async () => {
  await server.api('/api/roles', {method: 'POST', body: {name: 'definer', grants: [{permissions: ['fleet:read', 'fleet:define', 'fleet:operate']}]}});
  await server.api('/api/users', {method: 'POST', body: {username: 'a-definer', password, role: 'definer'}});
  const token = await login('a-definer');
  const send = async (method, path, body) => (await server.fetch(path, {method, token, body})).status;
  assert.equal(await send('POST', '/api/servers', {name: 'evil', command: '/bin/sh', args: ['-c', 'true']}), 403);
  assert.equal(await send('POST', '/api/servers', {name: 'evil', url: 'http://127.0.0.1:9/mcp', command: '/bin/sh'}), 403);
  assert.equal(await send('POST', '/api/servers', {name: 'fine', type: 'http', url: 'http://127.0.0.1:9/mcp', telltale: {autostart: false}}), 201);
  assert.equal(await send('PUT', '/api/servers/fine', {command: '/bin/sh'}), 403);
  assert.equal(await send('PUT', '/api/servers/hidden', {env: {NODE_OPTIONS: '--require /tmp/x'}}), 422);
  assert.equal(await send('POST', '/api/fleet/reload', {}), 403);
  assert.equal(await send('DELETE', '/api/servers/fine'), 204);
});

test('an API token works by both headers and within its scopes', async () => {
  const {token, id} = await server.api('/api/tokens', {method: 'POST', body: {name: 'ci', scopes: ['fleet:read']}});
  assert.equal((await server.fetch('/api/servers', {token})).status, 200);
  assert.equal((await server.fetch('/api/servers', {headers: {'x-api-key': token}})).status, 200);
  assert.equal((await server.fetch('/api/users', {token})).status, 403);
  const text = await (await server.fetch('/api/operations?limit=1000', {token: await server.adminToken()})).text();
  assert.ok(!text.includes(token), 'the record of its making shows it');
  await server.api(`/api/tokens/${id}`, {method: 'DELETE'});
  assert.equal((await server.fetch('/api/servers', {token})).status, 401);
});

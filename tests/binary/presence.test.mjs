// Two people of different rights over real sockets: what each hears of the other, and what never reaches the wrong one.
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root, until, within} from '../support/telltale.mjs';

const password = 'correct horse battery staple';
let server;
let folder;
const tokens = {};

// A tab: what it was told, oldest first, and what is awaited of it.
class Tab {
  heard = [];
  static async open(token, {origin = server.origin, subscribe = true} = {}) {
    const tab = new Tab();
    tab.socket = new WebSocket(`${origin.replace('http', 'ws')}/ws/mcp-status`, ['telltale.v1', `bearer.${token}`]);
    tab.socket.addEventListener('message', ({data}) => tab.heard.push(JSON.parse(data)));
    tab.closed = new Promise((done) => tab.socket.addEventListener('close', ({code}) => done(code)));
    await within(10_000, 'the socket opens', new Promise((done, failed) => {
      tab.socket.addEventListener('open', done);
      tab.socket.addEventListener('error', () => failed(new Error('the socket failed')));
    }));
    if (subscribe) tab.say({action: 'subscribe', channels: ['presence']});
    return tab;
  }
  say(message) {
    this.socket.send(JSON.stringify(message));
  }
  here(page, more = {}) {
    this.say({action: 'presence', page, ...more});
  }
  told(type, holds = () => true) {
    return until(`${type} of ${JSON.stringify(this.heard.map(({type: one, data}) => `${one} ${data?.event ?? ''}`)).slice(-600)}`, () => this.heard.find((one) => one.type === type && holds(one.data)), Boolean, 10_000);
  }
  // Everything before this has been heard.
  async settled() {
    const echo = `${Math.random()}`; // a number would come back in other digits
    this.say({action: 'ping', echo});
    await until('pong', () => this.heard.find((one) => one.type === 'pong' && one.echo === echo), Boolean, 10_000);
  }
  async close() {
    this.socket.close();
    await this.closed;
  }
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'presence-'));
  const memory = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
  const one = (name) => ({command: process.execPath, args: [memory], env: {MEMORY_FILE_PATH: join(folder, `${name}.jsonl`)}});
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {files: one('files'), hidden: one('hidden')}}));
  server = await Server.start({args: ['--mcp-config', fleet, '--rate-limit-per-minute', '100000'], env: {TELLTALE_LOG_LEVEL: 'error'}});
  await server.api('/api/roles', {
    method: 'POST',
    body: {name: 'team', grants: [{permissions: ['fleet:read'], servers: ['files']}, {permissions: ['presence:read', 'presence:chat', 'annotations:write', 'metrics:read', 'operations:read']}]},
  });
  await server.api('/api/users', {method: 'POST', body: {username: 'eve', password, role: 'team'}});
  await server.api('/api/users', {method: 'POST', body: {username: 'ada', password, role: 'operator'}});
  tokens.admin = await server.adminToken();
  for (const user of ['eve', 'ada']) tokens[user] = (await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: user, password}})).json()).access_token;
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const as = async (user, path, method = 'GET', body = undefined) => {
  const answer = await server.fetch(path, {method, body, token: tokens[user]});
  const text = await answer.text();
  return {status: answer.status, body: text ? JSON.parse(text) : null, text};
};

test('each hears of the other, and nothing stays when a socket goes', async () => {
  const ada = await Tab.open(tokens.ada);
  const eve = await Tab.open(tokens.eve);
  ada.here('/servers');
  await ada.told('presence', ({event, me}) => event === 'list' && me);
  eve.here('/servers/files');
  const {data} = await ada.told('presence', ({event}) => event === 'joined');
  assert.equal(data.person.user, 'eve');
  assert.equal(data.person.page, '/servers/files');
  const {body} = await as('admin', '/api/presence');
  assert.deepEqual(body.items.map(({user}) => user).sort(), ['ada', 'eve']);
  await eve.close();
  await ada.told('presence', ({event, id}) => event === 'left' && id === data.person.id);
  await ada.close();
  await until('nobody is left', async () => (await as('admin', '/api/presence')).body.items, (items) => items.length === 0);
  assert.match(await (await server.fetch('/metrics')).text(), /^telltale_presence_people 0$/m);
});

test('a page, a cursor, a view, a room, a link and a note of a hidden server never reach who may not see it', async () => {
  const ada = await Tab.open(tokens.ada);
  const eve = await Tab.open(tokens.eve);
  ada.here('/servers');
  eve.here('/servers');
  const {data: {person}} = await eve.told('presence', ({event, person: one}) => (event === 'joined' || event === 'changed') && one.user === 'ada').catch(async () => ({data: {person: (await eve.told('presence', ({people}) => people?.some(({user}) => user === 'ada'))).data.people[0]}}));
  eve.say({action: 'follow', id: person.id});
  await ada.told('presence', ({person: one}) => one?.user === 'eve' && one.follows_you);
  ada.say({action: 'cursor', page: '/servers', anchor: {element: 'server-row-hidden', x: 0.5, y: 0.5}});
  await eve.told('cursor', ({anchor}) => anchor === null);
  ada.here('/servers', {query: 'q=hidden'});
  await eve.told('presence', ({event, elsewhere}) => event === 'view' && elsewhere);
  ada.here('/servers/hidden');
  await eve.told('presence', ({event, person: one}) => event === 'changed' && one.elsewhere && one.page === null);
  assert.equal((await as('ada', '/api/presence/chat', 'POST', {room: '/servers/hidden', text: 'between us'})).status, 201);
  assert.equal((await as('ada', '/api/presence/chat', 'POST', {text: 'see /servers/hidden please'})).status, 201);
  await eve.told('chat', ({message}) => message?.text === 'see [elsewhere] please');
  const now = new Date().toISOString();
  const note = await as('ada', '/api/annotations', 'POST', {page: '/servers/hidden', chart: 'p95', time: now, text: 'here it began'});
  assert.equal(note.status, 201, note.text);
  assert.equal((await as('ada', '/api/annotations', 'POST', {page: '/', chart: 'calls{server="hidden"}', time: now, text: 'and here'})).status, 201);
  await ada.told('annotation', ({annotation}) => annotation.text === 'and here');
  await eve.settled();
  assert.doesNotMatch(JSON.stringify(eve.heard.slice(1)), /hidden|between us|here it began|and here/);
  for (const path of ['/api/presence', '/api/presence/chat', '/api/annotations', '/api/operations?limit=200', '/api/tasks', '/api/events?limit=1000']) assert.doesNotMatch((await as('eve', path)).text, /hidden|between us|here it began/, path);
  assert.equal((await as('eve', '/api/presence/chat?room=/servers/hidden')).status, 422);
  assert.equal((await as('eve', `/api/annotations/${note.body.id}`, 'DELETE')).status, 404);
  assert.match((await as('admin', '/api/audit?limit=100')).text, /presence\.say/);
  await Promise.all([ada.close(), eve.close()]);
});

test('chat and annotations over the socket; each changes his own, an admin any', async () => {
  const ada = await Tab.open(tokens.ada);
  const eve = await Tab.open(tokens.eve);
  ada.say({action: 'chat', id: 1, text: 'hello /servers/files'});
  const said = await ada.told('result');
  assert.equal(said.ok, true, JSON.stringify(said));
  await eve.told('chat', ({message}) => message?.text === 'hello /servers/files' && !message.yours);
  eve.say({action: 'annotate', id: 2, page: '/', chart: 'Errors', time: new Date().toISOString(), text: 'a deploy'});
  const noted = await eve.told('result');
  assert.equal(noted.ok, true, JSON.stringify(noted));
  await ada.told('annotation', ({event, annotation}) => event === 'added' && annotation.author === 'eve');
  assert.equal((await as('ada', `/api/annotations/${noted.result.id}`, 'DELETE')).status, 403);
  assert.equal((await as('eve', `/api/presence/chat/${said.result.id}`, 'DELETE')).status, 403);
  assert.equal((await as('admin', `/api/annotations/${noted.result.id}`, 'DELETE')).status, 200);
  await ada.told('annotation', ({event}) => event === 'removed');
  assert.equal((await as('eve', `/api/annotations/${noted.result.id}/restore`, 'POST', {})).status, 200);
  assert.equal((await as('ada', `/api/presence/chat/${said.result.id}`, 'DELETE')).status, 200);
  await eve.told('chat', ({event}) => event === 'removed');
  const bad = await as('ada', '/api/annotations', 'POST', {page: '/', chart: '', time: 'soon', text: 'x'});
  assert.equal(bad.body.errors[0].pointer, '/time');
  await Promise.all([ada.close(), eve.close()]);
});

test('cursors have a limit of their own; beyond it the socket is told, then closed', async () => {
  const ada = await Tab.open(tokens.ada);
  const eve = await Tab.open(tokens.eve);
  ada.here('/servers');
  eve.here('/servers');
  await ada.settled();
  for (let i = 0; i < 300; i++) ada.say({action: 'cursor', page: '/servers', anchor: {element: 'x', x: i / 300, y: 0}});
  await eve.told('cursor', ({anchor}) => anchor?.x > 298.5 / 300);
  assert.ok(eve.heard.filter(({type}) => type === 'cursor').length < 100, 'coalesced');
  assert.ok(!ada.heard.some(({type}) => type === 'error'), '300 are not too many');
  ada.say({action: 'cursor', page: '/elsewhere'});
  assert.equal((await ada.told('error')).data.errors[0].pointer, '/page');
  for (let i = 0; i < 600; i++) ada.say({action: 'cursor', page: '/servers'});
  assert.equal(await within(10_000, 'the socket is closed', ada.closed), 1008);
  assert.ok(ada.heard.some(({data}) => data?.code === 'rate_limited'));
  await eve.close();
});

test('switched off, everything says so, and the socket says it first', async () => {
  const off = await Server.start({args: ['--no-presence'], env: {TELLTALE_LOG_LEVEL: 'error'}});
  try {
    const tab = await Tab.open(await off.adminToken(), {origin: off.origin});
    assert.equal((await until('the first message', () => tab.heard[0])).data.presence, false);
    tab.here('/');
    const error = await tab.told('error');
    assert.equal(error.data.code, 'unavailable');
    assert.match(error.data.message, /switched off/);
    for (const [path, method, body] of [['/api/presence', 'GET'], ['/api/presence/chat', 'GET'], ['/api/presence/chat', 'POST', {text: 'x'}], ['/api/annotations', 'GET'], ['/api/annotations', 'POST', {page: '/', time: new Date().toISOString(), text: 'x'}]]) {
      const answer = await off.fetch(path, {method, body, token: await off.adminToken()});
      assert.equal(answer.status, 503, `${method} ${path}`);
      assert.match((await answer.json()).detail, /switched off/);
    }
    await tab.close();
  } finally {
    await off.stop();
  }
});

test('every page of the dashboard is one that presence knows', () => {
  const table = readFileSync(join(root, 'src/presence/sight.cpp'), 'utf8');
  const known = [...table.matchAll(/Page\{"(\/\w+)"/g)].map(([, path]) => path);
  const pages = [...readFileSync(join(root, 'web/src/app/pages.ts'), 'utf8').matchAll(/path: '(\/[\w/]+)'/g)].map(([, path]) => path);
  assert.ok(pages.length > 8);
  for (const path of pages) assert.ok(known.some((one) => path === one || path.startsWith(`${one}/`)), `${path} is not in src/presence/sight.cpp`);
});

// OAuth with a real authorization server (npm's oidc-provider): what an administrator does, from the refusal to the tool call.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {binary, command, root, Server, testRun, within} from '../support/telltale.mjs';

let world;

async function protectedServer(env = {}) {
  const child = spawn(process.execPath, [join(root, 'tests/support/servers/protected.mjs')], {stdio: ['pipe', 'pipe', 'ignore'], env: {PATH: process.env.PATH, ...testRun, ...env}});
  const [line] = await within(30_000, 'the protected server', new Promise((done, failed) => {
    createInterface({input: child.stdout}).once('line', (text) => done([text]));
    child.once('exit', (code) => failed(new Error(`the protected server ended with ${code}`)));
  }));
  return {...JSON.parse(line), child};
}

// A person in a browser, as far as it takes: follows redirects with cookies, logs in, consents; the URL that leads back to us.
async function consent(url, back) {
  const jar = new Map();
  const keep = (answer) => answer.headers.getSetCookie().forEach((text) => jar.set(text.split('=')[0], text.split(';')[0]));
  const send = async (where, options = {}) => {
    const answer = await fetch(where, {...options, redirect: 'manual', headers: {...options.headers, cookie: [...jar.values()].join('; ')}, signal: AbortSignal.timeout(10_000)});
    keep(answer);
    return answer;
  };
  let next = url;
  for (let step = 0; step < 20; ++step) {
    const answer = await send(next);
    const location = answer.headers.get('location');
    if (location) {
      next = new URL(location, next).href;
      if (next.startsWith(back)) return next;
      continue;
    }
    const page = await answer.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    assert.ok(action, `the authorization server answered ${answer.status}: ${page.slice(0, 400)}`);
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
    const sent = await send(new URL(action, next).href, {method: 'POST', headers: {'content-type': 'application/x-www-form-urlencoded'}, body: new URLSearchParams({prompt, ...(prompt === 'login' ? {login: 'ada', password: 'any'} : {})})});
    next = new URL(sent.headers.get('location'), next).href;
  }
  throw new Error('the authorization server went round in circles');
}

const until = async (what, look, holds) => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(seen).slice(0, 600)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
};
const record = () => world.telltale.api('/api/servers/guarded');
const back = () => `${world.telltale.origin}/oauth/callback`;
const authorize = async () => {
  const {authorization_url} = await world.telltale.api('/api/servers/guarded/authorize', {method: 'POST', body: {}});
  return consent(authorization_url, back());
};
const finish = (authorization_response) => world.telltale.api('/api/oauth/callback', {method: 'POST', body: {authorization_response}});
const echo = () => world.telltale.api('/api/servers/guarded/tools/echo/call', {method: 'POST', body: {arguments: {text: 'hello'}}});

before(async () => {
  const state = mkdtempSync(join(tmpdir(), 'telltale-oauth-'));
  world = {state, guarded: await protectedServer({TOKEN_SECONDS: '2'})};
  world.fleet = join(state, 'fleet.json');
  writeFileSync(world.fleet, JSON.stringify({mcpServers: {guarded: {url: world.guarded.mcp, telltale: {health_interval_s: 1}}}}));
  world.telltale = await Server.start({state: join(state, 'data'), args: ['--mcp-config', world.fleet]});
});
after(async () => {
  await world?.telltale?.stop();
  world?.guarded?.child.stdin.end();
  if (world) rmSync(world.state, {recursive: true, force: true});
});

test('a protected server waits for a person; it is no failure, and no circuit opens', async () => {
  const waiting = await until('it asks for authorization', record, (one) => one.authorization.state === 'required');
  assert.match(waiting.reason, /waits for authorization/);
  assert.equal(waiting.circuit_state, 'closed');
  assert.equal(waiting.circuit.failure_count, 0);
  const call = await world.telltale.fetch('/api/servers/guarded/tools/echo/call', {method: 'POST', token: await world.telltale.adminToken(), body: {arguments: {text: 'x'}}});
  assert.notEqual(call.status, 401, 'that the server does not know us is not that the caller is not logged in');
});

test('what comes back from elsewhere is refused', async () => {
  for (const query of ['', '?state=made-up&code=x', '?code=x', '?state=a&state=b&code=x'])
    await assert.rejects(finish(back() + query), /answered 4(00|09|22)/, query);
  const answer = new URL(await authorize());
  answer.searchParams.set('iss', 'http://evil.example');
  await assert.rejects(finish(answer.href), /answered 4/);
});

test('with consent it is healthy, its tools can be called, and the token renews itself', async () => {
  const answer = await authorize();
  const done = await finish(answer);
  assert.equal(done.name, 'guarded');
  const healthy = await until('it becomes healthy', record, (one) => one.health_status === 'healthy');
  assert.equal(healthy.authorization.state, 'authorized');
  assert.equal(healthy.authorization.issuer, world.guarded.issuer);
  assert.match(healthy.authorization.scope, /mcp:tools/);
  const first = healthy.authorization.expires_at;
  assert.equal((await echo()).is_error, false);
  await until('another token', record, (one) => one.authorization.expires_at > first && one.health_status === 'healthy');
  assert.equal((await echo()).is_error, false);
  await assert.rejects(finish(answer), /answered 4/, 'an answer is good for one attempt');
});

test('tokens and codes are in no file, log, event, operation or audit entry', async () => {
  const {searchParams} = new URL(await authorize());
  const code = searchParams.get('code');
  await finish(`${back()}?${searchParams}`);
  const operations = JSON.stringify(await world.telltale.api('/api/operations?limit=200'));
  const audit = JSON.stringify(await world.telltale.api('/api/audit?limit=200'));
  const files = readdirSync(join(world.state, 'data'), {recursive: true}).map((name) => {
    try {
      return readFileSync(join(world.state, 'data', name), 'latin1');
    } catch {
      return ''; // a folder
    }
  }).join('\n');
  for (const [where, text] of Object.entries({operations, audit, files, log: world.telltale.log})) {
    assert.ok(!text.includes(code), `the code is in ${where}`);
    assert.ok(!/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.test(text), `a token is in ${where}`);
  }
  assert.match(audit, /fleet\.finish_authorization/);
});

test('after a restart nobody has to consent again', async () => {
  await until('it is healthy', record, (one) => one.health_status === 'healthy');
  await world.telltale.stop();
  world.telltale = await Server.start({state: join(world.state, 'data'), args: ['--mcp-config', world.fleet]});
  const healthy = await until('it is healthy again', record, (one) => one.health_status === 'healthy');
  assert.equal(healthy.authorization.state, 'authorized');
  assert.equal((await echo()).is_error, false);
});

test('another URL under the same name gets none of the tokens', async () => {
  const other = await protectedServer();
  try {
    writeFileSync(world.fleet, JSON.stringify({mcpServers: {guarded: {url: other.mcp, telltale: {health_interval_s: 1}}}}));
    await world.telltale.api('/api/fleet/reload', {method: 'POST', body: {}});
    const waiting = await until('it asks anew', record, (one) => one.authorization.state === 'required');
    assert.equal(waiting.authorization.issuer, null);
  } finally {
    other.child.stdin.end();
    writeFileSync(world.fleet, JSON.stringify({mcpServers: {guarded: {url: world.guarded.mcp, telltale: {health_interval_s: 1}}}}));
    await world.telltale.api('/api/fleet/reload', {method: 'POST', body: {}});
  }
});

test('telltale servers authorize: from the command line, given up and given again', async () => {
  const env = {TELLTALE_URL: world.telltale.origin, TELLTALE_TOKEN: await world.telltale.adminToken()};
  await until('it is there', record, (one) => one.authorization.state !== 'none');
  const forgotten = await command(['servers', 'authorize', 'guarded', '--forget'], {env});
  assert.equal(forgotten.code, 0, forgotten.stderr);
  await until('it waits again', record, (one) => one.authorization.state === 'required');
  const begun = await command(['servers', 'authorize', 'guarded', '--no-wait'], {env});
  assert.equal(begun.code, 0, begun.stderr);
  const url = /https?:\/\/\S+/.exec(begun.stdout)[0];
  const done = await command(['servers', 'authorize', 'guarded', '--callback', await consent(url, back())], {env});
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /guarded: authorized/);
  await until('it is healthy', record, (one) => one.health_status === 'healthy');
});

test('telltale servers authorize waits until the browser has brought the answer', async () => {
  const env = {PATH: process.env.PATH, TELLTALE_URL: world.telltale.origin, TELLTALE_TOKEN: await world.telltale.adminToken(), ...testRun};
  await world.telltale.api('/api/servers/guarded/authorization', {method: 'DELETE'});
  await until('it waits again', record, (one) => one.authorization.state === 'required');
  const child = spawn(binary(), ['servers', 'authorize', 'guarded'], {env, stdio: ['ignore', 'pipe', 'pipe']});
  try {
    let out = '';
    const url = await within(20_000, 'the URL', new Promise((done) => child.stdout.on('data', (data) => {
      out += data;
      const found = /https?:\/\/\S+\n/.exec(out)?.[0];
      if (found) done(found.trim());
    })));
    const ended = once(child, 'exit');
    await finish(await consent(url, back()));
    assert.deepEqual(await within(20_000, 'the command ends', ended), [0, null]);
    assert.match(out, /guarded: authorized/);
  } finally {
    child.kill('SIGKILL');
  }
});

test('who may not define a server may not authorize one', async () => {
  const {telltale} = world;
  await telltale.api('/api/users', {method: 'POST', body: {username: 'olga', password: 'long enough words', role: 'operator'}});
  const {access_token: token} = await (await telltale.fetch('/api/auth/login', {method: 'POST', body: {username: 'olga', password: 'long enough words'}})).json();
  for (const [path, method, body] of [['/api/servers/guarded/authorize', 'POST', {}], ['/api/servers/guarded/authorization', 'DELETE'], ['/api/oauth/callback', 'POST', {authorization_response: `${back()}?state=x&code=y`}]])
    assert.equal((await telltale.fetch(path, {method, body, token})).status, 403, path);
});

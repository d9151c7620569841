// What the story needs: a real Telltale on the demo fleet, a real Chromium, and between them a connection that can be cut.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {prepareDemo} from '../../tools/dev/demo-fleet.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const failures = join(root, 'build/browser'); // a picture of the page of every failed test
export const images = join(root, 'docs/images');
export const adminPassword = 'correct horse battery staple';

// The value, or a clear word about what did not come in time.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// By this ./dev test knows what its parts leave running.
const testRun = process.env.TELLTALE_TEST_RUN ? {TELLTALE_TEST_RUN: process.env.TELLTALE_TEST_RUN} : {};

// --- Telltale ---

export class Telltale {
  log = '';
  seenPids = new Set();

  // `fresh`: as one starts it the very first time, without a fleet and, unless one is given, without a password.
  static async start({fresh = false, password = fresh ? '' : adminPassword} = {}) {
    const binary = process.env.TELLTALE_BIN ?? join(root, 'build/release/telltale');
    if (!existsSync(binary)) throw new Error(`${binary} is missing: ./dev build, or name another by TELLTALE_BIN`);
    const state = mkdtempSync(join(tmpdir(), 'telltale-browser-'));
    const {file, fleet} = fresh ? {fleet: {mcpServers: {}}} : await prepareDemo(state, {flaky: {FLAKY_LIFE_S: '0', FLAKY_SEED: '7'}});
    const server = new Telltale();
    server.state = state;
    server.names = Object.keys(fleet.mcpServers);
    server.fleet = fleet.mcpServers;
    server.child = spawn(binary, ['serve', '--port', '0', ...(file ? ['--mcp-config', file] : []), '--persistence-path', state], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {PATH: process.env.PATH, HOME: state, ...(password && {TELLTALE_ADMIN_PASSWORD: password}), ...testRun},
    });
    server.exited = once(server.child, 'exit');
    server.child.stderr.on('data', (data) => (server.log += data));
    server.loginLink = await within(20_000, 'the login link on stdout', server.#readLink());
    server.origin = new URL(server.loginLink).origin;
    return server;
  }

  #readLink() {
    return new Promise((done, failed) => {
      let out = '';
      this.child.stdout.on('data', (data) => {
        out += data;
        const link = /http:\/\/127\.0\.0\.1:\d+\/login#code=\S+/.exec(out)?.[0];
        if (link) done(link);
      });
      this.exited.then(([code, signal]) => failed(new Error(`telltale ended with ${signal ?? code} before it printed a link\n${out}${this.log}`)));
    });
  }

  // A call of the REST API as admin, past the proxy. `forgetLogin` is for stories that end sessions.
  forgetLogin() {
    this.token = undefined;
  }
  async api(path, {method = 'GET', body, wait = 30} = {}) {
    this.token ??= (await this.#fetch('/api/auth/login', {method: 'POST', body: {username: 'admin', password: adminPassword}})).access_token;
    return this.#fetch(path, {method, body, headers: {authorization: `Bearer ${this.token}`, prefer: `wait=${wait}`}});
  }
  async #fetch(path, {method, body, headers}) {
    const answer = await fetch(this.origin + path, {
      method,
      headers: {...headers, ...(body ? {'content-type': 'application/json'} : {})},
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
  call(server, tool, given = {}) {
    return this.api(`/api/servers/${server}/tools/${tool}/call`, {method: 'POST', body: {arguments: given}});
  }
  async server(name) {
    const record = await this.api(`/api/servers/${name}`);
    if (record.process) this.seenPids.add(record.process.pid);
    return record;
  }
  async rememberPids() {
    for (const name of this.names) await this.server(name);
    return this.seenPids;
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    try {
      const [code, signal] = await within(20_000, 'telltale ends after SIGTERM', this.exited);
      return {code, signal};
    } finally {
      this.child.kill('SIGKILL');
      rmSync(this.state, {recursive: true, force: true});
    }
  }
}

// Alive, and not only waiting to be reaped.
export function isAlive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

// --- A connection that can be cut ---

export class Proxy {
  #sockets = new Set();
  #cut = false;

  static async to(origin) {
    const proxy = new Proxy();
    const {hostname, port} = new URL(origin);
    proxy.server = createServer((client) => proxy.#carry(client, hostname, Number(port)));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.origin = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }
  #carry(client, host, port) {
    if (this.#cut) return client.destroy();
    const upstream = connect(port, host);
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    return undefined;
  }
  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }
  mend() {
    this.#cut = false;
  }
  close() {
    this.cut();
    this.server.close();
  }
}

// --- Chromium ---

export function launchBrowser(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
  });
}

const axeSource = readFileSync(join(root, 'tests/browser/node_modules/axe-core/axe.min.js'), 'utf8');

// The violations of axe-core, one line each; evaluated through the debugger, so that the page's own policy stays as it is.
export async function axe(page) {
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((one) => (one.effect?.getTiming().iterations === Infinity ? null : one.finished))));
  await page.evaluate(`${axeSource}; void 0`);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}));
  return violations.flatMap(({id, help, nodes}) => nodes.map(({target, failureSummary}) => `${id}: ${help} at ${target.join(' ')}\n    ${failureSummary.replaceAll('\n', '\n    ')}`));
}

// What a page says that it should not: errors, and anything its content security policy refused.
export function listenForErrors(page, errors) {
  const expected = /WebSocket connection to|Failed to load resource|net::ERR_/; // while the connection is cut
  page.on('pageerror', (error) => errors.push(`uncaught: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) errors.push(`console: ${message.text()}`);
  });
}

// Presses Tab until the focused element is the one meant; that it can be reached is what is tested.
export async function tabTo(page, description, matches, limit = 200) {
  for (let presses = 0; presses < limit; ++presses) {
    if (await page.evaluate(matches)) return presses;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${description}`);
}

// From now on every status that the row of `name` shows, with the time on the wall.
export function recordStatuses(page, name) {
  return page.evaluate((testId) => {
    const seen = [];
    const look = () => {
      const status = document.querySelector(`[data-testid="${testId}"]`)?.getAttribute('data-status') ?? 'absent';
      if (seen.at(-1)?.status !== status) seen.push({status, at: Date.now()});
    };
    look();
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-status']});
    globalThis.statusesSeen = seen;
  }, `server-row-${name}`);
}

export async function pictureOfFailure(page, name) {
  mkdirSync(failures, {recursive: true});
  const file = join(failures, `${name.replace(/\W+/g, '-')}.png`);
  await page.screenshot({path: file, fullPage: true}).catch(() => {});
  return file;
}

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

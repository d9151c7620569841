// A real Telltale on a free port with a state directory of its own, for tests that speak to the binary as a user does.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const adminPassword = 'correct horse battery staple';

export function binary() {
  const path = resolve(process.env.TELLTALE_BIN ?? join(root, 'build/release/telltale'));
  if (!existsSync(path)) throw new Error(`${path} is missing: ./dev build, or name another by TELLTALE_BIN`);
  return path;
}

// The value, or a clear word about what did not come in time.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// What `read` gives, once it holds; what it gave last, when it does not in time.
export async function until(what, read, holds = Boolean, ms = 40_000) {
  for (const end = Date.now() + ms; ; ) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}; last: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// By this variable ./dev test knows what its parts leave running.
export const testRun = process.env.TELLTALE_TEST_RUN ? {TELLTALE_TEST_RUN: process.env.TELLTALE_TEST_RUN} : {};

// A command of the binary, run to its end.
export async function command(args, {env = {}, input = '', ms = 20_000} = {}) {
  const child = spawn(binary(), args, {stdio: ['pipe', 'pipe', 'pipe'], env: {PATH: process.env.PATH, HOME: tmpdir(), ...testRun, ...env}});
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  child.stdin.on('error', () => {}); // it may end before it reads
  child.stdin.end(input);
  try {
    const [code, signal] = await within(ms, `telltale ${args.join(' ')}`, once(child, 'close'));
    return {code, signal, stdout, stderr};
  } finally {
    child.kill('SIGKILL');
  }
}

export class Server {
  out = '';
  log = '';

  // `state`: a directory to keep (restart on the same data); else one of its own that stop() removes.
  static async start({args = [], env = {}, state} = {}) {
    const server = new Server();
    server.ownState = state === undefined;
    server.state = state ?? mkdtempSync(join(tmpdir(), 'telltale-'));
    mkdirSync(server.state, {recursive: true, mode: 0o700});
    server.child = spawn(binary(), ['serve', '--port', '0', '--persistence-path', server.state, ...args], {
      cwd: server.state, // where --report-path is by default
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {PATH: process.env.PATH, HOME: server.state, TELLTALE_ADMIN_PASSWORD: adminPassword, ...testRun, ...env},
    });
    server.exited = once(server.child, 'exit');
    server.child.stderr.on('data', (data) => (server.log += data));
    server.loginLink = await within(20_000, 'the login link on stdout', server.#link());
    server.origin = new URL(server.loginLink).origin;
    return server;
  }
  #link() {
    return new Promise((done, failed) => {
      this.child.stdout.on('data', (data) => {
        this.out += data;
        const link = /https?:\/\/\S+\/login#code=\S+/.exec(this.out)?.[0];
        if (link) done(link);
      });
      this.exited.then(([code, signal]) => failed(new Error(`telltale ended with ${signal ?? code} before it printed a link\n${this.out}${this.log}`)));
    });
  }

  async fetch(path, {method = 'GET', body, headers = {}, token} = {}) {
    return fetch(this.origin + path, {
      method,
      headers: {...(token ? {authorization: `Bearer ${token}`} : {}), ...(body === undefined ? {} : {'content-type': 'application/json'}), ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
  }
  async adminToken() {
    this.token ??= (await (await this.fetch('/api/auth/login', {method: 'POST', body: {username: 'admin', password: adminPassword}})).json()).access_token;
    return this.token;
  }
  // A call as admin; its parsed answer, or an error with the status and the text.
  async api(path, {method = 'GET', body, wait = 30} = {}) {
    const answer = await this.fetch(path, {method, body, token: await this.adminToken(), headers: {prefer: `wait=${wait}`}});
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    try {
      const [code, ended] = await within(30_000, `telltale ends after ${signal}`, this.exited);
      return {code, signal: ended};
    } finally {
      this.child.kill('SIGKILL');
      if (this.ownState) rmSync(this.state, {recursive: true, force: true});
    }
  }
}

// What the fault cells of clients and network need: a real Telltale of its own on a free port, a fleet of servers made for the
// purpose, WebSockets whose every byte we choose, and the figures of the process from outside. Loopback only.
import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const password = 'correct horse battery staple';
// By this ./dev test knows what its parts leave running.
const testRun = process.env.TELLTALE_TEST_RUN ? {TELLTALE_TEST_RUN: process.env.TELLTALE_TEST_RUN} : {};

export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, failed) => (timer = setTimeout(() => failed(new Error(`${what}: not within ${ms} ms`)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Asks again until it is so; the last answer is in the message when it never is.
export async function until(ms, what, question) {
  const end = Date.now() + ms;
  for (let last; ; ) {
    last = await question();
    if (last) return last;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function binary() {
  const path = process.env.TELLTALE_BIN ?? join(root, 'build/release/telltale');
  if (!existsSync(path)) throw new Error(`${path} is missing: ./dev build, or name another by TELLTALE_BIN`);
  return path;
}

export class Hub {
  log = '';

  // `nofile`: its limit of descriptors. `stderr`: a descriptor instead of a pipe that is read.
  static async start({flags = [], fleet = {}, env = {}, nofile, stderr = 'pipe'} = {}) {
    const hub = new Hub();
    hub.folder = mkdtempSync(join(tmpdir(), 'telltale-faults-'));
    const file = join(hub.folder, 'fleet.json');
    writeFileSync(file, JSON.stringify({mcpServers: fleet}));
    const serve = [binary(), 'serve', '--port', '0', '--persistence-path', hub.folder, '--mcp-config', file, ...flags];
    const [command, ...rest] = nofile ? ['prlimit', `--nofile=${nofile}:${nofile}`, ...serve] : serve;
    hub.child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', stderr],
      env: {PATH: process.env.PATH, HOME: hub.folder, TELLTALE_ADMIN_PASSWORD: password, ...env, ...testRun},
    });
    hub.exited = once(hub.child, 'exit').then(([code, signal]) => ({code, signal}));
    hub.child.stderr?.on('data', (data) => (hub.log += data));
    hub.origin = await within(20_000, 'the login link', hub.#readOrigin());
    hub.port = Number(new URL(hub.origin).port);
    return hub;
  }
  #readOrigin() {
    return new Promise((done, failed) => {
      let out = '';
      this.child.stdout.on('data', (data) => {
        out += data;
        const link = /(https?:\/\/127\.0\.0\.1:\d+)\/login#code=\S+/.exec(out);
        if (link) done(link[1]);
      });
      this.exited.then(({code, signal}) => failed(new Error(`telltale ended with ${signal ?? code}\n${out}${this.log}`)));
    });
  }
  get pid() {
    return this.child.pid;
  }

  async login() {
    this.token ??= (await this.#fetch('/api/auth/login', {method: 'POST', body: {username: 'admin', password}})).body.access_token;
    return this.token;
  }
  // {status, body, headers}; never throws for a status.
  async api(path, {method = 'GET', body, headers = {}} = {}) {
    return this.#fetch(path, {method, body, headers: {authorization: `Bearer ${await this.login()}`, prefer: 'wait=60', ...headers}});
  }
  async #fetch(path, {method, body, headers}) {
    const answer = await fetch(this.origin + path, {
      method,
      headers: {...headers, ...(body ? {'content-type': 'application/json'} : {})},
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(90_000),
    });
    const text = await answer.text();
    return {status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text};
  }
  call(server, tool, given = {}) {
    return this.api(`/api/servers/${server}/tools/${tool}/call`, {method: 'POST', body: {arguments: given}});
  }
  async health(server) {
    return (await this.api(`/api/servers/${server}`)).body.health_status;
  }
  healthy(server) {
    return until(30_000, `${server} is healthy`, async () => (await this.health(server)) === 'healthy');
  }
  async alive() {
    return (await fetch(`${this.origin}/healthz`, {signal: AbortSignal.timeout(10_000)})).status === 200;
  }
  async metric(name) {
    const text = await (await fetch(`${this.origin}/metrics`)).text();
    const line = new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text);
    if (!line) throw new Error(`/metrics has no ${name}`);
    return Number(line[1]);
  }
  rssMiB() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) / 1024;
  }
  // User and system, in seconds.
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    try {
      return await within(30_000, 'telltale ends after SIGTERM', this.exited);
    } finally {
      this.child.kill('SIGKILL');
      rmSync(this.folder, {recursive: true, force: true});
    }
  }
}

// A TCP connection to the hub and all it has said.
export async function dial(port) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // an RST is an end like any other; `closed` says so
  socket.closed_ = new Promise((done) => socket.once('close', done));
  await Promise.race([new Promise((done) => socket.once('connect', done)), socket.closed_]);
  return socket;
}
// All bytes until the end, in Latin-1.
export async function readToEnd(socket) {
  let out = '';
  socket.on('data', (data) => (out += data.toString('latin1')));
  await socket.closed_;
  return out;
}

export function frame(payload, {opcode = 1, fin = true, rsv = 0, masked = true} = {}) {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const mask = masked ? 0x80 : 0;
  if (body.length < 126) head.push(mask | body.length);
  else if (body.length < 65536) head.push(mask | 126, body.length >> 8, body.length & 255);
  else head.push(mask | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (body.length >>> shift) & 255));
  if (!masked) return Buffer.concat([Buffer.from(head), body]);
  const key = randomBytes(4);
  const hidden = Buffer.from(body);
  for (let i = 0; i < hidden.length; ++i) hidden[i] ^= key[i & 3];
  return Buffer.concat([Buffer.from(head), key, hidden]);
}

// A WebSocket of ours, frame by frame. `answersPings`: as a proper client does.
export class Client {
  messages = [];
  closeCode = null;
  #rest = Buffer.alloc(0);
  #waiting = [];

  static async open(hub, {answersPings = true, headers = '', reads = true} = {}) {
    const client = new Client();
    client.answersPings = answersPings;
    const token = await hub.login();
    client.socket = await dial(hub.port);
    client.socket.setNoDelay(true);
    client.closed = client.socket.closed_.then(() => client.#wake());
    client.socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n`,
    );
    await client.#readHead();
    if (reads) client.read();
    return client;
  }
  async #readHead() {
    let data = Buffer.alloc(0);
    while (data.indexOf('\r\n\r\n') < 0) {
      const piece = await Promise.race([once(this.socket, 'data').then(([bytes]) => bytes), this.socket.closed_.then(() => null)]);
      if (!piece) throw new Error(`no upgrade: ${data}`);
      data = Buffer.concat([data, piece]);
    }
    this.socket.pause();
    this.head = data.subarray(0, data.indexOf('\r\n\r\n')).toString();
    if (!this.head.startsWith('HTTP/1.1 101')) throw new Error(this.head);
    this.#rest = Buffer.from(data.subarray(this.head.length + 4));
  }
  read() {
    this.socket.on('data', (data) => this.#take(data));
    this.#take(Buffer.alloc(0));
    this.socket.resume();
  }
  #take(data) {
    let rest = this.#rest.length ? Buffer.concat([this.#rest, data]) : data;
    for (;;) {
      if (rest.length < 2) break;
      let size = rest[1] & 127;
      let head = 2;
      if (size === 126) {
        if (rest.length < 4) break;
        size = rest.readUInt16BE(2);
        head = 4;
      } else if (size === 127) {
        if (rest.length < 10) break;
        size = Number(rest.readBigUInt64BE(2));
        head = 10;
      }
      if (rest.length < head + size) break;
      this.#on(rest[0] & 15, rest.subarray(head, head + size));
      rest = rest.subarray(head + size);
    }
    this.#rest = Buffer.from(rest);
  }
  #on(opcode, payload) {
    if (opcode === 8) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    else if (opcode === 9) this.pings = (this.pings ?? 0) + 1;
    if (opcode === 9 && this.answersPings) this.socket.write(frame(payload, {opcode: 10}));
    if (opcode === 1 && this.onMessage) this.onMessage(payload.toString());
    else if (opcode === 1) this.messages.push(payload.toString());
    this.#wake();
  }
  #wake() {
    for (const done of this.#waiting.splice(0)) done();
  }
  send(value) {
    this.socket.write(frame(typeof value === 'string' ? value : JSON.stringify(value)));
  }
  raw(...frames) {
    this.socket.write(Buffer.concat(frames));
  }
  // The next message that is so; an error once the socket has ended.
  async next(wanted = () => true, ms = 10_000) {
    const look = async () => {
      for (;;) {
        const at = this.messages.findIndex((text) => wanted(text.startsWith('{') ? JSON.parse(text) : text));
        if (at >= 0) {
          const [text] = this.messages.splice(at, 1);
          return text.startsWith('{') ? JSON.parse(text) : text;
        }
        if (this.socket.destroyed) throw new Error(`the socket has ended with ${this.closeCode}`);
        await new Promise((done) => this.#waiting.push(done));
      }
    };
    return within(ms, 'a message', look());
  }
  // The server's close code; null when it just went.
  async end(ms = 10_000) {
    await within(ms, 'the end of the socket', until(ms, 'a close', () => this.closeCode !== null || this.socket.destroyed));
    return this.closeCode;
  }
  destroy() {
    this.socket.destroy();
  }
}

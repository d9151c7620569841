// What every interop test needs: the server with its media, a relay that loses packets, and a clear end.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {until} from '../../support/telltale.mjs';
import {makeMedia} from './media.mjs';

const root = resolve(import.meta.dirname, '../../..');
const build = process.env.TELLTALE_BUILD ?? join(root, 'build/debug');

export {until};

// The first line a child prints, as JSON.
async function announced(child, what) {
  let text = '';
  for await (const piece of child.stdout) {
    text += piece;
    if (text.includes('\n')) return JSON.parse(text.slice(0, text.indexOf('\n')));
  }
  throw new Error(`${what} ended without a word`);
}

export class RtcServer {
  log = '';
  static async start(...options) {
    const server = new RtcServer();
    const media = makeMedia(process.env.RTC_MEDIA ?? join(tmpdir(), 'telltale-rtc-media'));
    server.child = spawn(join(build, 'tests/interop/rtc_server'), ['--media', media, ...options], {stdio: ['pipe', 'pipe', 'pipe']});
    server.child.stderr.on('data', (data) => (server.log += data));
    server.exited = once(server.child, 'exit');
    server.exited.then(([code, signal]) => code === 0 || console.log(`the server ended by ${signal ?? code}: ${server.log.slice(-2000)}`));
    Object.assign(server, await announced(server.child, 'rtc_server'));
    server.origin = `http://127.0.0.1:${server.http}`;
    return server;
  }
  async get(path) {
    const answer = await fetch(this.origin + path);
    assert.equal(answer.status, 200, path);
    return answer.json();
  }
  async stop() {
    this.child.stdin.end();
    const [code, signal] = await this.exited;
    assert.equal(code, 0, `the server ended by ${signal ?? code}: ${this.log.slice(-2000)}`);
  }
}

export class Relay {
  static #running = new Set();
  static async start(to, ...options) {
    const relay = new Relay();
    relay.child = spawn(join(build, 'tests/support/lossy_link/lossy_link'), ['--listen', '127.0.0.1:0', '--to', `127.0.0.1:${to}`, ...options], {stdio: ['pipe', 'pipe', 'inherit']});
    relay.exited = once(relay.child, 'exit');
    Relay.#running.add(relay);
    relay.port = (await announced(relay.child, 'lossy_link')).port;
    return relay;
  }
  async stop() {
    Relay.#running.delete(this);
    this.child.kill('SIGTERM');
    await this.exited;
  }
  static async stopAll() {
    await Promise.all([...Relay.#running].map((relay) => relay.stop()));
  }
}

// The answer as seen through a relay: its candidates have the relay's port.
export const through = (sdp, from, to) => sdp.replaceAll(` ${from} typ host`, ` ${to} typ host`).split('\r\n').filter((line) => !/^a=candidate:.* tcp /i.test(line)).join('\r\n');

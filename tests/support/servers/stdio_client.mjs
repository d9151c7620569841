// The least of a stdio client, for servers_test.mjs: it sends what it is told and shows every line as it came.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';

export class StdioClient {
  messages = []; // every JSON object from stdout
  notJson = []; // every line that is none
  stderr = '';
  #next = 1;
  #waiting = new Set();

  constructor(command, args, env = {}) {
    this.child = spawn(command, args, {stdio: 'pipe', env: {PATH: process.env.PATH, ...env}});
    this.exited = once(this.child, 'exit');
    this.child.stdin.on('error', () => {}); // it may be gone already
    this.child.stderr.on('data', (data) => {
      this.stderr += data;
      this.#look();
    });
    this.stdoutClosed = once(createInterface({input: this.child.stdout}).on('line', (line) => this.#line(line)), 'close');
  }

  #line(line) {
    try {
      const message = JSON.parse(line.replace(/^\ufeff/, ''));
      if (message === null || typeof message !== 'object' || Array.isArray(message)) throw new Error('no object');
      this.messages.push({...message, bytes: line.length});
    } catch {
      this.notJson.push(line);
    }
    this.#look();
  }
  #look() {
    for (const look of this.#waiting) look();
  }

  // The first value of `find` that is not undefined; it is asked again whenever something arrives.
  until(find) {
    return new Promise((done) => {
      const look = () => {
        const found = find(this);
        if (found === undefined) return;
        this.#waiting.delete(look);
        done(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
  send(message) {
    this.child.stdin.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`);
  }
  async request(method, params = {}) {
    const id = this.#next++;
    this.send({id, method, params});
    return this.until(() => this.messages.find((one) => one.id === id && !one.method));
  }
  notification(method) {
    return this.until(() => this.messages.find((one) => one.method === method));
  }
  async initialize(protocolVersion = '2025-11-25', capabilities = {}) {
    const answer = await this.request('initialize', {protocolVersion, capabilities, clientInfo: {name: 'servers_test', version: '1'}});
    this.send({method: 'notifications/initialized'});
    return answer.result;
  }
  call(name, given = {}, more = {}) {
    return this.request('tools/call', {name, arguments: given, ...more});
  }
  async close() {
    this.child.stdin.end();
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    const [code, signal] = await this.exited;
    clearTimeout(patience);
    return {code, signal};
  }
}

// `telltale tap`: the session passes unchanged, a running Telltale is told, and one that is away does not matter.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {createInterface} from 'node:readline';
import {Server, adminPassword, binary, root, testRun, within} from '../support/telltale.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

const memory = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
const initialize = {jsonrpc: '2.0', id: 1, method: 'initialize', params: {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {name: 'test', version: '1'}}};

// One session through the tap: initialize and tools/list, then stdin ends.
async function session(args, env) {
  const home = mkdtempSync(join(tmpdir(), 'tap-'));
  const child = spawn(binary(), ['tap', ...args, '--', process.execPath, memory], {
    env: {PATH: process.env.PATH, HOME: home, MEMORY_FILE_PATH: join(home, 'memory.jsonl'), ...testRun, ...env},
  });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += data));
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  const ask = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    return JSON.parse((await within(20_000, message.method, lines.next())).value);
  };
  try {
    const first = await ask(initialize);
    child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    const tools = await ask({jsonrpc: '2.0', id: 'two', method: 'tools/list'});
    child.stdin.end();
    const [code] = await within(20_000, 'the tap ends with its server', exited);
    return {first, tools, code, stderr};
  } finally {
    child.kill('SIGKILL');
    rmSync(home, {recursive: true, force: true});
  }
}

test('every message of the session is reported', async () => {
  const {first, tools, code} = await session(['--url', server.origin, '--name', 'mine'], {TELLTALE_TOKEN: await server.adminToken()});
  assert.equal(code, 0);
  assert.equal(first.id, 1);
  assert.ok(tools.result.tools.length > 0);
  const {items} = await server.api('/api/events?since=0&limit=1000');
  const seen = items.filter(({type, data}) => type === 'tap_message' && data.tap === 'mine').map(({data}) => data);
  assert.deepEqual(
    seen.map(({direction, kind, method, id}) => [direction, kind, method, id]),
    [
      ['to_server', 'request', 'initialize', '1'],
      ['to_client', 'result', 'initialize', '1'],
      ['to_server', 'notification', 'notifications/initialized', ''],
      ['to_server', 'request', 'tools/list', '"two"'],
      ['to_client', 'result', 'tools/list', '"two"'],
    ],
  );
  assert.ok(seen.every(({message}) => message === undefined || message === null), 'no content without --payload');
  assert.ok(seen[1].duration_ms > 0);
  assert.equal(seen[0].bytes, JSON.stringify(initialize).length);
});

test('with --payload the messages themselves', async () => {
  await session(['--url', server.origin, '--name', 'whole', '--payload'], {TELLTALE_PASSWORD: adminPassword});
  const {items} = await server.api('/api/events?since=0&limit=1000');
  const first = items.find(({type, data}) => type === 'tap_message' && data.tap === 'whole');
  assert.deepEqual(JSON.parse(first.data.message), initialize);
});

test('nobody to tell: the session is the same, and stderr says so once', async () => {
  const {tools, code, stderr} = await session(['--url', 'http://127.0.0.1:9'], {TELLTALE_TOKEN: 'x'});
  assert.equal(code, 0);
  assert.ok(tools.result.tools.length > 0);
  assert.equal(stderr.split('nobody is told').length - 1, 1, stderr);
});

test('the exit code is the command\'s', async () => {
  const child = spawn(binary(), ['tap', '--', '/bin/sh', '-c', 'exit 7'], {stdio: ['ignore', 'ignore', 'ignore'], env: {PATH: process.env.PATH, ...testRun}});
  const [code] = await within(10_000, 'the tap ends', once(child, 'exit'));
  assert.equal(code, 7);
});

// Each server of this folder does what README.md says, and the demo's servers start and list their tools.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {SSEClientTransport} from '@modelcontextprotocol/sdk/client/sse.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {ElicitRequestSchema} from '@modelcontextprotocol/sdk/types.js';
import {prepareDemo} from '../../../tools/dev/demo-fleet.mjs';
import {StdioClient} from './stdio_client.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const node = process.execPath;
const timeout = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'telltale-servers-'));
const running = new Set();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, {recursive: true, force: true});
});

function stdio(t, script, args = [], env = {}) {
  const client = new StdioClient(node, [join(here, script), ...args], env);
  t.after(() => client.close());
  return client;
}
const hostile = (t, ...args) => stdio(t, 'hostile.mjs', args);

// Starts an HTTP server on a free port; its address is what it prints.
async function http(t, script, args = []) {
  const child = spawn(node, [join(here, script), '--until-stdin-ends', ...args], {stdio: ['pipe', 'ignore', 'pipe'], env: {PORT: '0'}});
  running.add(child);
  t.after(() => {
    child.kill();
    running.delete(child);
  });
  let seen = '';
  for await (const data of child.stderr) {
    seen += data;
    const url = /listening on (\S+)/.exec(seen)?.[1];
    if (url) return url;
  }
  throw new Error(`${script} ended: ${seen}`);
}

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {elicitation: {form: {}}},
  'io.modelcontextprotocol/clientInfo': {name: 'servers_test', version: '1'},
};
const names = (list) => list.map(({name}) => name).sort();
const common = ['add', 'add_tool', 'ask', 'echo', 'fail', 'progress'];

async function checkModern(request) {
  const discovered = await request('server/discover', {});
  assert.deepEqual(discovered.result.supportedVersions, ['2026-07-28']);
  assert.deepEqual(names((await request('tools/list', {})).result.tools), common);
  const sum = await request('tools/call', {name: 'add', arguments: {a: 2, b: 3}});
  assert.deepEqual(sum.result.structuredContent, {sum: 5});
  const first = await request('tools/call', {name: 'ask', arguments: {}});
  assert.equal(first.result.resultType, 'input_required');
  assert.equal(first.result.inputRequests.who.method, 'elicitation/create');
  const again = {inputResponses: {who: {action: 'accept', content: {name: 'Ada'}}}, requestState: first.result.requestState};
  const second = await request('tools/call', {name: 'ask', arguments: {}, ...again});
  assert.equal(second.result.content[0].text, 'hello Ada');
  assert.equal((await request('resources/read', {uri: 'test://item/7'})).result.contents[0].text, 'item 7');
  assert.match((await request('prompts/get', {name: 'greet', arguments: {name: 'Ada'}})).result.messages[0].content.text, /Ada/);
}

test('modern-stdio speaks 2026-07-28', {timeout}, async (t) => {
  const client = stdio(t, 'modern-stdio.mjs');
  const request = (method, params) => client.request(method, {...params, _meta: {...modernMeta, ...params._meta}});
  await checkModern(request);
  await request('tools/call', {name: 'progress', arguments: {steps: 2, pause_ms: 0}, _meta: {progressToken: 'p'}});
  assert.deepEqual(client.messages.filter((one) => one.method === 'notifications/progress').map((one) => one.params.progress), [1, 2]);
  client.send({id: 'listen', method: 'subscriptions/listen', params: {notifications: {toolsListChanged: true}, _meta: modernMeta}});
  await client.notification('notifications/subscriptions/acknowledged');
  await request('tools/call', {name: 'add_tool', arguments: {name: 'late'}});
  await client.notification('notifications/tools/list_changed');
  assert.ok(names((await request('tools/list', {})).result.tools).includes('late'));
});

test('modern-stdio refuses a client of 2025, and serves it with --both', {timeout}, async (t) => {
  const strict = await stdio(t, 'modern-stdio.mjs').request('initialize', {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {name: 't', version: '1'}});
  assert.equal(strict.error.code, -32022);
  assert.equal((await stdio(t, 'modern-stdio.mjs', ['--both']).initialize()).protocolVersion, '2025-11-25');
});

test('modern-http speaks 2026-07-28', {timeout}, async (t) => {
  const url = await http(t, 'modern-http.mjs');
  let id = 0;
  const post = (method, params, signal) =>
    fetch(url, {
      method: 'POST',
      signal,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(params.name || params.uri ? {'mcp-name': params.name ?? params.uri} : {}),
      },
      body: JSON.stringify({jsonrpc: '2.0', id: ++id, method, params: {...params, _meta: modernMeta}}),
    });
  await checkModern(async (method, params) => (await post(method, params)).json());
  const done = new AbortController();
  t.after(() => done.abort());
  const stream = (await post('subscriptions/listen', {notifications: {toolsListChanged: true}}, done.signal)).body.pipeThrough(new TextDecoderStream());
  let seen = '';
  for await (const text of stream) {
    if (!seen && text.includes('acknowledged')) await post('tools/call', {name: 'add_tool', arguments: {name: 'late'}});
    seen += text;
    if (seen.includes('notifications/tools/list_changed')) break;
  }
  assert.ok(names((await (await post('tools/list', {})).json()).result.tools).includes('late'));
});

async function checkLegacy(t, transport, more = []) {
  const client = new Client({name: 'servers_test', version: '1'}, {capabilities: {elicitation: {form: {}}}});
  t.after(() => client.close());
  client.setRequestHandler(ElicitRequestSchema, async () => ({action: 'accept', content: {name: 'Ada'}}));
  await client.connect(transport);
  assert.deepEqual(names((await client.listTools()).tools), [...common, ...more].sort());
  const progress = [];
  await client.callTool({name: 'progress', arguments: {steps: 2, pause_ms: 0}}, undefined, {onprogress: (one) => progress.push(one.progress)});
  assert.equal(progress[0], 1); // SDK 1 drops a progress that comes in one read with the answer
  assert.equal((await client.callTool({name: 'ask', arguments: {}})).content[0].text, 'hello Ada');
  assert.equal((await client.callTool({name: 'fail', arguments: {}})).isError, true);
  assert.equal((await client.readResource({uri: 'test://greeting'})).contents[0].text, 'hello');
  return client;
}

test('legacy-http has sessions', {timeout}, async (t) => {
  for (const args of [[], ['--json']]) {
    const url = await http(t, 'legacy-http.mjs', args);
    if (args.length) {
      const plain = new Client({name: 'servers_test', version: '1'});
      await plain.connect(new StreamableHTTPClientTransport(new URL(url)));
      assert.equal((await plain.callTool({name: 'echo', arguments: {text: 'hi'}})).content[0].text, 'hi');
      await plain.close();
      continue;
    }
    const transport = new StreamableHTTPClientTransport(new URL(url));
    const client = await checkLegacy(t, transport, ['forget_sessions']);
    assert.ok(transport.sessionId);
    await client.callTool({name: 'forget_sessions', arguments: {}});
    await assert.rejects(client.listTools(), /Session not found/);
  }
});

test('legacy-sse serves the transport of 2024', {timeout}, async (t) => {
  await checkLegacy(t, new SSEClientTransport(new URL(await http(t, 'legacy-sse.mjs'))));
});

test('hostile: normal', {timeout}, async (t) => {
  const client = hostile(t, 'normal');
  assert.equal((await client.initialize()).protocolVersion, '2025-11-25');
  assert.equal((await client.call('sleep', {ms: 1})).result.content[0].text, 'slept 1 ms');
  const given = (await client.call('fds')).result.structuredContent;
  assert.deepEqual(Object.keys(given.fds).slice(0, 3), ['0', '1', '2']);
  assert.ok(given.environment.includes('PATH'));
  const counting = client.call('slow_count', {to: 1000, pause_ms: 5}, {_meta: {progressToken: 1}});
  await client.notification('notifications/progress');
  client.send({method: 'notifications/cancelled', params: {requestId: 4}});
  assert.equal((await client.call('echo', {text: 'still there'})).result.content[0].text, 'still there');
  assert.equal(await Promise.race([counting, 'no answer']), 'no answer');
  assert.deepEqual(await client.close(), {code: 0, signal: null});
});

test('hostile: ends where it should not', {timeout}, async (t) => {
  assert.deepEqual(await hostile(t, 'exit-at-once', '4').exited, [4, null]);
  const midway = hostile(t, 'exit-on-call');
  await midway.initialize();
  midway.call('echo', {text: 'x'});
  assert.deepEqual(await midway.exited, [7, null]);
  assert.deepEqual(await hostile(t, 'no-such-behaviour').exited, [2, null]);
});

test('hostile: does not answer', {timeout}, async (t) => {
  const silent = hostile(t, 'hang-initialize');
  silent.request('initialize', {});
  await silent.until(() => (silent.stderr.includes('is up') ? true : undefined));
  const hanging = hostile(t, 'hang-call');
  await hanging.initialize();
  hanging.call('echo', {text: 'x'});
  assert.ok((await hanging.request('ping')).result, 'it reads on while the call hangs');
  assert.equal(silent.messages.length, 0);
  const closing = hostile(t, 'close-stdout');
  await closing.initialize();
  await closing.stdoutClosed;
  assert.equal(closing.child.exitCode, null, 'the process lives on');
});

test('hostile: answers oddly', {timeout}, async (t) => {
  const garbage = hostile(t, 'garbage');
  assert.ok(await garbage.initialize());
  assert.ok(garbage.notJson.length >= 4);
  const long = hostile(t, 'long-line', '100000');
  await long.initialize();
  assert.ok((await long.call('echo', {text: 'x'})).bytes > 100_000);
  const wrong = hostile(t, 'wrong-id');
  await wrong.initialize();
  assert.equal((await wrong.call('echo', {text: 'right'})).result.content[0].text, 'right');
  assert.ok(wrong.messages.some((one) => one.id === 987654321));
  const twice = hostile(t, 'double-answer');
  await twice.initialize();
  await twice.request('ping');
  assert.equal(twice.messages.filter((one) => one.id === 1).length, 2);
  const errors = hostile(t, 'error-answers');
  await errors.initialize();
  assert.equal((await errors.call('echo', {text: 'x'})).error.code, -32603);
  const chatty = hostile(t, 'chatty');
  await chatty.initialize();
  assert.equal(chatty.messages[0].method, 'notifications/tools/list_changed');
  const old = hostile(t, 'old-protocol');
  assert.equal((await old.initialize()).protocolVersion, '2024-11-05');
});

test('hostile: changes, floods and starts slowly', {timeout}, async (t) => {
  const changing = hostile(t, 'changing-tools');
  await changing.initialize();
  const before = names((await changing.request('tools/list')).result.tools);
  await changing.notification('notifications/tools/list_changed');
  assert.notDeepEqual(names((await changing.request('tools/list')).result.tools), before);
  const flooding = hostile(t, 'stderr-flood', '5000');
  await flooding.initialize();
  assert.ok(flooding.stderr.length > 400_000);
  const began = performance.now();
  await hostile(t, 'slow-start', '300').initialize();
  assert.ok(performance.now() - began >= 300);
});

test('hostile: does not go', {timeout}, async (t) => {
  const stubborn = hostile(t, 'ignore-sigterm');
  await stubborn.initialize();
  stubborn.child.stdin.end();
  stubborn.child.kill('SIGTERM');
  await stubborn.until(() => (stubborn.stderr.includes('SIGTERM ignored') ? true : undefined));
  stubborn.child.kill('SIGKILL');
  assert.deepEqual(await stubborn.exited, [null, 'SIGKILL']);

  const file = join(folder, 'grandchild.pid');
  const parent = stdio(t, 'hostile.mjs', ['fork-grandchild'], {GRANDCHILD_PID_FILE: file});
  await parent.initialize();
  const grandchild = Number(readFileSync(file, 'utf8'));
  t.after(() => process.kill(grandchild, 'SIGKILL'));
  assert.deepEqual(await parent.close(), {code: 0, signal: null});
  assert.ok(process.kill(grandchild, 0), 'it outlives its parent');
});

test('the demo fleet: every server starts and lists its tools', {timeout: 60_000}, async (t) => {
  const {fleet} = await prepareDemo(join(folder, 'demo'), {flaky: {FLAKY_LIFE_S: '0', FLAKY_SEED: '1'}});
  const expected = {everything: 13, filesystem: 14, memory: 9, 'sequential-thinking': 1, flaky: 7};
  for (const [name, tools] of Object.entries(expected)) {
    const {command, args, env} = fleet.mcpServers[name];
    const client = new StdioClient(command, args, env);
    t.after(() => client.close());
    assert.ok((await client.initialize('2025-11-25', {})).serverInfo, name);
    assert.equal((await client.request('tools/list')).result.tools.length, tools, name);
    if (name !== 'flaky') continue;
    const chart = (await client.call('chart')).result.content[0];
    assert.equal(Buffer.from(chart.data, 'base64').subarray(1, 4).toString(), 'PNG');
    assert.equal((await client.call('forecast', {days: 2})).result.structuredContent.days.length, 2);
    assert.equal((await client.call('divide', {a: 1, b: 0})).result.isError, true);
    client.call('crash_now');
    assert.deepEqual(await client.exited, [3, null]);
  }
  const managed = fleet.mcpServers['everything-http'];
  const child = spawn(managed.command, managed.args, {stdio: ['ignore', 'ignore', 'pipe'], env: managed.env});
  running.add(child);
  t.after(() => child.kill('SIGKILL'));
  for await (const data of child.stderr) if (String(data).includes('listening')) break;
  const client = new Client({name: 'servers_test', version: '1'});
  await client.connect(new StreamableHTTPClientTransport(new URL(managed.url)));
  assert.equal((await client.listTools()).tools.length, 13);
  await client.close();
});

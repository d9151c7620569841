// Default rules that fire for what they were made for: tools that fail and tools that are slow, a viewer whose link loses packets, loops
// that are held. Their conditions are as they come; only how long they must hold is shortened, which a rule lets one do.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, afterEach, before, test} from 'node:test';
import {Server, binary, root, testRun, until, within} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-alerts-default-'));
const demo = join(root, 'examples/demo');
const children = [];
let server;
let port;

async function freePort() {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port: free} = probe.address();
  probe.close();
  await once(probe, 'close');
  return free;
}
before(async () => {
  port = await freePort();
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {
    flaky: {command: process.execPath, args: [join(demo, 'flaky.mjs')], env: {FLAKY_LIFE_S: '0'}},
    everything: {command: process.execPath, args: [join(demo, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js'), 'stdio']},
  }}));
  server = await Server.start({args: ['--mcp-config', fleet, '--webrtc-port', String(port), '--poll-interval', '0.5', '--rate-limit-per-minute', '0', '--disable-webrtc-metrics'], env: {TELLTALE_LOG_LEVEL: 'error'}});
  for (const name of ['flaky', 'everything']) await until(`${name} is healthy`, async () => (await server.api(`/api/servers/${name}`)).health_status, (status) => status === 'healthy');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const open = async (rule) => (await server.api('/api/alerts')).items.find((one) => one.rule === rule);
const fires = (rule) => until(`${rule} fires`, () => open(rule), Boolean, 60_000);
const isOver = async (rule) => {
  await until(`${rule} is over`, () => open(rule), (alert) => !alert, 60_000);
  return (await server.api(`/api/alerts/history?rule=${rule}`)).items[0];
};
// The rule as it comes, but that it fires and ends after a second.
async function hasten(id) {
  const {condition, ...rule} = await server.api(`/api/alerts/rules/${id}`);
  const fields = ['name', 'severity', 'labels', 'summary', 'runbook', 'channels', 'group_s', 'escalate_after_s', 'escalate_to', 'enabled'];
  const changed = await server.api(`/api/alerts/rules/${id}`, {method: 'PUT', body: {...Object.fromEntries(fields.map((name) => [name, rule[name]])), condition, for_s: 1, keep_firing_for_s: 1}});
  assert.deepEqual(changed.condition, condition);
  assert.equal(await open(id), undefined, 'nothing is wrong yet');
}
async function call(count, path, given, atOnce = 12) {
  const one = () => server.api(`/api/servers/${path}/call`, {method: 'POST', body: {arguments: given}, wait: 60});
  const out = [];
  for (let left = count; left > 0; left -= atOnce) out.push(...(await Promise.all(Array.from({length: Math.min(left, atOnce)}, one))));
  return out;
}

test('error_rate: a tool that fails, and no more once enough calls succeed', async () => {
  await hasten('error_rate');
  const results = await call(20, 'flaky/tools/divide', {a: 1, b: 0});
  assert.ok(results.every((one) => one.is_error), JSON.stringify(results[0]));
  const alert = await fires('error_rate');
  assert.deepEqual([alert.labels.server, alert.severity, alert.value, alert.summary], ['flaky', 'warning', 1, '100 % of the calls of flaky fail']);
  await call(240, 'flaky/tools/divide', {a: 1, b: 2});
  const past = await isOver('error_rate');
  assert.equal(past.id, alert.id);
});

test('latency_p95: a tool that takes three seconds, and no more among enough quick ones', async () => {
  await hasten('latency_p95');
  await call(12, 'everything/tools/trigger-long-running-operation', {duration: 3, steps: 1});
  const alert = await fires('latency_p95');
  assert.deepEqual([alert.labels.server, alert.runbook], ['everything', '/analytics/slowest']);
  assert.ok(alert.value >= 2900 && alert.value < 20_000, `${alert.value} ms`);
  await call(360, 'everything/tools/echo', {message: 'quick'});
  const past = await isOver('latency_p95');
  assert.equal(past.id, alert.id);
});

test('stream_health: a viewer whose link loses a third of the packets, and is well again when it does not', async () => {
  await hasten('stream_health');
  const link = spawn(join(dirname(binary()), 'tests/support/lossy_link/lossy_link'), ['--listen', '127.0.0.1:0', '--to', `127.0.0.1:${port}`, '--seed', '7', '--delay-ms', '20'], {stdio: ['pipe', 'pipe', 'inherit']});
  children.push(link);
  const {port: relay} = JSON.parse((await within(10_000, 'the link', createInterface({input: link.stdout})[Symbol.asyncIterator]().next())).value);
  const viewer = spawn(process.execPath, [join(root, 'tests/interop/rtc/werift_viewer.mjs'), `${server.origin}/whep/test`, await server.adminToken(), String(relay)], {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: process.env.PATH, ...testRun}});
  children.push(viewer);
  const said = [];
  createInterface({input: viewer.stdout}).on('line', (line) => said.push(JSON.parse(line)));
  const {id} = await until('the id of the viewer', () => said.find((one) => 'id' in one));
  const health = async () => (await server.api(`/api/webrtc/connections/${id}/timeline?samples=1`)).scores?.health;
  await until('the stream is well', health, (value) => value >= 80);
  link.stdin.write('loss 0.35\n');
  const alert = await fires('stream_health');
  assert.ok(alert.value < 50, `${alert.value}`);
  assert.match(alert.summary, /^A WebRTC stream has a health of \d+(\.\d)?$/);
  assert.equal(alert.runbook, '/webrtc');
  link.stdin.write('loss 0\n');
  const past = await isOver('stream_health');
  assert.equal(past.id, alert.id);
  assert.ok((await health()) >= 50);
});

// What holds a loop here is the kernel: the whole process stands still while its tasks run, as when the machine swaps or is overbooked.
test('loop_stall: tasks that hold an event loop', async () => {
  const stalls = async () => [...(await (await server.fetch('/metrics', {token: await server.adminToken()})).text()).matchAll(/^telltale_loop_stalls_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  const before = await stalls();
  let busy = true;
  const work = Array.from({length: 8}, async () => {
    while (busy) await (await server.fetch('/openapi.json')).arrayBuffer();
  });
  try {
    await until('ten stalls', async () => {
      server.child.kill('SIGSTOP');
      await new Promise((done) => setTimeout(done, 130)); // over the limit of 100 ms
      server.child.kill('SIGCONT');
      return (await stalls()) - before;
    }, (count) => count >= 10, 60_000);
  } finally {
    server.child.kill('SIGCONT');
    busy = false;
    await Promise.all(work);
  }
  const alert = await fires('loop_stall');
  assert.deepEqual([alert.severity, alert.runbook], ['info', '/system']);
  assert.ok(alert.value >= 10, `${alert.value}`);
  assert.match(alert.summary, /^Tasks held an event loop \d+ times in 5 minutes$/);
});

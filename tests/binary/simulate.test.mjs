// telltale simulate, serve --test-client and serve --run-tests, as a user runs them.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root, until} from '../support/telltale.mjs';

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

const simulate = (...args) => command(['simulate', '--url', server.origin, ...args], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});

test('viewers join, choose, leave and come back; nothing is left behind', async () => {
  const {code, stdout, stderr} = await simulate('--viewers', '6', '--duration', '8', '--ramp', '1', '--stay', '3', '--settled', '2', '--seed', '5', '--json');
  assert.equal(code, 0, stderr + stdout);
  const {figures, objectives, errors, ok} = JSON.parse(stdout);
  assert.ok(ok);
  assert.deepEqual(errors, []);
  assert.ok(objectives.length > 0 && objectives.every((one) => one.held));
  assert.ok(figures.joins > 6, 'some came back');
  assert.ok(figures.quality_changes > 0);
  assert.ok(figures.frames_per_second > 1, `${figures.frames_per_second} frames a second`); // how many, depends on the machine
  assert.ok(figures.loss_percent < 1, `${figures.loss_percent} % lost on loopback`);
  assert.match(stderr, /[0-6] watching/);
  await until('all have left', async () => (await server.api('/api/v0/webrtc/connections')).connections, (all) => all.every(({status}) => status === 'closed'));
});

test('a link changes what is seen, and an objective that does not hold is exit code 1', async () => {
  const {code, stdout} = await simulate('--viewers', '2', '--duration', '6', '--ramp', '0', '--stay', '0', '--settled', '0', '--link', 'wifi', '--rate-kbps', '300', '--objective', 'kilobits_per_second<=330', '--objective', 'frames_per_second>=500');
  assert.equal(code, 1, stdout);
  assert.match(stdout, /held +kilobits_per_second<=330/);
  assert.match(stdout, /NOT HELD frames_per_second>=500/);
});

test('what cannot run says why, with exit code 2', async () => {
  for (const [args, why] of [
    [['--link', '5g'], /perfect, wifi, 4g, bad-hotel, train/],
    [['--objective', 'fun>=3'], /frames_per_second/],
    [['--call', 'everything'], /SERVER TOOL/],
    [['--viewers', '0'], /both 0/],
    [['--viewers', '0', '--callers', '1'], /readOnlyHint/],
  ]) {
    const {code, stderr} = await simulate('--duration', '1', ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, why);
  }
  const {code, stdout} = await simulate('--duration', '2', '--viewers', '1', '--ramp', '0', '--source', 'nosuch');
  assert.equal(code, 1, stdout);
  assert.match(stdout, /joining: HTTP 404/);
});

test('callers call tools', async () => {
  const fleet = join(server.state, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {hostile: {command: process.execPath, args: [join(root, 'tests/support/servers/hostile.mjs'), 'normal']}}}));
  const own = await Server.start({args: ['--mcp-config', fleet]});
  try {
    const call = (...args) => command(['simulate', '--url', own.origin, '--viewers', '0', '--callers', '4', '--duration', '3', '--think', '50', '--json', ...args], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
    await until('the server is healthy', async () => (await own.api('/api/servers/hostile')).health_status, (health) => health === 'healthy');
    const good = await call('--call', 'hostile echo {"text":"hello"}');
    assert.equal(good.code, 0, good.stderr + good.stdout);
    assert.ok(JSON.parse(good.stdout).figures.calls > 20);
    const bad = await call('--call', 'hostile nosuch');
    assert.equal(bad.code, 1);
    assert.ok(JSON.parse(bad.stdout).figures.call_failures > 0);
  } finally {
    await own.stop();
  }
});

test('serve --test-client has viewers, who leave at the end', async () => {
  const own = await Server.start({args: ['--test-client']});
  try {
    await until('three watch', async () => (await own.api('/api/v0/webrtc/connections')).connections, (all) => all.filter(({status}) => status === 'active').length === 3);
  } finally {
    const {code} = await own.stop();
    assert.equal(code, 0, own.log);
  }
});

test('serve --run-tests tries itself, reports and ends', async () => {
  const {code, stdout, stderr} = await command(['serve', '--port', '0', '--isolation', '--run-tests'], {ms: 60_000});
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /ok +WebRTC: viewers/);
  assert.match(stdout, /left out +MCP: a tool is called +\d+ ms +no running server/);
  assert.match(stdout, /7 passed, 0 failed, 1 left out/);
});

test('bench stream measures, writes, and compares with before', async () => {
  const files = ['json', 'csv', 'html'].map((kind) => join(server.state, `bench.${kind}`));
  const bench = (...args) => command(['bench', 'stream', '--url', server.origin, '--duration', '3', '--quality', 'low', ...args], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
  const first = await bench(...files.flatMap((file) => ['--output', file]));
  assert.equal(first.code, 0, first.stderr);
  const saved = JSON.parse(readFileSync(files[0], 'utf8'));
  assert.equal(saved.width, 640);
  assert.equal(saved.samples.length, 3);
  for (const name of ['signalling_ms', 'ice_ms', 'dtls_ms', 'first_frame_ms', 'frames_per_second', 'latency_p50_ms']) assert.ok(saved.figures[name] > 0, `${name}: ${saved.figures[name]}`);
  assert.ok(saved.figures.latency_p50_ms < 5000, 'the time in the picture is read');
  assert.equal(readFileSync(files[1], 'utf8').trim().split('\r\n').length, 4);
  assert.match(readFileSync(files[2], 'utf8'), /<svg/);
  const impossible = join(server.state, 'impossible.json');
  writeFileSync(impossible, JSON.stringify({...saved, figures: {...saved.figures, frames_per_second: 1000}}));
  const worse = await bench('--baseline', impossible);
  assert.equal(worse.code, 1, worse.stdout);
  assert.match(worse.stdout, /frames_per_second .* WORSE/);
  writeFileSync(impossible, '{}');
  for (const [args, why] of [[['--baseline', impossible], /not the JSON of a streaming benchmark/], [['--output', 'x.txt'], /\.json, \.csv nor \.html/], [['--source', 'nosuch'], /HTTP 404/]]) {
    const {code, stderr} = await bench(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, why);
  }
});

// The WebRTC monitor of the binary: a real viewer (werift) watched by it, a real Prometheus that scrapes it, the files of --log-dir, what is
// kept of connections that ended, and what it refuses to start with.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {createInterface} from 'node:readline';
import {Server, command, root, testRun, until, within} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-monitor-'));
const logs = join(folder, 'logs');
const configuration = join(folder, 'webrtc.json');
const held = createServer();
let server, viewer, prometheus, metricsPort;

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
async function watch() {
  const child = spawn(process.execPath, [join(root, 'tests/interop/rtc/werift_viewer.mjs'), `${server.origin}/whep/test`, await server.adminToken()], {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: process.env.PATH, ...testRun}});
  const out = {child, said: [], exited: once(child, 'exit')};
  createInterface({input: child.stdout}).on('line', (line) => out.said.push(JSON.parse(line)));
  const has = (key) => until(`the viewer's ${key}`, () => out.said.find((one) => key in one), Boolean);
  out.id = (await has('id')).id;
  await until('the viewer is connected', () => out.said, (said) => said.some(({state}) => state === 'connected'));
  return out;
}
const metrics = async (path = '/metrics') => {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}${path}`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return answer.text();
};

before(async () => {
  metricsPort = await freePort();
  held.listen(0, '127.0.0.1');
  await once(held, 'listening');
  writeFileSync(configuration, JSON.stringify({visualization: {max_history_points: 500}, optimization: {strategy: 'mine', strategies: {mine: {loss_weight: 2}}}}));
  server = await Server.start({args: ['--poll-interval', '0.5', '--webrtc-metrics-port', String(metricsPort), '--log-dir', logs, '--webrtc-config-path', configuration], env: {TELLTALE_LOG_LEVEL: 'error'}});
  viewer = await watch();
});
after(async () => {
  viewer?.child.kill('SIGKILL');
  if (prometheus) {
    prometheus.kill();
    await once(prometheus, 'exit');
  }
  held.close();
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

test('the timeline of a connection has samples, events, scores with their parts, and both sides joined', async () => {
  const path = `/api/webrtc/connections/${viewer.id}/timeline`;
  const told = await until('eight samples with a score', () => server.api(path), ({samples, scores}) => samples.length >= 8 && scores);
  assert.equal(told.connection_id, viewer.id);
  assert.equal(told.state, 'connected');
  const column = (name) => told.samples.map((row) => row[told.columns.indexOf(name)]);
  assert.equal(column('state').at(-1), 'connected');
  assert.ok(column('bitrate_kbps').at(-1) > 50, JSON.stringify(told.samples.at(-1)));
  assert.ok(column('frames_per_second').at(-1) > 1);
  assert.equal(column('buffer_ms').findLast((value) => value !== null), 80);
  assert.ok(told.scores.health >= 0 && told.scores.health <= 100 && told.scores.sentence.startsWith(`health ${told.scores.health}`));
  for (const part of ['loss', 'round_trip', 'jitter', 'queue', 'freezes', 'dropped', 'frame_rate', 'silence']) assert.ok('points' in told.scores.parts[part], part);
  const types = told.events.map(({type}) => type);
  for (const type of ['created', 'ice_connected', 'connected', 'track_added', 'data_channel_added', 'first_packet', 'first_key_frame']) assert.ok(types.includes(type), `${type} in ${types}`);
  const video = told.statistics.find(({kind}) => kind === 'video');
  assert.ok(video['outbound-rtp'].framesSent > 0);
  assert.ok('framesDecoded' in video['inbound-rtp'], 'what the player says stands beside it');
  assert.equal((await server.api(`${path}?samples=3`)).samples.length, 3);
  assert.equal((await server.fetch(path, {token: await server.adminToken()})).status, 200);
  assert.equal((await server.fetch('/api/webrtc/connections/nobody/timeline', {token: await server.adminToken()})).status, 404);
});

test('the old shapes are filled', async () => {
  const {connection} = await server.api(`/api/v0/mcp/monitor/webrtc/connections/${viewer.id}`);
  const types = new Set(connection.lifecycle_events.map(({type}) => type));
  for (const type of ['connection_state_change', 'ice_state_change', 'signaling_state_change', 'gathering_state_change', 'track_added', 'data_channel_added']) assert.ok(types.has(type), type);
  assert.ok(connection.lifecycle_events.every(({timestamp}) => Math.abs(timestamp - Date.now() / 1000) < 600));
  assert.ok(connection.stats.quality_metrics.health_score >= 0);
  assert.equal(connection.stats.buffer.video.seconds, 0.08);
  const summary = await server.api('/api/v0/mcp/monitor/webrtc/summary');
  assert.equal(summary.logging_enabled, true);
  assert.equal(summary.debug_mode, false);
});

test('what it does is what it was told to do', async () => {
  const {config, connections} = await server.api('/api/webrtc/monitor');
  assert.equal(connections, 1);
  assert.equal(config.visualization.max_history_points, 500);
  assert.equal(config.optimization.strategy, 'mine');
  assert.deepEqual(config.optimization.buffer_size_range, [15, 60]);
});

const table = readFileSync(join(root, 'docs/metrics.md'), 'utf8').split('\n').map((line) => /^\| `(webrtc_\w+)` \| (\w+) \|/.exec(line)).filter(Boolean).map(([, name, type]) => ({name, type}));

test('a real Prometheus scrapes every metric of the table; promtool finds nothing wrong but the names that are fixed', async () => {
  assert.equal(table.length, 24);
  assert.equal((await metrics('/')).match(/# TYPE/g).length, 24);
  const text = await metrics();
  const checked = spawnSync('promtool', ['check', 'metrics'], {input: text, encoding: 'utf8'});
  const complaints = (checked.stdout + checked.stderr).trim().split('\n').filter((line) => line !== '');
  assert.deepEqual(complaints.filter((line) => !/metric names should not contain abbreviated units|should be "\w*" instead of|use base unit/.test(line)), []);
  const port = await freePort();
  writeFileSync(join(folder, 'prometheus.yml'), `global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: webrtc\n    metrics_path: /\n    static_configs: [{targets: ['127.0.0.1:${metricsPort}']}]\n`);
  prometheus = spawn('prometheus', [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`], {stdio: 'ignore', env: {PATH: process.env.PATH, ...testRun}});
  const ask = async (path) => {
    try {
      return (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()).data;
    } catch {
      return null; // it is not up yet
    }
  };
  const query = async (expression) => (await ask(`query?query=${encodeURIComponent(expression)}`))?.result ?? [];
  await until('a scraped health', () => query(`webrtc_stream_health_score{connection_id="${viewer.id}"}`), (result) => result.length === 1);
  const metadata = await until('the metadata', () => ask('metadata'), Boolean);
  assert.deepEqual(table.filter(({name, type}) => metadata[name]?.[0].type !== type), []);
  for (const expression of ['sum(webrtc_active_connections)', 'sum(webrtc_connections_total) by (server_id)', `webrtc_bandwidth_kbps{connection_id="${viewer.id}",direction="outbound"}`, `histogram_quantile(0.95, sum(webrtc_latency_ms_bucket) by (le, type))`, 'webrtc_frames_sent_total{type="video"}', 'webrtc_cpu_usage_percent', 'webrtc_memory_usage_bytes'])
    assert.ok((await query(expression)).length >= 1, expression);
});

test('the port serves GET at two paths and nothing else', async () => {
  assert.equal((await fetch(`http://127.0.0.1:${metricsPort}/api/users`)).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${metricsPort}/metrics`, {method: 'POST'})).status, 405);
});

test('an asynchronous close is shown with its operation and its task', async () => {
  const done = await server.api('/api/v0/mcp/monitor/webrtc/test/async_close', {method: 'POST', body: {}});
  assert.equal(done.success, true);
  assert.equal(done.connection_state, 'closed');
  assert.equal(done.close_reason, 'asked');
  assert.deepEqual(done.steps.map(({name}) => name), ['made', 'connected', 'closed', 'heard']);
  assert.equal(done.task.completed, true);
  assert.equal(done.task.error, null);
  assert.match(done.task.name, new RegExp(`^webrtc.async_close ${done.connection_id}$`));
  const {operations} = await until('the operation', () => server.api('/api/v0/webrtc/operations'), ({operations}) => operations.some((one) => one.operation_id === done.operation_id));
  const operation = operations.find((one) => one.operation_id === done.operation_id);
  assert.equal(operation.operation, 'async_close');
  assert.equal(operation.success, true);
  assert.equal(operation.connection_id, done.connection_id);
  const {connection} = await server.api(`/api/v0/mcp/monitor/webrtc/connections/${done.connection_id}`);
  assert.equal(connection.status, 'closed');
  const none = await server.fetch('/api/v0/mcp/test/webrtc/async_test', {method: 'POST', body: {connection_id: 'nobody'}, token: await server.adminToken()});
  assert.equal(none.status, 404);
});

test('one that ended leaves its story, its files and no series', async () => {
  assert.match(await metrics(), new RegExp(viewer.id));
  await server.api(`/api/v0/webrtc/close/${viewer.id}`, {method: 'POST', body: {}});
  await until('its series are gone', metrics, (text) => !text.includes(viewer.id));
  const {items} = await until('its history', () => server.api('/api/webrtc/history'), ({items}) => items.some(({connection_id}) => connection_id === viewer.id));
  const kept = items.find(({connection_id}) => connection_id === viewer.id);
  assert.equal(kept.close_reason, 'asked');
  assert.ok(kept.mean_kbps > 10 && kept.mean_health > 0);
  const told = await server.api(`/api/webrtc/connections/${viewer.id}/timeline`);
  assert.equal(told.state, 'closed');
  assert.equal(told.events.at(-1).type, 'closed');
  assert.equal(told.events.at(-1).reason, 'asked');
  const files = await until('its file', () => readdirSync(join(logs, 'connections')), (names) => names.some((name) => name.includes(viewer.id)));
  const name = files.find((one) => one.includes(viewer.id));
  assert.match(name, /^\d{8}_\d{6}_rtc/);
  const story = JSON.parse(readFileSync(join(logs, 'connections', name), 'utf8'));
  assert.equal(story.connection_id, viewer.id);
  assert.ok(story.timeline.samples.length > 3);
  const operations = await until('the files of operations', () => readdirSync(join(logs, 'operations')), (names) => names.some((one) => /^\d{8}_\d{6}_close_connection_op/.test(one)));
  assert.equal(JSON.parse(readFileSync(join(logs, 'operations', operations.find((one) => one.includes('close_connection'))), 'utf8')).status, 'completed');
  assert.match(readFileSync(join(logs, 'webrtc_monitor.log'), 'utf8'), new RegExp(`${viewer.id} closed \\(asked\\)`));
});

test('what it refuses to start with, by name', async () => {
  const started = async (...args) => {
    const {code, stderr} = await command(['serve', '--port', '0', '--isolation', ...args]);
    assert.equal(code, 1, stderr);
    return stderr;
  };
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{"optimization": {"buffer_size_range": [60, 15]}, "metric": {}}');
  const said = await started('--webrtc-config-path', bad);
  assert.match(said, /\/optimization\/buffer_size_range: must be \[LOW, HIGH\]/);
  assert.match(said, /\/metric: unknown key; known here: history, metrics, optimization, reporting, visualization/);
  assert.match(await started('--webrtc-metrics-port', String(held.address().port)), /--webrtc-metrics-port: /);
});

test('each switch switches off what it says', async () => {
  const run = async (args, look) => {
    const other = await Server.start({args, env: {TELLTALE_LOG_LEVEL: 'error'}});
    try {
      await look(other);
    } finally {
      await other.stop();
    }
  };
  await run(['--disable-webrtc-monitor'], async (other) => {
    assert.doesNotMatch(await (await other.fetch('/metrics')).text(), /^webrtc_/m);
    assert.equal((await other.fetch('/api/webrtc/monitor', {token: await other.adminToken()})).status, 404);
    assert.equal((await other.api('/api/v0/webrtc/connections')).success, true);
  });
  await run(['--disable-webrtc-metrics', '--disable-optimization', '--disable-auto-quality'], async (other) => {
    const text = await (await other.fetch('/metrics')).text();
    assert.doesNotMatch(text, /^webrtc_/m);
    const {config} = await other.api('/api/webrtc/monitor');
    assert.equal(config.optimization.enabled, false);
    assert.equal(config.optimization.auto_quality, false);
    const offer = readFileSync(join(root, 'src/rtc/sdp/offers/chromium_receive.sdp'), 'utf8');
    const made = await other.api('/api/v0/webrtc/stream', {method: 'POST', body: {cid: 'test', quality: 'auto', sdp: offer}});
    assert.equal((await other.api(`/api/webrtc/connections/${made.connection_id}`)).quality, 'medium');
  });
});

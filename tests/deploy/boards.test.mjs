// deploy/: a real Prometheus scrapes a real Telltale with deploy/prometheus/prometheus.yml, and every query of both Grafana boards gives data.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root, testRun} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-deploy-'));
const board = (name) => JSON.parse(readFileSync(join(root, `deploy/grafana/${name}.json`), 'utf8'));
const hostile = join(root, 'tests/support/servers/hostile.mjs');

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}
async function until(seconds, what, question) {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

let server, prometheus, exited, base;
before(async () => {
  const fleet = join(folder, 'fleet.json');
  const one = {command: process.execPath, args: [hostile, 'normal'], telltale: {health_interval_s: 1}};
  writeFileSync(fleet, JSON.stringify({mcpServers: {good: one, broken: {command: process.execPath, args: ['-e', 'process.exit(3)']}}}));
  const rtc = await freePort();
  server = await Server.start({args: ['--mcp-config', fleet, '--test-client', '--webrtc-metrics-port', String(rtc), '--poll-interval', '0.5']});
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const given = readFileSync(join(root, 'deploy/prometheus/prometheus.yml'), 'utf8');
  writeFileSync(config, given.replace('127.0.0.1:8000', new URL(server.origin).host).replace('127.0.0.1:9090', `127.0.0.1:${rtc}`).replace('scrape_interval: 5s', 'scrape_interval: 1s'));
  const checked = spawnSync('promtool', ['check', 'config', config], {encoding: 'utf8'});
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  prometheus = spawn('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], {stdio: 'ignore', env: {...process.env, ...testRun}});
  exited = once(prometheus, 'exit');
  base = `http://127.0.0.1:${port}`;
  await until(30, 'Prometheus is ready', () => fetch(`${base}/-/ready`).then((answer) => answer.ok, () => false));
  await until(20, 'both are scraped', async () => (await query('sum(up)'))[0]?.value[1] === '2');
});
after(async () => {
  if (prometheus) {
    prometheus.kill('SIGTERM');
    await exited;
  }
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

async function query(expr) {
  const answer = await (await fetch(`${base}/api/v1/query`, {method: 'POST', body: new URLSearchParams({query: expr})})).json();
  assert.equal(answer.status, 'success', `${expr}: ${answer.error}`);
  return answer.data.result;
}
// What Grafana puts in for "All" and a range of ten seconds.
const filled = (expr) => expr.replaceAll(/\$(connection|server)\b/g, '.*').replaceAll('$__rate_interval', '10s');

// Only what comes from another's gateway is fetched ahead, and there is none here: its histogram is empty, the query runs all the same.
const fromGateways = 'Prefetch, 95 in 100';

// Each query has to give data within the time; which did not is the failure.
async function everyQuery(name, stir = async () => {}) {
  const {panels, templating} = board(name);
  const left = new Map(panels.flatMap((panel) => (panel.targets ?? []).map(({expr}) => [expr, panel.title])));
  assert.ok(left.size > 15);
  for (const {query: variable} of templating.list.filter((one) => one.type === 'query')) {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(variable.query);
    left.set(`count by (${label}) (${metric})`, `the variable ${label}`);
  }
  await until(60, `data for every query of ${name}`, async () => {
    await stir();
    for (const expr of [...left.keys()]) if ((await query(filled(expr))).some(({value}) => !Number.isNaN(Number(value[1])))) left.delete(expr);
    return [...left.values()].every((title) => title === fromGateways);
  }).catch((late) => assert.fail(`${late.message}; without data: ${JSON.stringify([...left])}`));
}

test('the fleet board', async () => {
  await command(['simulate', '--url', server.origin, '--viewers', '0', '--callers', '4', '--duration', '4', '--think', '20', '--call', 'good echo {"text":"hello"}'], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
  await everyQuery('fleet_dashboard');
});

test('the WebRTC board', async () => {
  // The test connection publishes too.
  await everyQuery('webrtc_dashboard', () => server.api('/api/v0/webrtc/test_connection', {method: 'POST', body: {}}));
});

test('what promtool thinks of the metrics', async () => {
  const text = await (await server.fetch('/metrics')).text();
  const {status, stderr, stdout} = spawnSync('promtool', ['check', 'metrics'], {input: text, encoding: 'utf8'});
  // Their names are fixed by the dashboards before us (contracts.md).
  const fixed = ['webrtc_ice_connection_time_ms', 'webrtc_ice_gathering_time_ms', 'webrtc_jitter_ms', 'webrtc_latency_ms', 'webrtc_prefetch_latency_ms'];
  const complaints = (stdout + stderr).trim().split('\n').filter((line) => !fixed.includes(line.replace(' metric names should not contain abbreviated units', '')));
  assert.deepEqual(complaints, []);
  assert.ok([0, 3].includes(status), `promtool ended with ${status}`); // 3: it had something to say
});

// WebRTC reports and the picture of the moment, written by the binary; and where its metrics are.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, until} from '../support/telltale.mjs';

const mine = mkdtempSync(join(tmpdir(), 'telltale-reports-'));
const folder = join(mine, 'reports of mine');
let server;
before(async () => {
  const config = join(mine, 'webrtc.json');
  writeFileSync(config, JSON.stringify({visualization: {dashboard_update_interval: 20, live_update: true, plot_style: 'default'}, reporting: {interval: 2, formats: ['html', 'json'], save_raw_data: false}}));
  server = await Server.start({args: ['--report-path', folder, '--webrtc-config-path', config, '--visualization-interval', '1', '--poll-interval', '0.5', '--metrics-path', '/figures']});
});
after(async () => {
  await server?.stop();
  rmSync(mine, {recursive: true});
});

const watch = (seconds) => command(['simulate', '--url', server.origin, '--viewers', '2', '--ramp', '0', '--duration', String(seconds), '--stay', '0'], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});

test('nothing is written while nobody is connected', async () => {
  await new Promise((done) => setTimeout(done, 2500)); // over an interval of both
  assert.ok(!existsSync(folder));
});

test('at their intervals, and on demand; listed, saved, removed', async () => {
  const watched = watch(6);
  const page = await until('the picture of the moment', () => existsSync(join(folder, 'webrtc_dashboard.html')) && readFileSync(join(folder, 'webrtc_dashboard.html'), 'utf8'));
  assert.match(page, /http-equiv="refresh" content="1"/);
  assert.match(page, /prefers-color-scheme/);
  await until('a report by itself', () => readdirSync(folder).filter((name) => /^webrtc_report_\d{8}_\d{6}_\d{3}\.(json|html)$/.test(name)).length >= 2);
  assert.equal((await watched).code, 0);
  const made = await server.api('/api/webrtc/reports', {method: 'POST', body: {formats: ['json', 'html'], raw: true}});
  assert.equal(made.connections, 2);
  assert.equal(made.folder, folder);
  const {items} = await server.api('/api/webrtc/reports');
  assert.equal(items[0].id, made.id);
  assert.deepEqual(items[0].files.map(({format}) => format).sort(), ['html', 'json']);
  const own = await server.api(`/api/webrtc/reports/${items.at(-1).id}?format=json`);
  assert.ok(!own.connections[0].timeline, 'save_raw_data is off');
  const json = await server.api(`/api/webrtc/reports/${made.id}?format=json`);
  assert.ok(json.connections[0].timeline.samples.length > 3);
  assert.equal(json.connections[0].source, 'test');
  const answer = await server.fetch(`/api/webrtc/reports/${made.id}`, {token: await server.adminToken()});
  assert.match(answer.headers.get('content-disposition'), /attachment; filename="webrtc_report_/);
  assert.match(await answer.text(), /aria-label="Bandwidth, kbit\/s"/);
  await server.api(`/api/webrtc/reports/${made.id}`, {method: 'DELETE'});
  assert.ok(!existsSync(join(folder, `webrtc_report_${made.id}.json`)));
  for (const [path, options, why] of [
    [`/api/webrtc/reports/${made.id}`, {}, /404.*no report/],
    ['/api/webrtc/reports/..%2f..%2ftelltale', {}, /422.*YYYYmmdd/],
    ['/api/webrtc/reports', {method: 'POST', body: {formats: ['pdf']}}, /422.*\/formats/],
  ]) await assert.rejects(server.api(path, options), why);
});

test('the metrics are where they are wanted, or nowhere', async () => {
  const none = async (one) => assert.doesNotMatch(await (await one.fetch('/metrics')).text(), /telltale_http_requests_total/);
  await none(server); // a page of the dashboard, as every other path
  assert.match(await (await server.fetch('/figures')).text(), /^telltale_http_requests_total/m);
  const {paths} = await (await server.fetch('/openapi.json')).json();
  assert.ok(paths['/figures'] && !paths['/metrics']);
  const silent = await Server.start({args: ['--disable-metrics']});
  try {
    await none(silent);
  } finally {
    await silent.stop();
  }
  const {code, stderr} = await command(['serve', '--metrics-path', '/api/metrics']);
  assert.notEqual(code, 0);
  assert.match(stderr, /--metrics-path.*path of its own/s);
});

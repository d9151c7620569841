// Metrics as a program meets them: recorded in both shapes, asked for in every way, as CSV, live, after a kill; wrong input of every
// field; who may what; analytics of real tool calls.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, root, within} from '../support/telltale.mjs';

const everything = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-everything/dist/index.js');
let folder, state, server;
const enc = encodeURIComponent;
const post = (body) => server.api('/api/metrics', {method: 'POST', body});
const ask = (query) => server.api(`/api/metrics?${query}`);
const until = (what, look) =>
  within(
    30_000,
    what,
    (async () => {
      for (;;) {
        const found = await look().catch(() => undefined);
        if (found) return found;
        await new Promise((done) => setTimeout(done, 100));
      }
    })(),
  );
const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000; // whole, and past

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-metrics-'));
  state = join(folder, 'state');
  server = await Server.start({state, args: ['--rate-limit-per-minute', '100000']});
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

test('one metric in the shape of the original lab, and a batch of them', async () => {
  const one = {metric_type: 'performance', metric_name: 'response_time', value: 12.5, unit: 'ms', tags: {test_run_id: '7', host: 'a'}, timestamp: new Date(hour).toISOString()};
  assert.deepEqual(await post(one), {success: true, accepted: 1, duplicates: 0, refused: 0, refusals: []});
  assert.equal((await post(one)).duplicates, 1, 'sent again it changes nothing');
  const many = await post({metrics: [{...one, value: 20, timestamp: hour / 1000 + 60}, {...one, value: 30, timestamp: hour + 120_000}, {metric_name: 'plain', value: 1}]});
  assert.equal(many.accepted, 3);
  const {items} = await ask('test_run_id=7&metric_type=performance');
  assert.deepEqual(items.map(({value}) => value), [30, 20, 12.5]);
  assert.deepEqual(items[2], {metric_name: 'response_time', metric_type: 'performance', value: 12.5, unit: 'ms', tags: {host: 'a', metric_type: 'performance', test_run_id: '7'}, timestamp: one.timestamp});
  const summary = await server.api('/api/metrics/summary?metric_type=performance&window_hours=24');
  assert.equal(summary.count, 3);
  assert.equal(summary.sum, 62.5);
  assert.ok(Math.abs(summary.p95 - 30) <= 0.3, `p95 is ${summary.p95}`);
  const {items: names} = await server.api('/api/metrics/names?q=response');
  assert.deepEqual([names[0].name, names[0].unit, names[0].labels], ['response_time', 'ms', ['host', 'metric_type', 'test_run_id']]);
});

test('pages of points: a cursor gives each once', async () => {
  await post({series: [{name: 'paged', points: Array.from({length: 25}, (_, i) => [hour + Math.floor(i / 3) * 1000, i])}]});
  const seen = [];
  for (let cursor = ''; cursor !== null; ) {
    const page = await ask(`name=paged&limit=4&cursor=${cursor}`);
    seen.push(...page.items.map(({value}) => value));
    cursor = page.next_cursor;
  }
  assert.equal(seen.length, 25);
  assert.equal(new Set(seen).size, 25);
});

test('queries: functions, groups, windows, rollups', async () => {
  const points = (from) => Array.from({length: 720}, (_, i) => [hour + i * 5000, from + i]);
  await post({series: [{name: 'work', labels: {tool: 'a', host: 'x'}, points: points(0)}, {name: 'work', labels: {tool: 'b', host: 'x'}, points: points(1000)}]});
  const range = `start=${hour}&end=${hour + 3_600_000}`;
  const values = (answer) => answer.series.map(({points: all}) => all.map(([, value]) => value));
  const increase = await ask(`${range}&step=1h&q=${enc('increase(work) by (tool)')}`);
  assert.equal(increase.resolution, '1h');
  assert.deepEqual(increase.series.map(({labels}) => labels), [{tool: 'a'}, {tool: 'b'}]);
  assert.deepEqual(values(increase), [[719], [719]]);
  const rate = await ask(`${range}&step=10m&q=${enc('rate(work{tool="a"}[20m])')}`);
  assert.deepEqual(values(rate)[0].slice(1).map((value) => Math.round(value * 1000) / 1000), [0.2, 0.2, 0.2, 0.2, 0.2].map((v, i) => (i === 0 ? 0.199 : v)));
  assert.deepEqual(values(await ask(`${range}&name=work&labels=${enc('tool=~"a|c"')}&step=1h&agg=max`)), [[719]]);
  assert.deepEqual(values(await ask(`${range}&step=1h&q=${enc('count(work) by ()')}`)), [[1440]]);
  assert.deepEqual(values(await ask(`${range}&step=30m&agg=last&name=work&by=tool&labels=${enc('tool!="b"')}`)), [[359, 719]]);
  const [[p50]] = values(await ask(`${range}&step=1h&q=${enc('quantile(0.5, work{tool="a"})')}`));
  assert.ok(Math.abs(p50 - 359) <= 3.7, `the median is ${p50}`);
  const fine = await ask(`${range}&step=7s&agg=count&name=work&by=host`);
  assert.equal(fine.resolution, 'points');
  assert.equal(fine.series[0].points.reduce((sum, [, value]) => sum + value, 0), 1440);
});

test('OpenAPI says what it answers, and it answers so', async () => {
  await post({metric_name: 'said', value: 1});
  const {content} = (await (await server.fetch('/openapi.json')).json()).paths['/api/metrics'].get.responses['200'];
  assert.deepEqual(Object.keys(content).sort(), ['application/json', 'text/csv']);
  const [page, query] = content['application/json'].schema.oneOf;
  for (const [schema, answer] of [[page, await ask('name=said')], [query, await ask(`q=${enc('sum(said)')}`)]]) assert.deepEqual(Object.keys(answer).sort(), Object.keys(schema.properties).sort());
});

test('CSV, by parameter and by Accept', async () => {
  await post({series: [{name: 'csv', labels: {text: 'a "b", c\nd'}, points: [[hour, 1.5], [hour + 1000, 2]]}]});
  const token = await server.adminToken();
  for (const [query, headers] of [['name=csv&format=csv', {}], ['name=csv', {accept: 'text/csv'}]]) {
    const answer = await server.fetch(`/api/metrics?${query}`, {token, headers});
    assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8');
    const text = await answer.text();
    assert.equal(text, `time,name,text,value\r\n${new Date(hour + 1000).toISOString()},csv,"a ""b"", c\nd",2\r\n${new Date(hour).toISOString()},csv,"a ""b"", c\nd",1.5\r\n`);
    assert.equal(Number(answer.headers.get('content-length')), Buffer.byteLength(text));
  }
  await post({series: [{name: 'long', points: Array.from({length: 5000}, (_, i) => [hour + i * 100, i])}]});
  const long = await (await server.fetch(`/api/metrics?q=${enc('sum(long)')}&step=1s&start=${hour}&end=${hour + 500_000}`, {token, headers: {accept: 'text/csv'}})).text();
  assert.equal(long.trim().split('\r\n').length, 501);
});

test('a distribution counts exactly between its bounds; what stands out of a curve is told with what was usual', async () => {
  const values = Array.from({length: 40}, (_, i) => 100 + (i % 5));
  values[30] = 900;
  const points = values.map((value, i) => [hour + i * 60_000, value]).filter(([at]) => at !== hour + 35 * 60_000);
  assert.equal((await post({series: [{name: 'spread', unit: 'ms', points: [[hour, 0], [hour, 3], ...points]}]})).accepted, 41);
  const range = `start=${hour}&end=${hour + 40 * 60_000}`;
  const told = await server.api(`/api/metrics/distribution?name=spread&step=1m&${range}`);
  assert.equal(told.times.length, 40);
  assert.equal(told.counts[35], null, 'nothing was recorded: that is not zero');
  assert.deepEqual([told.count, told.not_above_zero, told.min, told.max], [41, 1, 0, 900]);
  const within = (low, high) => [...points.map(([, value]) => value), 3].filter((value) => value > low && value <= high).length;
  for (let bin = 0; bin + 1 < told.bounds.length; ++bin) assert.equal(told.counts.reduce((sum, step) => sum + (step?.[bin] ?? 0), 0), within(told.bounds[bin], told.bounds[bin + 1]), `${told.bounds[bin]} to ${told.bounds[bin + 1]}`);
  assert.ok(Math.abs(told.p50 - 102) < 3);
  const {series: [curve], start} = await ask(`q=avg(spread)&step=1m&anomalies=3.5&${range}`);
  assert.deepEqual(curve.anomalies.map(({time, value}) => [time, value]), [[hour + 30 * 60_000, 900]]);
  assert.ok(Math.abs(curve.anomalies[0].expected - 102) < 3 && curve.anomalies[0].score > 3.5);
  assert.equal(Date.parse(start), hour);
  const later = await ask(`q=avg(spread)&step=1m&anomalies=3.5&start=${hour + 30 * 60_000}&end=${hour + 40 * 60_000}`);
  assert.equal(later.series[0].points[0][0], hour + 30 * 60_000, 'what comes before is read, not answered');
  assert.equal(later.series[0].anomalies.length, 1);
  for (const [wrong, field] of [['name=', '/name'], [`name=spread&step=1s&start=${hour}&end=${hour + 3_600_000}`, '/step'], ['name=spread&step=x', '/step'], ['name=spread&start=y', '/start']]) {
    const answer = await server.fetch(`/api/metrics/distribution?${wrong}`, {token: await server.adminToken()});
    assert.equal(answer.status, 422, wrong);
    assert.equal((await answer.json()).errors[0].pointer, field);
  }
  assert.equal((await server.fetch('/api/metrics?q=avg(spread)&anomalies=4&format=csv', {token: await server.adminToken()})).status, 422);
});

test('wrong input of every field says which and what is right', async () => {
  const token = await server.adminToken();
  const cases = [
    ['POST', {}, 422, /give metric_name and value/],
    ['POST', {metric_name: 'x'}, 422, /\/value: is required/],
    ['POST', {value: 1}, 422, /\/metric_name: is required/],
    ['POST', {metric_name: 'a b', value: 1}, 422, /\/name: must be letters/],
    ['POST', {metric_name: 'x', value: 'high'}, 422, /\/value/],
    ['POST', {metric_name: 'x', value: 1, timestamp: 'soon'}, 422, /\/timestamp: must be a time/],
    ['POST', {metric_name: 'x', value: 1, timestamp: Date.now() + 3_600_000}, 422, /\/timestamp: is over 10 minutes in the future/],
    ['POST', {metric_name: 'x', value: 1, tags: {a: []}}, 422, /\/tags\/a: must be a string/],
    ['POST', {metric_name: 'x', value: 1, tags: {'a-b': 'c'}}, 422, /\/labels\/a-b/],
    ['POST', {metric_name: 'x', value: 1, tags: {a: ''}}, 422, /must not be empty/],
    ['POST', {metric_name: 'x', value: 1, unit: 'u'.repeat(40)}, 422, /\/unit/],
    ['POST', {metric_name: 'x', value: 1, metric_type: 'a', tags: {metric_type: 'b'}}, 422, /given twice/],
    ['POST', {metrics: [{metric_name: 'x', value: 1}, {metric_name: 'x'}]}, 422, /\/metrics\/1\/value/],
    ['POST', {series: [{name: 'x', points: [[1]]}]}, 422, /\/series\/0\/points\/0: must be \[time, value\]/],
    ['POST', {series: [{name: 'x', points: [[1, 'a']]}]}, 422, /\/series\/0\/points\/0\/1: must be a number/],
    ['POST', {metric_name: 'x', value: 1, colour: 'red'}, 422, /\/colour is not known here/],
    ['GET', 'name=nosuch', 404, /no metric is called nosuch/],
    ['GET', 'nosuch=1', 422, /\/nosuch is not known here/],
    ['GET', 'name=work&labels=colour="red"', 422, /no series here has a label called colour; there are host, tool/],
    ['GET', 'name=work&labels=tool', 422, /column 5: expected =/],
    ['GET', 'name=work&metric_name=work', 422, /\/metric_name/],
    ['GET', 'name=work&by=colour', 422, /\/by: none of these series has a label called colour/],
    ['GET', 'name=work&agg=median', 422, /\/agg: must be one of avg/],
    ['GET', 'name=work&step=fast', 422, /\/step: must be a duration/],
    ['GET', 'name=work&step=1ms&range=1d', 422, /\/step: would be over 11000/],
    ['GET', 'name=work&step=7s&range=30d&agg=avg', 422, /\/step/],
    ['GET', 'name=work&window=x', 422, /\/window/],
    ['GET', 'name=work&start=yesterday', 422, /\/start: must be a time/],
    ['GET', 'name=work&start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z', 422, /\/start: must be before the end/],
    ['GET', 'name=work&start=1&range=5m', 422, /\/range/],
    ['GET', 'name=work&limit=0', 422, /\/limit/],
    ['GET', 'name=work&cursor=x', 422, /\/cursor/],
    ['GET', 'name=work&format=xml', 422, /\/format/],
    ['GET', `q=${enc('rate(work[5m')}`, 422, /\/q: column 13: expected \]/],
    ['GET', `q=${enc('rate(work)')}&agg=sum`, 422, /\/agg: q has a function already/],
    ['GET', `q=${enc('rate(work) by (colour)')}`, 422, /\/q: none of these series/],
    ['DELETE', '', 422, /say which/],
  ];
  const wrong = [];
  for (const [method, input, status, pattern] of cases) {
    const answer = await server.fetch(method === 'POST' ? '/api/metrics' : `/api/metrics?${input}`, {method, token, body: method === 'POST' ? input : undefined});
    const text = await answer.text();
    if (answer.status !== status || !pattern.test(JSON.parse(text).detail + JSON.stringify(JSON.parse(text).errors ?? ''))) wrong.push(`${method} ${JSON.stringify(input)}: ${answer.status} ${text}`);
  }
  assert.deepEqual(wrong, []);
  const late = await post({series: [{name: 'work', labels: {tool: 'a', host: 'x'}, points: [[hour - 3_600_000, 1]]}]});
  assert.equal(late.refused, 1);
  assert.match(late.refusals[0].reason, /10 minutes older/);
});

test('a viewer asks, an operator records, an admin deletes', async () => {
  const tokens = {admin: await server.adminToken()};
  for (const role of ['viewer', 'operator']) {
    await server.api('/api/users', {method: 'POST', body: {username: role, password: adminPassword, role}});
    tokens[role] = (await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: role, password: adminPassword}})).json()).access_token;
  }
  const status = async (role, method, path, body) => (await server.fetch(path, {method, token: tokens[role], body})).status;
  const body = {metric_name: 'mine', value: 1};
  assert.equal(await status('viewer', 'POST', '/api/metrics', body), 403);
  assert.equal(await status('operator', 'POST', '/api/metrics', body), 200);
  assert.equal(await status('viewer', 'GET', '/api/metrics?name=mine'), 200);
  assert.equal(await status('operator', 'DELETE', '/api/metrics?name=mine'), 403);
  assert.equal(await status('admin', 'DELETE', '/api/metrics?name=mine'), 200);
  assert.equal(await status('viewer', 'GET', '/api/metrics?name=mine'), 404);
});

test('Telltale records itself; new points come live; calls are analysed; a server one may not see is not there', async () => {
  await server.api('/api/servers', {method: 'POST', body: {name: 'every', command: process.execPath, args: [everything, 'stdio']}});
  await until('every is healthy', async () => (await server.api('/api/servers/every')).health_status === 'healthy');
  const {ticket} = await server.api('/api/auth/ticket', {method: 'POST', body: {}});
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/ws?ticket=${ticket}`);
  const live = new Promise((done) => {
    socket.addEventListener('open', () => socket.send(JSON.stringify({action: 'subscribe', event_types: ['metrics'], filters: {metric_names: ['tool_duration_ms']}})));
    socket.addEventListener('message', ({data}) => {
      const message = JSON.parse(data);
      if (message.type === 'subscribed') void call('echo', {message: 'x'});
      if (message.type === 'metrics') done(message.data);
    });
  });
  const call = (tool, args) => server.fetch(`/api/servers/every/tools/${tool}/call`, {method: 'POST', token: server.token, body: {arguments: args}});
  const event = await within(20_000, 'a metrics event', live);
  socket.close();
  assert.equal(event.metric_name, 'tool_duration_ms');
  assert.equal(event.server, 'every');
  assert.deepEqual(event.points[0].labels, {server: 'every', tool: 'echo'});
  for (let i = 0; i < 4; ++i) await call('echo', {message: 'x'});
  for (let i = 0; i < 3; ++i) await call('get-sum', {a: 'no number', b: i});
  await until('all calls are counted', async () => {
    const {series} = await ask(`q=${enc('increase(tool_calls{server="every"}) by (tool)')}&step=1h&range=1h`);
    return series.reduce((sum, {points}) => sum + points.reduce((all, [, value]) => all + value, 0), 0) === 8;
  });
  for (const name of ['server_up', 'server_memory_bytes', 'process_memory_bytes', 'loop_lag_p99_ms', 'health_checks']) assert.ok((await ask(`name=${name}`)).items.length > 0, name);

  const heatmap = await until('the calls are in the store', async () => {
    const found = await server.api('/api/analytics/heatmap?range=2h');
    return found.rows.reduce((sum, {calls}) => sum + calls, 0) === 8 && found;
  });
  assert.equal(heatmap.rows[0].values.length, heatmap.hours.length);
  const slowest = await server.api('/api/analytics/slowest?server=every');
  assert.deepEqual(slowest.items.map(({tool, calls}) => `${tool} ${calls}`).sort(), ['echo 5', 'get-sum 3']);
  const errors = await server.api('/api/analytics/errors');
  assert.equal(errors.items[0].count, 3);
  assert.equal(errors.items[0].tools[0].tool, 'get-sum');
  const {items: compared} = await server.api(`/api/analytics/compare?at=${Date.now()}&range=1h`);
  assert.equal(compared.length, 2);
  assert.equal(compared[0].latency.verdict, 'cannot_tell', 'a few calls prove nothing');

  await server.api('/api/roles', {method: 'POST', body: {name: 'elsewhere', grants: [{permissions: ['fleet:read', 'metrics:read'], servers: ['other-*']}]}});
  await server.api('/api/users', {method: 'POST', body: {username: 'eve', password: adminPassword, role: 'elsewhere'}});
  const token = (await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'eve', password: adminPassword}})).json()).access_token;
  const see = async (path) => (await server.fetch(path, {token})).json();
  assert.equal((await see('/api/metrics?name=tool_calls')).status, 404);
  assert.equal((await see('/api/metrics/names?q=tool_calls')).items.length, 0);
  assert.equal((await see('/api/analytics/slowest')).items.length, 0);
  assert.equal((await see('/api/analytics/slowest?server=every')).status, 404);
  assert.ok((await see('/api/metrics?name=process_fds')).items.length > 0);
});

test('what was recorded is there after a stop and a start, and after a kill', async () => {
  const count = async () => (await server.api('/api/metrics/summary?name=work&window_hours=24')).count;
  assert.equal(await count(), 1440);
  await server.stop();
  server = await Server.start({state});
  assert.equal(await count(), 1440);
  await post({series: [{name: 'kept', points: [[hour, 1], [hour + 1000, 2]]}]});
  const written = async () => {
    const {DatabaseSync} = await import('node:sqlite');
    const db = new DatabaseSync(join(state, 'telltale.db'), {readOnly: true});
    try {
      return db.prepare("SELECT sum(count) n FROM series_blocks b JOIN series s ON b.series=s.id WHERE s.name='kept' AND resolution=0").get().n === 2;
    } finally {
      db.close();
    }
  };
  await until('it is on disk', written);
  await server.stop('SIGKILL').catch(() => {});
  server = await Server.start({state});
  assert.equal((await server.api('/api/metrics/summary?name=kept&window_hours=24')).count, 2);
  assert.equal(await count(), 1440);
});

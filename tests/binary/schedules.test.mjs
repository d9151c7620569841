// Operations by the clock, over the real binary: written, previewed, run, refused.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Server, within} from '../support/telltale.mjs';

const password = 'correct horse battery staple';
let server;
const tokens = {};
before(async () => {
  server = await Server.start({env: {TELLTALE_LOG_LEVEL: 'error'}});
  tokens.admin = await server.adminToken();
  for (const role of ['viewer', 'operator']) {
    await server.api('/api/users', {method: 'POST', body: {username: `a-${role}`, password, role}});
    tokens[role] = (await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: `a-${role}`, password}})).json()).access_token;
  }
});
after(() => server?.stop());

const ask = async (path, {method = 'GET', body, token = tokens.operator} = {}) => {
  const answer = await server.fetch(path, {method, body, token});
  return {status: answer.status, body: await answer.json()};
};
const job = {name: 'health week', cron: '30 6 * * mon', time_zone: 'Europe/Berlin', operation: 'reports.generate', arguments: {kind: 'fleet_health'}};
async function ended(id) {
  for (;;) {
    const {body} = await ask(`/api/schedules/${id}`);
    if (body.history[0]?.ended) return body;
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('written, listed with its next runs, run now, changed, removed', async () => {
  const made = await ask('/api/schedules', {method: 'POST', body: job});
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const {id} = made.body;
  assert.equal(made.body.owner, 'a-operator');
  assert.equal(made.body.next_runs.length, 10);
  for (const time of made.body.next_runs) {
    const parts = new Intl.DateTimeFormat('en-GB', {timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit', minute: '2-digit'}).format(new Date(time));
    assert.match(parts, /^Mon.* 06:30$/);
  }
  assert.deepEqual((await ask('/api/schedules')).body.items.map((one) => one.id), [id]);
  const run = await ask(`/api/schedules/${id}/run`, {method: 'POST'});
  assert.equal(run.status, 200, JSON.stringify(run.body));
  const record = await within(20_000, 'the run', ended(id));
  assert.equal(record.history[0].status, 'completed', record.history[0].detail);
  assert.equal(record.history[0].cause, 'manual');
  const operation = (await ask(`/api/operations/${record.history[0].operation_id}`)).body;
  assert.equal(operation.actor, 'a-operator');
  assert.equal((await ask('/api/reports')).body.items.length, 1);
  const changed = await ask(`/api/schedules/${id}`, {method: 'PUT', body: {...job, enabled: false}});
  assert.deepEqual([changed.status, changed.body.next_runs], [200, []]);
  assert.equal((await ask(`/api/schedules/${id}`, {method: 'DELETE'})).status, 200);
  assert.equal((await ask(`/api/schedules/${id}`)).status, 404);
});

test('every field that is wrong is named', async () => {
  const wrong = [
    [{cron: '* * * *'}, '/cron'], [{cron: '61 * * * *'}, '/cron'], [{cron: '0 0 31 2 *'}, '/cron'], [{cron: 7}, '/cron'],
    [{time_zone: 'Mars/Olympus'}, '/time_zone'], [{time_zone: '../../etc/passwd'}, '/time_zone'],
    [{operation: 'no.such'}, '/operation'], [{operation: 'schedules.run'}, '/operation'], [{operation: 'auth.login'}, '/operation'], [{operation: 'reports.get'}, '/operation'],
    [{arguments: {kind: 'nonsense'}}, '/arguments/kind'], [{arguments: {kind: 'incident', nosuch: 1}}, '/arguments/nosuch'], [{arguments: []}, '/arguments'],
    [{jitter_s: -1}, '/jitter_s'], [{jitter_s: 1e9}, '/jitter_s'], [{missed: 'later'}, '/missed'], [{enabled: 'yes'}, '/enabled'],
    [{name: ''}, '/name'], [{name: 'x'.repeat(101)}, '/name'], [{nosuch: 1}, '/nosuch'],
  ];
  for (const [change, field] of wrong) {
    const answer = await ask('/api/schedules', {method: 'POST', body: {...job, ...change}});
    assert.ok(answer.status === 400 || answer.status === 422, `${JSON.stringify(change)}: ${answer.status}`);
    assert.deepEqual(answer.body.errors?.map(({pointer}) => pointer), [field], JSON.stringify([change, answer.body]));
  }
  assert.deepEqual((await ask('/api/schedules')).body.items, []);
});

test('a preview says the next times where clocks are set, or what is wrong', async () => {
  const {body} = await ask('/api/schedules/preview', {method: 'POST', body: {cron: '30 2 29 3 *', time_zone: 'UTC'}});
  assert.equal(body.items.length, 10);
  assert.match(body.items[0].local, /T02:30:00\+00:00$/);
  const bad = await ask('/api/schedules/preview', {method: 'POST', body: {cron: '0 24 * * *'}});
  assert.match(bad.body.errors[0].message ?? bad.body.errors[0].detail, /hour: "24" is not in 0-23/);
});

test('nobody schedules what he may not do, and nothing runs for one who may no longer', async () => {
  assert.equal((await ask('/api/schedules', {method: 'POST', body: job, token: tokens.viewer})).status, 403);
  const backup = {...job, operation: 'store.backup', arguments: {}};
  assert.equal((await ask('/api/schedules', {method: 'POST', body: backup})).status, 403);
  const minutely = await ask('/api/schedules', {method: 'POST', body: {...job, cron: '* * * * *'}});
  await server.api('/api/users/a-operator', {method: 'PUT', body: {role: 'viewer'}});
  const run = async () => {
    for (;;) {
      const {body} = await ask(`/api/schedules/${minutely.body.id}`, {token: tokens.admin});
      if (body.history[0]?.ended) return body.history[0];
      await new Promise((done) => setTimeout(done, 500));
    }
  };
  const first = await within(90_000, 'the next minute', run());
  assert.equal(first.status, 'failed');
  assert.match(first.detail, /lacks the permission reports:write/);
});

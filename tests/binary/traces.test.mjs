// Traces over the real binary: what a call did and when, operations of one trace together, who sees what, bad input.
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root, until} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-traces-'));
const flaky = {command: process.execPath, args: [join(root, 'examples/demo/flaky.mjs')]};
const traceId = '0af7651916cd43dd8448eb211c80319c';
let server;
before(async () => {
  const fleet = join(folder, 'fleet.json');
  writeFileSync(fleet, JSON.stringify({mcpServers: {flaky, other: flaky}}));
  server = await Server.start({args: ['--mcp-config', fleet]});
  for (const name of ['flaky', 'other']) await until(`${name} is up`, async () => (await server.api(`/api/servers/${name}`)).health_status === 'healthy');
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const call = async (tool, args, {on = 'flaky', headers = {}} = {}) => {
  const answer = await server.fetch(`/api/servers/${on}/tools/${tool}/call`, {method: 'POST', body: {arguments: args}, headers, token: await server.adminToken()});
  assert.ok(answer.ok, await answer.clone().text());
  return answer.headers.get('x-operation-id');
};
const listed = async (query, holds) => until(`traces with ${query}`, async () => (await server.api(`/api/traces?${query}`)).items, holds);

test('a call says what it did and when, at once and from the store', async () => {
  const id = await call('divide', {a: 1, b: 0});
  const shape = (trace) => trace.operations.map(({operation_id, spans}) => [operation_id, spans.map(({name, detail, parent, ok}) => [name, detail, parent, ok])]);
  const soon = await server.api(`/api/traces/${id}`);
  assert.deepEqual(shape(soon), [[id, [
    ['admission', '', -1, true],
    ['server loop', '', -1, true],
    ['tools/call', 'divide', -1, false], // it reported an error
    ['write', '', 2, true],
    ['wait', '', 2, true],
    ['check', '', 2, true],
  ]]]);
  const [{spans, duration_ms}] = soon.operations;
  for (const {from_ms, to_ms} of spans) assert.ok(from_ms <= to_ms && to_ms <= duration_ms + 0.01, JSON.stringify(spans));
  const [admission, loop, called, write, wait, check] = spans;
  assert.ok(admission.from_ms < 0 && loop.from_ms >= admission.to_ms && called.from_ms >= loop.to_ms && wait.from_ms >= write.to_ms && check.from_ms >= wait.to_ms && called.to_ms >= check.to_ms, JSON.stringify(spans));
  const [item] = await listed('server=flaky', (items) => items.length === 1);
  assert.deepEqual([item.operation_id, item.operation, item.detail, item.spans, item.ok, item.failed, item.operations], [id, 'fleet.tool_call', 'divide', 6, false, 0, 1]);
  assert.deepEqual(shape(await server.api(`/api/traces/${item.trace_id}`)), shape(soon));
  assert.equal((await server.api(`/api/operations/${id}`)).spans.length, 6);
});

test('operations under one traceparent are one trace, wherever they go', async () => {
  const headers = {traceparent: `00-${traceId}-b7ad6b7169203331-01`};
  const ids = [await call('divide', {a: 1, b: 2}, {headers}), await call('forecast', {}, {on: 'other', headers})];
  const [item] = await listed('limit=1', (items) => items[0]?.operations === 2);
  assert.deepEqual([item.trace_id, item.operation_id, item.operations], [traceId, ids[0], 2]);
  const {operations} = await server.api(`/api/traces/${traceId}`);
  assert.deepEqual(operations.map(({operation_id, subject}) => [operation_id, subject]), [[ids[0], 'flaky'], [ids[1], 'other']]);
  for (const {result} of operations) assert.equal(result, undefined);
});

test('one that runs is seen with what is open, and what it lacks when it ends', async () => {
  const begun = await server.fetch('/api/servers/flaky/tools/hang/call', {method: 'POST', body: {arguments: {}}, token: await server.adminToken(), headers: {prefer: 'wait=0'}});
  const {operation_id} = await begun.json();
  const trace = await until('it waits', async () => (await server.api(`/api/traces/${operation_id}`)).operations[0], ({spans}) => spans.some(({name}) => name === 'wait'));
  assert.equal(trace.spans.find(({name}) => name === 'wait').to_ms, null);
  await server.api(`/api/operations/${operation_id}/cancel`, {method: 'POST', body: {}});
  const [item] = await listed('limit=50', (items) => items.some((one) => one.operation_id === operation_id && one.status === 'canceled')).then((items) => items.filter((one) => one.operation_id === operation_id));
  assert.equal(item.ok, false);
  const ended = (await server.api(`/api/traces/${operation_id}`)).operations[0].spans.find(({name}) => name === 'wait');
  assert.ok(ended.to_ms !== null && !ended.ok, JSON.stringify(ended));
});

test('filters, pages, and what is asked wrongly', async () => {
  const all = await listed('limit=1000', (items) => items.length > 3);
  assert.deepEqual(all.map(({operation_id}) => operation_id), all.map(({operation_id}) => operation_id).toSorted().toReversed(), 'newest first');
  const paged = [];
  for (let cursor = ''; cursor !== null; ) {
    const page = await server.api(`/api/traces?limit=2${cursor && `&cursor=${cursor}`}&to=${encodeURIComponent(new Date(Date.parse(all[0].start_time) + 1).toISOString())}`);
    paged.push(...page.items);
    cursor = page.next_cursor;
  }
  assert.deepEqual(paged.map(({trace_id}) => trace_id), all.map(({trace_id}) => trace_id));
  assert.deepEqual((await listed('operation=fleet.tool_call&min_ms=60000')).length, 0);
  assert.ok((await listed('server=flaky')).every(({subject}) => subject === 'flaky'));
  assert.deepEqual((await listed('failed=true&server=flaky')).map(({ok}) => ok), [false, false], 'the tool that reported an error, and the call that was given up');
  for (const [query, pointer] of [['from=yesterday', '/from'], ['to=2026', '/to'], ['from=2030-01-01T00:00:00Z', '/from'], ['min_ms=-1', '/min_ms'], ['limit=0', '/limit']]) {
    const answer = await server.fetch(`/api/traces?${query}`, {token: await server.adminToken()});
    assert.equal(answer.status, 422, query);
    assert.equal((await answer.json()).errors[0].pointer, pointer);
  }
  for (const unknown of ['op_nothing', 'f'.repeat(32), '%00']) assert.equal((await server.fetch(`/api/traces/${unknown}`, {token: await server.adminToken()})).status, 404, unknown);
  for (const header of [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, '00-xyz', `00-${'g'.repeat(32)}-b7ad6b7169203331-01`]) {
    const id = await call('divide', {a: 1, b: 1}, {headers: {traceparent: header}});
    assert.match((await server.api(`/api/traces/${id}`)).trace_id, /^(?!0{32})[0-9a-f]{32}$/);
  }
});

test('of a trace one sees what is on the servers one may see', async () => {
  await server.api('/api/roles', {method: 'POST', body: {name: 'half', description: '', grants: [{permissions: ['fleet:read', 'tools:read', 'operations:read'], servers: ['other']}]}});
  await server.api('/api/users', {method: 'POST', body: {username: 'half', password: 'a long enough one', role: 'half'}});
  const token = (await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'half', password: 'a long enough one'}})).json()).access_token;
  const {operations} = await (await server.fetch(`/api/traces/${traceId}`, {token})).json();
  assert.deepEqual(operations.map(({subject}) => subject), ['other']);
  const {items} = await (await server.fetch('/api/traces?limit=1000', {token})).json();
  assert.ok(items.every(({subject}) => subject !== 'flaky'), JSON.stringify(items));
  const alone = (await listed('server=flaky'))[0];
  assert.equal((await server.fetch(`/api/traces/${alone.trace_id}`, {token})).status, 404);
});

// The lens on the binary: what a page of another application reports is watched beside our own; a token that may report may nothing else; other
// origins are let in by name only; bad input names its field; limits answer 413 and 429. A real dump of chrome://webrtc-internals (Chromium 156,
// tests/support/webrtc) becomes timelines.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {gunzipSync, gzipSync} from 'node:zlib';
import {Server, root} from '../support/telltale.mjs';

const origin = 'https://shop.example';
const dump = readFileSync(join(root, 'tests/support/webrtc/webrtc_internals_dump.gz'));
let server, token;

before(async () => {
  server = await Server.start({args: ['--allow-origin', origin], env: {TELLTALE_LOG_LEVEL: 'error'}});
  ({token} = await server.api('/api/tokens', {method: 'POST', body: {name: 'lens', scopes: ['webrtc:report']}}));
});
after(() => server?.stop());

let packets = 0;
const sample = () => ({
  at: Date.now(),
  state: 'connected',
  stats: [
    {type: 'codec', id: 'C', mimeType: 'video/VP8'},
    {type: 'transport', id: 'T', dtlsState: 'connected', selectedCandidatePairId: 'P'},
    {type: 'candidate-pair', id: 'P', state: 'succeeded', nominated: true, currentRoundTripTime: 0.02},
    {type: 'inbound-rtp', id: 'I', kind: 'video', ssrc: 5, codecId: 'C', packetsReceived: (packets += 100), packetsLost: 0, bytesReceived: packets * 1000, framesReceived: packets / 4, framesDecoded: packets / 4, frameWidth: 640, frameHeight: 360},
  ],
});
const connection = (id = '1', more = {}) => ({id, created_at: Date.now() - 1000, connected_at: Date.now() - 900, samples: [sample()], ...more});
const report = (more = {}) => ({app: 'shop', page: 'page-0001', sent_at: Date.now(), connections: [connection()], ...more});
const send = (body, {headers = {}, as = token} = {}) => server.fetch('/api/webrtc/lens', {method: 'POST', body, token: as, headers});
const bytes = (path, body, as) => fetch(server.origin + path, {method: 'POST', body, headers: {'content-type': 'application/octet-stream', authorization: `Bearer ${as}`}});

test('a reported connection stands beside our own, with a timeline, and ends when the page says so', async () => {
  const answer = await send(report(), {headers: {origin}});
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get('access-control-allow-origin'), origin);
  const {connections, accepted} = await answer.json();
  assert.equal(accepted, 1);
  const id = connections['1'];
  const {items} = await server.api('/api/webrtc/connections');
  const shown = items.find((one) => one.id === id);
  assert.equal(shown.role, 'foreign');
  assert.equal(shown.app, 'shop');
  assert.equal(shown.state, 'connected');
  assert.equal(shown.video_codec, 'VP8');
  assert.equal(shown.peer_address, '');
  assert.equal((await server.api(`/api/webrtc/connections/${id}`)).id, id);
  const timeline = await server.api(`/api/webrtc/connections/${id}/timeline`);
  assert.equal(timeline.samples.length, 1);
  assert.equal(timeline.summary.role, 'foreign');
  assert.equal(timeline.statistics.find(({ssrc}) => ssrc === 5)['inbound-rtp'].framesDecoded, 25);
  const metrics = await (await server.fetch('/metrics')).text();
  assert.match(metrics, /telltale_webrtc_foreign_connections\{app="shop"\} 1/);
  assert.match(metrics, new RegExp(`webrtc_stream_health_score\\{connection_id="${id}"\\}`));
  assert.equal((await send(report({connections: [connection('1', {closed_at: Date.now(), samples: []})]}))).status, 200);
  assert.equal((await server.api('/api/webrtc/connections')).items.length, 0);
  const {items: ended} = await server.api('/api/webrtc/connections?ended=true');
  assert.equal(ended.find((one) => one.id === id).close_reason, 'peer');
  // The history is written within a second.
  for (let i = 0; ; ++i) {
    const {items: kept} = await server.api('/api/webrtc/history?source=shop');
    if (kept.length) {
      assert.equal(kept[0].role, 'foreign');
      break;
    }
    assert.ok(i < 100, 'the history has it');
    await new Promise((done) => setTimeout(done, 100));
  }
});

test('who may report may nothing else, and who may not report is refused', async () => {
  for (const path of ['/api/webrtc/connections', '/api/servers', '/api/webrtc/history']) assert.equal((await server.fetch(path, {token})).status, 403, path);
  assert.equal((await bytes('/api/webrtc/import', dump, token)).status, 403);
  const other = await server.api('/api/tokens', {method: 'POST', body: {name: 'other', scopes: ['webrtc:read']}});
  const refused = await send(report(), {as: other.token, headers: {origin}});
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get('access-control-allow-origin'), origin, 'the page may read why');
  assert.equal((await send(report(), {as: ''})).status, 401);
});

test('other origins are let in by their name only', async () => {
  const preflight = (from, path = '/api/webrtc/lens') => server.fetch(path, {method: 'OPTIONS', headers: {origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type'}});
  const yes = await preflight(origin);
  assert.equal(yes.status, 204);
  assert.equal(yes.headers.get('access-control-allow-origin'), origin);
  assert.match(yes.headers.get('access-control-allow-methods'), /POST/);
  assert.match(yes.headers.get('access-control-allow-headers'), /authorization/);
  const no = await preflight('https://evil.example');
  assert.equal(no.status, 403);
  assert.equal(no.headers.get('access-control-allow-origin'), null);
  const other = await preflight(origin, '/api/webrtc/import');
  assert.equal(other.status, 405, 'nothing else is for pages of others');
  assert.equal(other.headers.get('access-control-allow-origin'), null);
  const sent = await send(report(), {headers: {origin: 'https://evil.example'}});
  assert.equal(sent.status, 403);
});

test('bad input names its field', async () => {
  const wrong = async (body, pointer) => {
    const answer = await send(body);
    const text = await answer.text();
    assert.ok([400, 422].includes(answer.status), `${answer.status} ${text}`);
    assert.ok(JSON.parse(text).errors.some((one) => one.pointer === pointer), `${pointer} in ${text}`);
  };
  await wrong(report({app: 'a shop'}), '/app');
  await wrong(report({page: '1'}), '/page');
  await wrong({...report(), sent_at: undefined}, '/sent_at');
  await wrong(report({connections: [{...connection(), created_at: 'now'}]}), '/connections/0/created_at');
  await wrong(report({connections: [connection('1', {samples: [{...sample(), state: 'fine'}]})]}), '/connections/0/samples/0/state');
  await wrong(report({connections: [connection('1', {samples: [{...sample(), stats: Array(300).fill({type: 'codec'})}]})]}), '/connections/0/samples/0/stats');
  await wrong(report({connections: Array.from({length: 65}, (_, i) => connection(String(i)))}), '/connections');
  await wrong(report({secret: 1}), '/secret');
});

test('a report too large and connections too many are refused', async () => {
  assert.equal((await send(report({connections: [connection('1', {samples: [{...sample(), stats: [{type: 'x', pad: 'x'.repeat(600_000)}]}]})]}))).status, 413);
  const page = (n) => report({app: 'crowd', page: `page-${10_000 + n}`, connections: Array.from({length: 50}, (_, i) => connection(String(i), {samples: [{at: Date.now(), state: 'new', stats: []}]}))});
  for (let n = 0; n < 20; ++n) assert.equal((await send(page(n))).status, 200);
  const over = await send(page(20));
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get('retry-after')) > 0);
  assert.match((await over.json()).detail, /of this (application|token)/);
});

test('the script is there, for everybody', async () => {
  const answer = await server.fetch('/telltale-rtc.js');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /javascript/);
  assert.match(answer.headers.get('cache-control'), /max-age=3600/);
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
  const text = await answer.text();
  assert.ok(gzipSync(text, {level: 9}).length < 6 * 1024, 'under 6 KiB');
  assert.equal((await server.fetch('/telltale-rtc.js', {headers: {'if-none-match': answer.headers.get('etag')}})).status, 304);
});

test('a dump of chrome://webrtc-internals becomes timelines of the history', async () => {
  const admin = await server.adminToken();
  for (const [name, body] of [['packed', dump], ['plain', gunzipSync(dump)]]) {
    const answer = await bytes(`/api/webrtc/import?name=${name}`, body, admin);
    const text = await answer.text();
    assert.equal(answer.status, 201, text);
    const {items} = JSON.parse(text);
    assert.equal(items.length, 1, 'the end that was still open');
    for (const one of items) {
      assert.equal(one.source, name);
      assert.match(one.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
      const told = await server.api(`/api/webrtc/connections/${one.connection_id}/timeline`);
      const column = (column_name) => told.samples.map((row) => row[told.columns.indexOf(column_name)]);
      assert.ok(told.samples.length >= 10, String(told.samples.length));
      const playing = told.samples.slice(2, 10);
      assert.ok(column('bitrate_kbps').slice(2, 10).every((kbps) => kbps > 20), JSON.stringify(playing));
      assert.ok(column('frames_per_second').slice(2, 10).every((fps) => fps > 5), JSON.stringify(playing));
      assert.ok(column('health')[6] >= 80, JSON.stringify(playing));
      const types = told.events.map(({type}) => type);
      for (const type of ['created', 'ice_connected', 'connected', 'closed']) assert.ok(types.includes(type), `${type} in ${types}`);
    }
    const {items: kept} = await server.api(`/api/webrtc/history?source=${name}`);
    assert.deepEqual(kept.map(({connection_id}) => connection_id).sort(), items.map(({connection_id}) => connection_id).sort());
  }
});

test('what is no dump is refused with a reason', async () => {
  const admin = await server.adminToken();
  const refused = async (body, status) => {
    const answer = await bytes('/api/webrtc/import', body, admin);
    assert.equal(answer.status, status, await answer.clone().text());
    return (await answer.json()).detail;
  };
  assert.match(await refused('{"a": 1}', 422), /PeerConnections|chrome/);
  await refused('none', 422);
  await refused(dump.subarray(0, 2000), 422);
  assert.match(await refused(gzipSync(Buffer.alloc(65 << 20, 32)), 413), /unpacked/);
  assert.equal((await server.fetch('/api/webrtc/import', {method: 'POST', body: {}, token: admin})).status, 422);
});

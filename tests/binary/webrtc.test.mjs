// The control plane of WebRTC as clients see it: shapes of the programs before us with real status codes, WHEP and WHIP, rights.
// Offers are a browser's, recorded; what flows over a connection is tested where browsers are (tests/browser, tests/interop).
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, root, within} from '../support/telltale.mjs';

const password = 'correct horse battery staple';
const offer = readFileSync(join(root, 'src/rtc/sdp/offers/chromium_receive.sdp'), 'utf8');
const noCodec = offer.slice(0, offer.indexOf('m=application')).replace('BUNDLE 0 1 2', 'BUNDLE 0 1').replaceAll(/H264\/90000|VP8\/90000|opus\/48000\/2/g, 'x-none/90000');
// A page that sends: two renditions of its camera.
const sending = readFileSync(join(root, 'src/rtc/sdp/offers/chromium_simulcast.sdp'), 'utf8');
let server;
const tokens = {};

before(async () => {
  server = await Server.start({
    args: ['--rate-limit-per-minute', '100000', '--webrtc-max-connections-per-user', '20', '--ice-server', 'stun:stun.example:3478', '--ice-server', 'turn:turn.example:3478?transport=udp', '--turn-secret', 'shhh'],
    env: {TELLTALE_LOG_LEVEL: 'error'},
  });
  tokens.admin = await server.adminToken();
  for (const role of ['viewer', 'operator']) {
    await server.api('/api/users', {method: 'POST', body: {username: `a-${role}`, password, role}});
    const answer = await server.fetch('/api/auth/login', {method: 'POST', body: {username: `a-${role}`, password}});
    tokens[role] = (await answer.json()).access_token;
  }
});
after(() => server?.stop());

const raw = (path, {method = 'POST', token = tokens.admin, type, body, headers = {}} = {}) =>
  fetch(server.origin + path, {method, body, headers: {...(token ? {authorization: `Bearer ${token}`} : {}), ...(type ? {'content-type': type} : {}), ...headers}, redirect: 'manual'});
const json = async (path, options = {}) => {
  const answer = await server.fetch(path, {token: tokens.admin, ...options});
  return {status: answer.status, body: await answer.json()};
};
const post = (path, body = {}, token = tokens.admin) => json(path, {method: 'POST', body, token});
const whep = (options) => raw('/whep/test', {type: 'application/sdp', body: offer, ...options});
const keys = (object) => Object.keys(object).sort();
const unix = (value) => typeof value === 'number' && Math.abs(value - Date.now() / 1000) < 600;

test('a test connection is a real one, and shows its steps', async () => {
  const {status, body} = await post('/api/v0/webrtc/test_connection');
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.success, true);
  assert.equal(body.message, 'Test connection successful');
  assert.ok(body.connection_id);
  assert.ok(body.steps.length >= 5 && body.steps.every(({ok}) => ok), JSON.stringify(body.steps));
  assert.ok(body.steps.some(({name}) => name === 'dtls') && body.steps.every(({took_ms}) => took_ms >= 0));
});

test('stream answers an offer; the connection is in every list in its shape; quality and close', async () => {
  const made = await post('/api/v0/webrtc/stream', {cid: 'test', quality: 80, sdp: offer});
  assert.equal(made.status, 200, JSON.stringify(made.body));
  assert.equal(made.body.success, true);
  assert.equal(made.body.message, 'Streaming started successfully');
  assert.equal(made.body.type, 'answer');
  assert.match(made.body.sdp, /^v=0\r\n/);
  assert.match(made.body.sdp, /a=ice-lite/);
  assert.equal(made.body.quality, 'high');
  assert.deepEqual(made.body.ice_servers[0], {urls: ['stun:stun.example:3478']});
  const turn = made.body.ice_servers[1];
  assert.match(turn.username, /^\d+:admin$/);
  assert.ok(Number(turn.username.split(':')[0]) > Date.now() / 1000 + 3600);
  assert.equal(Buffer.from(turn.credential, 'base64').length, 20);
  const id = made.body.connection_id;

  for (const path of ['/api/v0/webrtc/connections', '/api/v0/mcp/webrtc/connections']) {
    const {body} = await json(path);
    assert.equal(body.success, true);
    const one = body.connections.find(({connection_id}) => connection_id === id);
    for (const key of ['connection_id', 'content_cid', 'status', 'start_time', 'end_time', 'quality', 'peer_id', 'ice_state', 'connection_state', 'signaling_state', 'gathering_state', 'tracks', 'data_channels', 'errors', 'async_tasks', 'lifecycle_events', 'stats']) assert.ok(key in one, `${path} lacks ${key}`);
    assert.equal(one.content_cid, 'test');
    assert.equal(one.status, 'connecting');
    assert.equal(one.quality, 80);
    assert.equal(one.quality_name, 'high');
    assert.ok(unix(one.start_time), 'Unix seconds');
    assert.equal(one.end_time, null);
    assert.equal(one.lifecycle_events[0].type, 'connection_state_change');
  }
  const map = (await json('/api/v0/mcp/monitor/webrtc/connections')).body;
  assert.equal(map.connections[id].connection_id, id);
  assert.equal(map.count, Object.keys(map.connections).length);
  assert.ok(unix(map.timestamp));
  assert.equal((await json(`/api/v0/mcp/monitor/webrtc/connections/${id}`)).body.connection.connection_id, id);
  const stats = (await json(`/api/v0/mcp/webrtc/connections/${id}/stats`)).body;
  assert.deepEqual(keys(stats.stats), ['bandwidth', 'frames', 'latency', 'packet_loss', 'webrtc']);
  assert.equal(typeof stats.stats.bandwidth.outbound.kbps, 'number');
  const ours = (await json('/api/webrtc/connections')).body;
  assert.equal(ours.items.find((one) => one.id === id).state, 'connecting');
  const single = (await json(`/api/webrtc/connections/${id}`)).body;
  assert.match(single.created_at, /^\d{4}-.*Z$/);
  assert.equal(typeof single.playing.paused, 'boolean');

  // Nothing is sent yet: it will begin with what is chosen, by both paths. (tests/browser switches what plays.)
  for (const [path, body] of [[`/api/v0/webrtc/quality/${id}`, {quality: 20}], ['/api/v0/mcp/webrtc/connections/quality', {connection_id: id, quality: 'low'}]]) {
    const set = await post(path, body);
    assert.equal(set.status, 200, JSON.stringify(set.body));
  }
  assert.equal((await post(`/api/v0/webrtc/quality/${id}`, {quality: 101})).status, 422);
  assert.equal((await post(`/api/v0/webrtc/quality/${id}`, {quality: 'best'})).status, 422);

  const closed = await post(`/api/v0/webrtc/close/${id}`);
  assert.equal(closed.status, 200);
  assert.equal(closed.body.success, true);
  assert.equal((await post(`/api/v0/webrtc/close/${id}`)).status, 404);
  const ended = (await json(`/api/v0/mcp/monitor/webrtc/connections/${id}`)).body.connection;
  assert.equal(ended.status, 'closed');
  assert.ok(unix(ended.end_time));
  assert.equal(ended.lifecycle_events.at(-1).details.reason, 'asked');
});

// What a client answers that takes H.264 and sound: the offer's lines in their order, with keys of its own.
function answerTo(sdp) {
  const media = sdp.split(/(?=^m=)/m).slice(1);
  const line = (text, name) => text.match(new RegExp(`^a=${name}:.*$`, 'm'))[0].trim();
  const common = ['c=IN IP4 0.0.0.0', 'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuvwx', `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`, 'a=setup:active'];
  const parts = media.map((text) => {
    const kind = text.match(/^m=(\w+)/)[1];
    if (kind === 'application') return ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', ...common, line(text, 'mid'), 'a=sctp-port:5000'];
    const [, type] = text.match(kind === 'video' ? /a=rtpmap:(\d+) H264\/90000/ : /a=rtpmap:(\d+) opus\/48000\/2/);
    return [`m=${kind} 9 UDP/TLS/RTP/SAVPF ${type}`, ...common, line(text, 'mid'), 'a=recvonly', 'a=rtcp-mux', `a=rtpmap:${type} ${kind === 'video' ? 'H264/90000' : 'opus/48000/2'}`,
      ...(kind === 'video' ? [`a=fmtp:${type} packetization-mode=1;profile-level-id=42e01f`] : [])];
  });
  return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', line(sdp, 'group'), ...parts.flat(), ''].join('\r\n');
}

test('without an offer there is one to answer, and what does not follow from it is refused by name', async () => {
  for (const [path, body] of [['/api/v0/webrtc/stream', {cid: 'test', quality: 20}], ['/api/v0/webrtc/stream_test_content', {}]]) {
    const made = await post(path, body, tokens.viewer);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.equal(made.body.type, 'offer');
    assert.equal(made.body.answer_within_seconds, 30);
    const {connection_id: id, sdp} = made.body;
    assert.equal(made.body.answer_to, `/api/v0/webrtc/answer/${id}`);
    for (const line of [/^a=ice-lite/m, /^a=group:BUNDLE 0 1 2/m, /^a=setup:actpass/m, /^a=sendonly/m, /^a=end-of-candidates/m, /^a=rtpmap:\d+ H264/m, /^a=rtpmap:\d+ VP8/m, /^a=rtpmap:\d+ opus/m, /^a=rtpmap:\d+ rtx/m, /^a=ssrc-group:FID/m, /transport-cc/, /^m=application .*webrtc-datachannel/m])
      assert.match(sdp, line);
    const shown = async () => (await json(`/api/v0/mcp/monitor/webrtc/connections/${id}`)).body.connection;
    let record = await shown();
    assert.deepEqual([record.status, record.signaling_state, record.ice_state], ['new', 'have-local-offer', 'new']);
    const good = answerTo(sdp);
    const answers = (text, token = tokens.viewer) => post(`/api/v0/webrtc/answer/${id}`, {sdp: text}, token);
    for (const [text, status, words] of [
      ['nonsense', 422, /SDP/],
      [good.replaceAll('H264', 'AV1'), 422, /AV1 as/],
      [good.slice(0, good.indexOf('m=application')), 422, /2 media lines, the offer 3/],
      [good.replaceAll(/a=fingerprint.*\r\n/g, ''), 422, /no fingerprint/],
      [good.replace(/a=group.*\r\n/, ''), 422, /bundle/],
    ]) {
      const refused = await answers(text);
      assert.equal(refused.status, status, JSON.stringify(refused.body));
      assert.match(refused.body.error, words);
      assert.equal((await shown()).status, 'new');
    }
    const taken = await answers(good);
    assert.equal(taken.status, 200, JSON.stringify(taken.body));
    assert.deepEqual(keys(taken.body), ['connection_id', 'message', 'operation_id', 'success']);
    record = await shown();
    assert.deepEqual([record.status, record.signaling_state], ['connecting', 'stable']);
    assert.deepEqual(record.lifecycle_events.filter(({type}) => type === 'connection_state_change').map(({details}) => details.state), ['new', 'connecting']);
    assert.deepEqual(record.lifecycle_events.filter(({type}) => type === 'signaling_state_change').map(({details}) => details.state), ['have-local-offer', 'stable']);
    assert.equal((await answers(good)).status, 409);
    assert.equal((await post(`/api/v0/webrtc/close/${id}`)).status, 200);
  }
  // Somebody else's offer is not there.
  const {connection_id: mine} = (await post('/api/v0/webrtc/stream', {cid: 'test'})).body;
  assert.equal((await post(`/api/v0/webrtc/answer/${mine}`, {sdp: offer}, tokens.viewer)).status, 404);
  const theirs = (await post('/api/v0/webrtc/stream', {cid: 'test', sdp: offer})).body.connection_id;
  assert.equal((await post(`/api/v0/webrtc/answer/${theirs}`, {sdp: offer})).status, 409);
  assert.equal((await post('/api/v0/webrtc/close_all')).body.count, 2);
});

test('what cannot be streamed is refused with its reason', async () => {
  const cases = [
    ['/api/v0/webrtc/stream', {}, 422, /cid/],
    ['/api/v0/webrtc/stream', {cid: 'test', sdp: ''}, 422, /SDP/],
    ['/api/v0/webrtc/stream', {cid: 'no such thing'}, 404, /CID/],
    ['/api/v0/webrtc/stream', {cid: 'test', sdp: offer, buffer_size: 61}, 422, /buffer_size/],
    ['/api/v0/webrtc/stream', {cid: 'test', sdp: offer, prefetch_threshold: 1.5}, 422, /prefetch_threshold/],
    ['/api/v0/webrtc/stream', {cid: 'test', sdp: offer, quality: 'ultra'}, 422, /quality/],
    ['/api/v0/webrtc/stream', {cid: 'no such thing', sdp: offer}, 404, /CID/],
    ['/api/v0/mcp/webrtc/stream', {cid: 'test', sdp: 'nonsense'}, 422, /SDP/],
    ['/api/v0/webrtc/answer/nosuch', {sdp: offer}, 404, /nosuch/],
    ['/api/v0/webrtc/answer/nosuch', {}, 422, /sdp/],
    ['/api/v0/webrtc/close/nosuch', {}, 404, /nosuch/],
    ['/api/v0/webrtc/quality/nosuch', {quality: 10}, 404, /nosuch/],
    ['/api/v0/mcp/monitor/webrtc/test/async_close?connection_id=nosuch', {}, 404, /nosuch/],
  ];
  for (const [path, body, status, words] of cases) {
    const answer = await post(path, body);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(body).slice(0, 80)}: ${JSON.stringify(answer.body)}`);
    assert.equal(answer.body.success, false);
    assert.match(JSON.stringify(answer.body), words);
  }
});

test('stream_test_content, async_close, close_all; operations, tasks and figures', async () => {
  const first = await post('/api/v0/webrtc/stream_test_content', {sdp: offer});
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const second = (await post('/api/v0/mcp/webrtc/stream', {cid: 'test', sdp: offer})).body.connection_id;
  const asynchronous = await post(`/api/v0/mcp/monitor/webrtc/test/async_close?connection_id=${second}`);
  assert.equal(asynchronous.status, 200, JSON.stringify(asynchronous.body));
  assert.deepEqual(keys(asynchronous.body), ['close_reason', 'connection_id', 'connection_state', 'message', 'operation_id', 'steps', 'success', 'task']);
  const all = await post('/api/v0/webrtc/close_all');
  assert.equal(all.body.message, 'All connections closed successfully');
  assert.equal(all.body.count, 1);
  assert.equal((await post('/api/v0/mcp/webrtc/connections/close-all')).body.count, 0);

  const {operations} = (await json('/api/v0/webrtc/operations')).body;
  const byName = (name) => operations.find(({operation}) => operation === name);
  for (const name of ['test_connection', 'stream_content', 'stream_test_content', 'close_connection', 'close_all_connections', 'set_quality']) {
    const one = byName(name);
    assert.ok(one, `${name} is not among ${operations.map(({operation}) => operation)}`);
    for (const key of ['operation', 'connection_id', 'timestamp', 'success', 'error', 'start_time', 'end_time', 'status', 'details', 'result', 'duration']) assert.ok(key in one, `${name} lacks ${key}`);
    assert.ok(unix(one.start_time));
  }
  const closing = operations.find((one) => one.operation === 'async_close' && one.connection_id === second);
  assert.equal(closing.success, true);
  const failed = operations.find((one) => one.operation === 'close_connection' && one.connection_id === 'nosuch');
  assert.equal(failed.success, false);
  assert.match(failed.error, /nosuch/);
  assert.ok(!JSON.stringify(operations).includes('ice-pwd'), 'no key of a session is kept');
  const running = (await json('/api/v0/mcp/monitor/webrtc/operations')).body;
  assert.deepEqual(running.operations, {});
  assert.equal(running.count, 0);

  const {tasks} = (await json('/api/v0/webrtc/tasks')).body;
  assert.ok(tasks.length > 0);
  assert.deepEqual(keys(tasks[0]), ['completed', 'completed_at', 'created_at', 'error', 'name', 'task_id']);
  const taskMap = (await json('/api/v0/mcp/monitor/webrtc/tasks')).body;
  assert.equal(taskMap.count, Object.values(taskMap.tasks).flat().length);

  const summary = (await json('/api/v0/mcp/monitor/webrtc/summary')).body;
  assert.deepEqual(keys(summary.connection_states), ['closed', 'connected', 'connecting', 'disconnected', 'failed', 'new', 'total']);
  assert.ok(summary.connection_states.closed >= 2);
  assert.ok(summary.operation_stats.completed >= 4 && summary.operation_stats.failed >= 1);
  assert.ok(summary.uptime_seconds > 0 && summary.pending_tasks > 0 && summary.event_count > 0);
  const resources = (await json('/api/v0/mcp/webrtc/stats/resources')).body;
  assert.equal(resources.connections.limit_per_user, 20);
  assert.ok(resources.workers[0].port > 0 && resources.system.memory_bytes > 0);
  assert.equal((await raw('/api/v0/webrtc/dashboard', {method: 'GET'})).headers.get('location'), '/webrtc');
});

test('WHEP: a session from POST to DELETE', async () => {
  const made = await whep();
  assert.equal(made.status, 201, await made.clone().text());
  assert.equal(made.headers.get('content-type'), 'application/sdp');
  assert.equal(made.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  const location = made.headers.get('location');
  const etag = made.headers.get('etag');
  assert.match(location, /^\/whep\/test\/rtc_\w+$/);
  assert.match(etag, /^"[^"]+"$/);
  const links = made.headers.get('link');
  assert.match(links, /<stun:stun\.example:3478>; rel="ice-server"/);
  assert.match(links, /<turn:turn\.example:3478\?transport=udp>; rel="ice-server"; username="\d+:admin"; credential="[^"]+"; credential-type="password"/);
  assert.match(await made.text(), /^v=0\r\n[^]*a=ice-lite[^]*m=video [^0]/);

  const patch = (headers, body) => raw(location, {method: 'PATCH', type: 'application/trickle-ice-sdpfrag', headers, body});
  const trickle = 'a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 UDP 2130706431 127.0.0.1 40000 typ host\r\n';
  assert.equal((await patch({}, trickle)).status, 428);
  assert.equal((await patch({'if-match': '"another"'}, trickle)).status, 412);
  const trickled = await patch({'if-match': etag}, trickle);
  assert.equal(trickled.status, 204);
  assert.equal((await patch({'if-match': '*'}, 'nonsense')).status, 422);
  const restarted = await patch({'if-match': '*'}, trickle.replace('ufrag:abcd', 'ufrag:efgh'));
  assert.equal(restarted.status, 200);
  assert.equal(restarted.headers.get('content-type'), 'application/trickle-ice-sdpfrag');
  assert.notEqual(restarted.headers.get('etag'), etag);
  assert.match(await restarted.text(), /a=ice-ufrag:/);
  assert.equal((await patch({'if-match': etag}, trickle)).status, 412, 'the old session is over');
  assert.equal((await raw(location, {method: 'PATCH', type: 'application/json', body: '{}'})).status, 415);
  for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
    const refused = await raw(location, {method, ...(method === 'GET' || method === 'HEAD' ? {} : {type: 'application/sdp', body: offer})});
    assert.equal(refused.status, 405, method);
    assert.equal(refused.headers.get('allow'), 'OPTIONS, PATCH, DELETE');
  }
  assert.equal((await raw(location, {method: 'DELETE'})).status, 200);
  assert.equal((await raw(location, {method: 'DELETE'})).status, 404);
  assert.equal((await patch({'if-match': '*'}, trickle)).status, 404);
});

test('WHEP: what it refuses', async () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
    const refused = await raw('/whep/test', {method});
    assert.equal(refused.status, 405, method);
    assert.equal(refused.headers.get('allow'), 'OPTIONS, POST');
  }
  const wrongType = await whep({type: 'application/json'});
  assert.equal(wrongType.status, 415);
  assert.equal(wrongType.headers.get('accept-post'), 'application/sdp');
  assert.equal((await whep({type: 'application/sdp; charset=utf-8', body: 'v=0 nonsense'})).status, 422);
  assert.equal((await whep({body: ''})).status, 422);
  assert.equal((await whep({body: offer + 'a=x\r\n'.repeat(20_000)})).status, 413);
  const unknown = await whep({body: noCodec});
  assert.equal(unknown.status, 406, await unknown.clone().text());
  assert.equal(unknown.headers.get('content-type'), 'application/problem+json');
  assert.equal((await raw('/whep/nosuch', {type: 'application/sdp', body: offer})).status, 404);
  assert.equal((await raw('/whep/test?quality=best', {type: 'application/sdp', body: offer})).status, 422);
  const nobody = await whep({token: null});
  assert.equal(nobody.status, 401);
  assert.match(nobody.headers.get('www-authenticate'), /^Bearer/);
  assert.equal((await whep({token: 'made up'})).status, 401);
  assert.equal((await raw('/whep/', {type: 'application/sdp', body: offer})).status, 404);
  assert.equal((await raw('/whep/a/b/c', {type: 'application/sdp', body: offer})).status, 404);
});

test('OPTIONS say what is taken, without a login; a page of elsewhere is refused', async () => {
  const endpoint = await raw('/whip/mine', {method: 'OPTIONS', token: null});
  assert.equal(endpoint.status, 204);
  assert.equal(endpoint.headers.get('accept-post'), 'application/sdp');
  assert.match(endpoint.headers.get('access-control-allow-headers'), /authorization.*if-match/);
  const session = await raw('/whep/test/rtc_x', {method: 'OPTIONS', token: null, headers: {origin: server.origin}});
  assert.equal(session.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  assert.equal(session.headers.get('access-control-allow-origin'), server.origin);
  assert.match(session.headers.get('access-control-expose-headers'), /location, etag, link/);
  assert.equal((await raw('/whep/test', {method: 'OPTIONS', token: null, headers: {origin: 'https://elsewhere.example'}})).status, 403);
});

test('WHIP: a publisher has its name alone, until it leaves', async () => {
  const publish = (options) => raw('/whip/my%20camera', {type: 'application/sdp', body: sending, ...options});
  const made = await publish();
  assert.equal(made.status, 201, await made.clone().text());
  const location = made.headers.get('location');
  assert.match(location, /^\/whip\/my%20camera\/rtc_\w+$/);
  assert.match(await made.text(), /m=video [^0][^]*a=recvonly/);
  const id = location.split('/').pop();
  const one = (await json(`/api/v0/mcp/monitor/webrtc/connections/${id}`)).body.connection;
  assert.equal(one.role, 'publisher');
  assert.equal(one.content_cid, 'my camera');
  assert.equal((await publish()).status, 409, 'somebody publishes under that name');
  assert.equal((await post(`/api/webrtc/connections/${id}/pause`)).status, 409, 'it plays nothing');
  assert.equal((await raw(location, {method: 'DELETE'})).status, 200);
  const again = await publish();
  assert.equal(again.status, 201, await again.clone().text());
  await raw(again.headers.get('location'), {method: 'DELETE'});
  assert.equal((await publish({body: offer})).status, 422, 'an offer that sends nothing');
});

test('the codecs are loaded when somebody looks, not at the start', async () => {
  const fresh = await Server.start({env: {TELLTALE_LOG_LEVEL: 'error'}});
  try {
    const loaded = () => readFileSync(`/proc/${fresh.child.pid}/maps`, 'utf8').includes('libavcodec');
    assert.equal(loaded(), false, 'FFmpeg takes 20 MiB');
    await fresh.api('/api/servers');
    assert.equal(loaded(), false, 'other pages need none');
    const until = Date.now() + 30_000;
    do await fresh.api('/api/webrtc/connections');
    while (!loaded() && Date.now() < until);
    assert.equal(loaded(), true);
  } finally {
    await fresh.stop();
  }
});

test('a film: seek, pause, loop', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'webrtc-'));
  try {
    const file = join(folder, 'film.mp4');
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15:duration=4', '-c:v', 'libx264', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p', file]);
    const added = await raw('/api/content', {type: 'application/octet-stream', body: readFileSync(file)});
    assert.equal(added.status, 201, await added.clone().text());
    const {cid} = await added.json();
    const made = await post('/api/v0/webrtc/stream', {cid, sdp: offer});
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const id = made.body.connection_id;
    const steer = async (what, body) => {
      const {status, body: answer} = await post(`/api/webrtc/connections/${id}/${what}`, body);
      assert.equal(status, 200, JSON.stringify(answer));
      return answer;
    };
    assert.equal((await steer('pause', {})).paused, true);
    const {position_seconds} = await steer('seek', {position_seconds: 2});
    assert.ok(position_seconds >= 1 && position_seconds <= 3, `${position_seconds}`);
    assert.equal((await steer('loop', {loop: false})).loop, false);
    assert.equal((await steer('pause', {paused: false})).paused, false);
    assert.equal((await json(`/api/webrtc/connections/${id}`)).body.playing.loop, false);
    assert.equal((await post(`/api/webrtc/connections/${id}/seek`, {position_seconds: -1})).status, 422);
    assert.equal((await post('/api/webrtc/connections/nosuch/seek', {position_seconds: 1})).status, 404);
    await post(`/api/v0/webrtc/close/${id}`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
});

test('too many connections of one user are refused, and told when to come again', async () => {
  const sessions = [];
  let refused;
  for (let i = 0; i < 25 && !refused; ++i) {
    const answer = await whep({token: tokens.operator});
    if (answer.status === 201) sessions.push(answer.headers.get('location'));
    else refused = answer;
  }
  assert.equal(sessions.length, 20);
  assert.equal(refused.status, 429, await refused.clone().text());
  // Another user is not concerned.
  const other = await whep({token: tokens.viewer});
  assert.equal(other.status, 201);
  await post('/api/v0/webrtc/close_all');
});

test('rights: viewers watch and end what is theirs, operators steer and publish', async () => {
  const mine = (await whep({token: tokens.viewer})).headers.get('location');
  const theirs = (await whep({token: tokens.operator})).headers.get('location');
  const id = (location) => location.split('/').pop();
  const as = (token) => async (path, body = {}) => (await post(path, body, token)).status;
  const viewer = as(tokens.viewer);
  assert.equal(await viewer('/api/v0/webrtc/test_connection'), 403);
  assert.equal(await viewer('/api/v0/webrtc/close_all'), 403);
  assert.equal(await viewer(`/api/v0/webrtc/close/${id(mine)}`), 403);
  assert.equal(await viewer(`/api/webrtc/connections/${id(mine)}/pause`), 403);
  assert.equal(await viewer(`/api/v0/webrtc/quality/${id(mine)}`, {quality: 'low'}), 200, 'its own, though nothing is sent yet');
  assert.equal(await viewer(`/api/v0/webrtc/quality/${id(theirs)}`, {quality: 'low'}), 404, "another's");
  assert.equal((await raw('/whip/live', {token: tokens.viewer, type: 'application/sdp', body: offer})).status, 403);
  assert.equal((await raw(theirs, {method: 'DELETE', token: tokens.viewer})).status, 404);
  assert.equal((await raw(mine, {method: 'DELETE', token: tokens.viewer})).status, 200);
  assert.equal((await server.fetch('/api/v0/webrtc/connections', {token: tokens.viewer})).status, 200);
  const operator = as(tokens.operator);
  assert.equal(await operator(`/api/v0/webrtc/close/${id(theirs)}`), 200);
  assert.equal(await operator('/api/v0/webrtc/test_connection'), 200);
});

test('what happens goes out as events', async () => {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/ws`, ['telltale.v1', `bearer.${tokens.admin}`]);
  const seen = [];
  const until = (what, fits) =>
    within(10_000, what, new Promise((done) => {
      const look = () => seen.some(fits) && done();
      socket.addEventListener('message', look);
      look();
    }));
  socket.addEventListener('message', ({data}) => seen.push(JSON.parse(data)));
  await until('initial_status', ({type}) => type === 'initial_status');
  socket.send(JSON.stringify({action: 'subscribe', channels: ['webrtc']}));
  await until('subscribed', ({type}) => type === 'subscribed');
  const location = (await whep()).headers.get('location');
  await raw(location, {method: 'DELETE'});
  await until('its events', ({type, data}) => type === 'webrtc_connection' && data.connection.state === 'closed' && location.endsWith(data.connection_id));
  socket.close();
});

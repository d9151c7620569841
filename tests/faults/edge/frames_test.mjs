// W5 and the talkative clients: frames that break the rules, messages too big, too many or of no sense. Each ends with the close code
// that RFC 6455 names, and Telltale goes on as if nothing had been.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Client, frame, Hub, until} from './harness.mjs';

let hub;
before(async () => (hub = await Hub.start({flags: ['--rate-limit-per-minute', '0']})));
after(async () => assert.deepEqual(await hub.stop(), {code: 0, signal: null}));

const mebibyte = 1 << 20;
const broken = [
  ['a frame without a mask', [frame('{}', {masked: false})], 1002],
  ['a reserved opcode', [frame('', {opcode: 3})], 1002],
  ['a reserved control opcode', [frame('', {opcode: 11})], 1002],
  ['a compressed frame nobody agreed to (RSV1)', [frame(Buffer.from('aa560a0000', 'hex'), {rsv: 4})], 1002],
  ['RSV3', [frame('{}', {rsv: 1})], 1002],
  ['a fragmented ping', [frame('x', {opcode: 9, fin: false})], 1002],
  ['a ping of 126 bytes', [frame('x'.repeat(126), {opcode: 9})], 1002],
  ['a continuation of nothing', [frame('x', {opcode: 0})], 1002],
  ['a new message inside another', [frame('{', {fin: false}), frame('}')], 1002],
  ['a close of one byte', [frame('x', {opcode: 8})], 1002],
  ['a close with the code 1005', [frame(Buffer.from([0x03, 0xed]), {opcode: 8})], 1002],
  ['a close with the code 999', [frame(Buffer.from([0x03, 0xe7]), {opcode: 8})], 1002],
  ['a close whose reason is no UTF-8', [frame(Buffer.from([0x03, 0xe8, 0xff]), {opcode: 8})], 1007],
  ['a length with the top bit set', [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])], [1002, 1009]],
  ['a length of 4 EiB that never comes', [Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])], 1009],
  ['invalid UTF-8', [frame(Buffer.from([0x7b, 0xc0, 0xaf, 0x7d]))], 1007],
  ['half a character', [frame(Buffer.from([0xe2, 0x82]))], 1007],
  ['a surrogate', [frame(Buffer.from([0xed, 0xa0, 0x80]))], 1007],
  ['invalid UTF-8 over two fragments', [frame(Buffer.from([0xe2]), {fin: false}), frame(Buffer.from([0x28]), {opcode: 0})], 1007],
  ['2 MiB in one message', [frame(Buffer.alloc(2 * mebibyte, 0x61))], 1009],
  ['2 MiB in fragments', [frame('a', {fin: false}), ...Array.from({length: 32}, () => frame(Buffer.alloc(65536, 0x61), {opcode: 0, fin: false}))], 1009],
];
for (const [name, frames, code] of broken)
  test(`W5: ${name} closes with ${code}`, async () => {
    const client = await Client.open(hub);
    client.raw(...frames);
    assert.ok([code].flat().includes(await client.end()), `closed with ${client.closeCode}`);
    client.destroy();
    assert.ok(await hub.alive());
  });

test('W5: a message in a million empty fragments costs no memory and is one message', {timeout: 60_000}, async () => {
  const client = await Client.open(hub);
  await client.next((message) => message.type === 'initial_status');
  const before = hub.rssMiB();
  const nothing = Buffer.concat(Array.from({length: 10_000}, () => frame('', {opcode: 0, fin: false})));
  client.raw(frame('{"action":', {fin: false}));
  for (let i = 0; i < 100; ++i) client.raw(nothing);
  client.raw(frame('"ping"}', {opcode: 0}));
  await client.next((message) => message.type === 'pong', 50_000);
  assert.ok(hub.rssMiB() - before < 32, `${hub.rssMiB() - before} MiB more`);
  client.destroy();
});

test('W5: compression is not agreed to, so that no bomb can be sent', async () => {
  const client = await Client.open(hub, {headers: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n'});
  assert.doesNotMatch(client.head, /sec-websocket-extensions/i);
  client.destroy();
});

test('W5: a compressed request body is not unpacked', async () => {
  const bomb = Buffer.from('1f8b08000000000002ff', 'hex');
  const answer = await fetch(`${hub.origin}/api/servers`, {
    method: 'POST',
    headers: {'content-type': 'application/json', 'content-encoding': 'gzip', authorization: `Bearer ${await hub.login()}`},
    body: bomb,
  });
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
});

test('bad JSON gets an error each time and the socket lives', async () => {
  const client = await Client.open(hub);
  const nonsense = ['', 'x', '{', '[]', '1', 'null', '"text"', '{"action":}', '{"action":"no such"}', '{"action":1}', '{"action":"subscribe","channels":7}', '{"action":"call"}', '['.repeat(50_000), '{"a":'.repeat(50_000), '\u0000', '{"action":"subscribe","filters":[1]}'];
  for (const text of nonsense) {
    client.send(text);
    const answer = await client.next((message) => ['error', 'result'].includes(message.type));
    assert.ok(answer.type === 'error' || answer.ok === false, `${text.slice(0, 40)}: ${JSON.stringify(answer)}`);
  }
  client.send('ping');
  assert.equal(await client.next((message) => message === 'pong'), 'pong');
  client.destroy();
});

test('10,000 messages a second: an error, then 1008; others are served meanwhile', {timeout: 30_000}, async () => {
  const client = await Client.open(hub);
  const other = await Client.open(hub);
  const one = frame('{"action":"pong"}');
  client.raw(...Array.from({length: 10_000}, () => one));
  const error = await client.next((message) => message.type === 'error');
  assert.equal(error.data.code, 'rate_limited');
  assert.ok(error.data.retry_after_ms > 0);
  assert.equal(await client.end(), 1008);
  assert.ok(await hub.alive());
  other.send('{"action":"ping"}');
  await other.next((message) => message.type === 'pong');
  client.destroy();
  other.destroy();
});

test('the limit of a user counts over all its sockets, and a quiet socket is not closed', {timeout: 30_000}, async () => {
  const strict = await Hub.start({flags: ['--rate-limit-per-minute', '300']});
  try {
    const sockets = [];
    for (let i = 0; i < 4; ++i) sockets.push(await Client.open(strict));
    for (const client of sockets) for (let i = 0; i < 90; ++i) client.send({action: 'ping'}); // each within its own limit
    let pongs = 0, errors = 0;
    await until(10_000, 'all are answered', async () => {
      pongs = errors = 0;
      for (const client of sockets)
        for (const text of client.messages) {
          const {type, data} = JSON.parse(text);
          if (type === 'pong') ++pongs;
          if (type === 'error') {
            assert.equal(data.code, 'rate_limited');
            ++errors;
          }
        }
      return errors >= 1 && pongs === 300;
    });
    assert.ok(sockets.every((client) => client.closeCode === null));
    sockets.forEach((client) => client.destroy());
  } finally {
    await strict.stop();
  }
});

test('429 says when to come back, and RateLimit what is left', {timeout: 30_000}, async () => {
  const strict = await Hub.start({flags: ['--rate-limit-per-minute', '5']});
  try {
    for (let left = 4; left >= 0; --left) {
      const answer = await strict.api('/api/servers');
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('ratelimit-policy'), '"principal";q=5;w=60');
      assert.match(answer.headers.get('ratelimit'), new RegExp(`^"principal";r=${left};t=\\d+$`));
    }
    const refused = await strict.api('/api/servers');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.ok(Number(refused.headers.get('retry-after')) > 50);
    const guess = () => fetch(`${strict.origin}/api/servers`, {headers: {authorization: 'Bearer guess'}});
    for (let i = 0; i < 5; ++i) assert.equal((await guess()).status, 401, 'the address has a count of its own');
    assert.equal((await guess()).status, 429);
    assert.ok(await strict.alive());
  } finally {
    await strict.stop();
  }
});

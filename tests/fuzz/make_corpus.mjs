// Writes the seeds of tests/fuzz/corpus: node tests/fuzz/make_corpus.mjs. Small on purpose; ./dev fuzz keeps what it finds in build/fuzz.
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
function seeds(name, list) {
  const folder = join(here, 'corpus', name);
  mkdirSync(folder, {recursive: true});
  list.forEach((seed, i) => writeFileSync(join(folder, String(i).padStart(2, '0')), seed));
}
const masked = (opcode, text, fin = true) => {
  const body = Buffer.from(text), key = Buffer.from([1, 2, 3, 4]);
  const hidden = Buffer.from(body.map((byte, i) => byte ^ key[i & 3]));
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode, 0x80 | body.length]), key, hidden]);
};
const token = (...parts) => parts.map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')).join('.');
const claims = {iss: 'telltale', aud: 'telltale', sub: 'usr_1', name: 'ada', role: 'admin', sid: 'ses_1', epoch: 0, iat: 1800000000, exp: 1800000900};

seeds('json_rpc', [
  '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}\n{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}\n',
  '{"jsonrpc":"2.0","id":"a","method":"sampling/createMessage","params":{}}\r\n',
  '{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no","data":{"x":[1,2,{"y":null}]}}}',
  '[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","id":1.5,"method":"b"},7]',
  'log line on stdout\n\ufeff{"jsonrpc":"1.0","id":null}\n{"id":1}\n', '{"a":'.repeat(40), '\u0000\u0001{"jsonrpc":"2.0","id":9223372036854775807,"result":{}}',
]);
seeds('sse', [
  'data: one\n\n', '\ufeffid: 1\nevent: endpoint\ndata: /messages?x=1\n\n', 'data\rdata: a\rdata:b\r\r', ': ping\n\nretry: 250\n\nid\ndata: x\r\n\r\n',
  'data: {"jsonrpc":"2.0","id":1,"result":{}}\nid: 7\n\ndata: half', 'retry: 99999999999999999999\ndata: \u0000\nid: a\u0000b\n\n',
]);
seeds('http', [
  'GET /api/servers/a%20b?limit=5&q=x+y HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nCookie: telltale_session=abc; x=y\r\n\r\n',
  'POST /api/servers/e/tools/t/call HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"arguments":{}}',
  'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n',
  'GET http://h:1/p?q=1 HTTP/1.0\r\n\r\n', 'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n0\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno',
  '/api/servers/%41/restart?a=%zz&b', '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
]);
seeds('websocket', [
  masked(1, '{"action":"ping"}'), Buffer.concat([masked(1, 'a', false), masked(9, 'p'), masked(0, 'b')]), masked(8, '\u0003\u00e8bye'), masked(2, Buffer.from([255, 254])),
  Buffer.concat([Buffer.from([0x81, 0x7e, 0, 130]), Buffer.alloc(130, 97)]), Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]), Buffer.from([0x88, 0x02, 0x03, 0xe8]),
  masked(1, Buffer.from([0xe2, 0x82]), false),
]);
seeds('jwt', [
  token({alg: 'none', typ: 'JWT'}, claims, ''), token({alg: 'HS256', typ: 'JWT', kid: '000000000000'}, claims, 'x'.repeat(32)), token({alg: 'HS512', jku: 'http://evil/', crit: ['exp']}, claims, 'sig'),
  'a.b.c', '...', '\u0000=', token({alg: 'HS256'}, '[]', '') + '.',
]);
seeds('fleet_file', [
  JSON.stringify({mcpServers: {a: {command: '/bin/x', args: ['-y'], env: {K: 'v'}, cwd: '/'}, b: {type: 'http', url: 'http://127.0.0.1:3001/mcp?k=s', headers: {Authorization: 'Bearer x'}}}}),
  JSON.stringify({servers: {c: {type: 'sse', url: 'http://h/sse', telltale: {health_interval_s: 5, tags: ['x'], circuit: {failure_threshold: 3, timeout_s: 1.5}}}}}),
  JSON.stringify({mcpServers: {d: {command: 'x', telltale: {unknown: 1}}, e: 7, '': {command: 'x'}, f: {command: 'x', disabled: true, env: {'A=B': '1', P: '${env:PATH}${env:'}}}}),
  '{"mcpServers":', '{}', '[]', '{"mcpServers":{"g":{"url":"http://2130706433/","command":"y"}}}',
]);
seeds('url', [
  'http://127.0.0.1:3001/mcp?x=1#y', 'https://[::ffff:169.254.169.254]/', 'http://0x7f.1/', 'http://user@host/', 'HTTP://EXAMPLE.com.:0443/a/../b', '../x?y', '//other.example/', 'ws://[fe80::1%25eth0]:1/',
  'http://host:-1/', 'http://%31.example/', '10.0.0.0/8', 'fd00::/129', '64:ff9b::a9fe:a9fe',
]);

// DTLS: records, alone and as datagrams with two bytes of length before each.
const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const u24 = (n) => Buffer.from([n >> 16, (n >> 8) & 255, n & 255]);
const record = (type, body, epoch = 0, sequence = 0, version = 0xfefd) => Buffer.concat([Buffer.from([type]), u16(version), u16(epoch), Buffer.from([0, 0, 0, 0, 0, sequence]), u16(body.length), body]);
const handshake = (type, body, {offset = 0, length = body.length, sequence = 0} = {}) => Buffer.concat([Buffer.from([type]), u24(body.length), u16(sequence), u24(offset), u24(length), body.subarray(offset, offset + length)]);
const extension = (type, body) => Buffer.concat([u16(type), u16(body.length), body]);
const hello = (more = []) => {
  const extensions = Buffer.concat([extension(10, Buffer.from([0, 4, 0, 29, 0, 23])), extension(11, Buffer.from([1, 0])), extension(13, Buffer.from([0, 2, 4, 3])),
    extension(14, Buffer.from([0, 6, 0, 7, 0, 8, 0, 1, 0])), extension(23, Buffer.alloc(0)), ...more]);
  return Buffer.concat([u16(0xfefd), Buffer.alloc(32, 7), Buffer.from([0, 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]), u16(extensions.length), extensions]);
};
const large = hello([extension(0xfd00, Buffer.alloc(1230, 9))]);
const datagrams = (...list) => Buffer.concat(list.flatMap((one) => [u16(one.length), one]));
seeds('dtls', [
  record(22, handshake(1, hello()), 0, 0, 0xfeff), record(21, Buffer.from([2, 40])), record(21, Buffer.from([1, 0]), 1, 3), record(23, Buffer.alloc(40, 1), 1, 9), record(20, Buffer.from([1])),
  datagrams(record(22, handshake(1, large, {length: 1000})), record(22, handshake(1, large, {offset: 1000, length: large.length - 1000}), 0, 1)),
  datagrams(record(22, handshake(1, large, {offset: 900, length: 400})), record(22, handshake(1, hello()))), Buffer.concat([record(22, handshake(16, Buffer.alloc(66, 4), {sequence: 1})), record(20, Buffer.from([1]), 0, 1)]),
  datagrams(record(22, handshake(1, hello())), record(22, handshake(11, Buffer.from([0, 0, 0]), {sequence: 1}), 0, 1), record(20, Buffer.from([1]), 0, 2), record(22, Buffer.alloc(40, 3), 1, 0)),
]);

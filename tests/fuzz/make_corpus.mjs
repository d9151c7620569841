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

const varied = Buffer.from(Array.from({length: 32}, (_, i) => i));
const sha256 = Buffer.concat([Buffer.from([0x12, 0x20]), varied]);
const field = (number, bytes) => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), Buffer.from(bytes)]);
const link = (cid, name, size) => field(2, Buffer.concat([field(1, cid), field(2, Buffer.from(name)), Buffer.from([0x18, size])]));
seeds('content', [
  'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o', 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e', 'k2cwued9o1pvrt3q271rrqbo49x30tbxwpoeaq75z14e5ui2rzygpbe1',
  Buffer.from('0a0408021800', 'hex'), Buffer.from('0a020801', 'hex'), Buffer.concat([Buffer.from([1, 0x70]), sha256]),
  Buffer.concat([link(sha256, '', 9), link(Buffer.concat([Buffer.from([1, 0x55]), sha256]), '', 9), field(1, Buffer.from('0802180a20042006', 'hex'))]),
  Buffer.concat([link(sha256, '00a', 1), link(sha256, '01', 1), field(1, Buffer.from('0805120103282230', 'hex'))]),
]);

// Writes the seeds of tests/fuzz/corpus: node tests/fuzz/make_corpus.mjs. Small on purpose; ./dev fuzz keeps what it finds in build/fuzz.
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

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
seeds('metrics_query', [
  'rate(tool_calls{server="x"}[5m]) by (tool)', 'quantile(0.95, a.b:c{d=~"e.*|[^f-h]+\\d?", g!="h", i!~"j", k=\'\\n\'}[1h30m]) by ()', '{a="b",}', 'p99(x{y=~"((a*)*b)+"})', 'sum ( x ) by ( y , z )', '1d2h3m4s5ms', 'x{a=~"["}',
]);
seeds('metrics_block', [
  Buffer.from('01030000018bcfe568003ff000000000000011', 'hex'), Buffer.from('020400000001a3185c50000000', 'hex'), Buffer.from('07000a01000000', 'hex'), Buffer.from('0002010a0140f0', 'hex'), Buffer.alloc(64, 255),
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
const hex = (...parts) => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
const framed = (...packets) => Buffer.concat(packets.flatMap((packet) => [Buffer.from([packet.length]), packet]));
const rtp = (sequence, marker, payload) => Buffer.concat([hex('80'), Buffer.from([(marker ? 0x80 : 0) | 96, 0, sequence]), hex('00000bb8 00000001'), payload]);
seeds('stun', [
  hex('000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36',
    '000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf'),
  hex('0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f722000200008000', '1a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96'),
  hex('010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9',
    '00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c'),
  hex('011100102112a442000102030405060708090a0b', '0009000c00000457', '526f6c6520436f6e'), hex('000100002112a442000102030405060708090a0b'),
  'candidate:1 1 udp 2130706431 192.0.2.1 5000 typ srflx raddr 0.0.0.0 rport 0 tcptype passive ufrag a',
]);
seeds('rtp', [
  rtp(1, true, hex('67 01')), hex('90 e0 0001 00000bb8 00000001 bede0002 10ff 3200 0102 4105 00 00 0000'), hex('b1 60 0002 00000000 00000001 00000009 1000 0001 05 00 06 00 0102 02'),
  hex('80c80006 00000001 0123456789abcdef 00000007 00000008 00000009', '81ca0002 00000001 0103612e', '81cb0001 00000001'), hex('81cd0003 00000001 00000002 fffa0421'),
  hex('8fcd0008 00000001 00000002 fffe001a ffffff07 2004 8001 d200 0001 01020304 fa05ffff'), hex('81ce0002 00000001 00000002 84ce0004 00000001 00000000 00000002 05000000'),
  hex('8fce0005 00000001 00000000 52454d42 0106dddd 00000002'), hex('80cf0004 00000001 04000002 0123456789abcdef', '80cf0005 00000001 05000003 00000002 00000003 00000004'),
  framed(rtp(1, false, hex('78 0002 6701 0002 6802')), rtp(2, false, hex('7c 85 aabb')), rtp(3, true, hex('7c 45 cc')), rtp(5, true, hex('41 88'))),
  framed(rtp(1, false, hex('90 80 8001 00 11')), rtp(2, true, hex('80 80 8001 22')), rtp(3, true, hex('fc 11'))), hex('00000001 09f0 00000001 6742 000001 68ce 000001 65', 'ab'.repeat(150)),
]);
seeds('srtp', [hex('00 00'), hex('01 02 01'), hex('02 0c 80'), hex('01 3b 00000000 01'), hex('00 1f', '80c8'.repeat(20)), hex('02 00', '8060'.repeat(40))]);
const offers = join(here, '../../src/rtc/sdp/offers');
seeds('sdp', [
  ...readdirSync(offers).sort().map((name) => readFileSync(join(offers, name))),
  'v=0\no=- 1 2 IN IP4 0.0.0.0\ns=-\nt=0 0\na=group:BUNDLE a\na=ice-lite\na=setup:active\na=fingerprint:sha-256 AA\na=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n' +
    'm=video 9/2 RTP/SAVPF 96 97\nc=IN IP4 0.0.0.0\na=mid:a\na=rtcp-mux\na=rtpmap:96 VP8/90000\na=rtcp-fb:* nack\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96;x\na=extmap:1/sendonly urn:x y\na=rid:a send max-fps=3\n' +
    'a=simulcast:send a,~b;~c recv d\na=ssrc-group:FID 1 2\na=ssrc:1 cname:x\nm=application 9 DTLS/SCTP 5000\na=mid:b\na=sctpmap:5000 webrtc-datachannel 1\n',
  'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n',
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
// One byte of time, one of length in words, then chunks: see sctp_fuzzer.cpp. The client's next TSN is 0xfffffff9, the server's first 1.
const chunk = (type, flags, body) => {
  const value = hex(body), all = Buffer.alloc(Math.ceil((4 + value.length) / 4) * 4);
  all[0] = type, all[1] = flags, all.writeUInt16BE(4 + value.length, 2), value.copy(all, 4);
  return all;
};
const timed = (time, ...chunks) => Buffer.concat([Buffer.from([time, Buffer.concat(chunks).length / 4]), ...chunks]);
const dcep = '0300010000000000 0001 0000 61';
seeds('sctp', [
  timed(0, chunk(0, 3, `fffffff9 0000 0001 00000035 616263`)),
  Buffer.concat([timed(0, chunk(0, 3, `fffffff9 0002 0000 00000032 ${dcep}`)), timed(1, chunk(0, 3, 'fffffffa 0002 0001 00000033 686921')), timed(40, chunk(130, 0, '000d0012 fffffff8 00000000 fffffffa 0002'))]),
  Buffer.concat([timed(0, chunk(0, 2, 'fffffff9 0000 0001 00000035 6161')), timed(0, chunk(0, 0, 'fffffffa 0000 0001 00000035 6262')), timed(0, chunk(0, 1, 'fffffffb 0000 0001 00000035 6363'))]),
  timed(10, chunk(3, 0, '00000002 00010000 0001 0001 00020002 00000001')), timed(0, chunk(3, 0, '00000001 00000000 0000 0000')),
  timed(0, chunk(192, 0, 'fffffffb 0000 0002')), timed(0, chunk(4, 0, '0001000c 0102030405060708')), timed(0, chunk(6, 0, '000c0008 61626364')),
  timed(0, chunk(7, 0, '00000001')), timed(0, chunk(14, 0, ''), chunk(8, 0, '')), timed(0, chunk(9, 0, '00030008 00000001')),
  timed(0, chunk(1, 0, '01020304 00010000 0010 0010 00000005 c0000004 80080006 82c0 0000')), timed(0, chunk(0x7f, 0, '0102')), timed(0, chunk(0xff, 0, '0102'), chunk(0, 7, 'fffffff9 0000 0000 00000038 00')),
  timed(0, chunk(130, 0, '0010000c 00000001 00000001')), timed(255, chunk(130, 0, '000f0008 fffffff8')), timed(0, chunk(10, 0, '00'.repeat(76))),
  hex('13881388 00000000 00000000', '01000014 01020304 00010000 0010 0010 00000005'),
]);
// Method, path, media type and If-Match, then the body: see whep_fuzzer.cpp.
seeds('whep', [
  'POST /whep/test application/sdp\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n', 'POST /whip/my%20cam Application/SDP;charset=utf-8\nv=0\r\n', 'PATCH /whep/test/rtc_1 application/trickle-ice-sdpfrag "abc"\na=ice-ufrag:abcd\r\n',
  'PATCH /whep/a%2Fb/rtc_1 application/trickle-ice-sdpfrag *\na=end-of-candidates\r\n', 'DELETE /whip/x/rtc_1', 'GET /whep/test', 'POST /whep/%zz application/sdp\nv=0', 'OPTIONS /whep/%0d%0aset-cookie:x/%0d%0a',
  'OPTIONS /whep/a\rb/c',
]);
// Answers to the offer of answer_fuzzer.cpp: H264 96/97, VP8 98/99, opus 100, extensions 1 and 2, data.
const line = (mid, m, more = '') => `m=${m}\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:active\r\n${more}`;
const answered = (bundle, ...lines) => `v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE ${bundle}\r\na=extmap-allow-mixed\r\n${lines.join('')}`;
const picture = line(0, 'video 9 UDP/TLS/RTP/SAVPF 98 99', 'a=recvonly\r\na=rtpmap:98 VP8/90000\r\na=rtcp-fb:98 nack\r\na=rtcp-fb:98 transport-cc\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\na=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid\r\n');
const avc = line(0, 'video 9 UDP/TLS/RTP/SAVPF 96 97', 'a=recvonly\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n');
const sound = line(1, 'audio 9 UDP/TLS/RTP/SAVPF 100', 'a=recvonly\r\na=rtpmap:100 opus/48000/2\r\na=candidate:1 1 udp 1 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n');
const messages = line(2, 'application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=sctp-port:5000\r\na=max-message-size:262144\r\n');
const no = (mid, m) => `m=${m}\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=inactive\r\n`;
seeds('answer', [
  answered('0 1 2', picture, sound, messages), answered('0 1', avc, sound, no(2, 'application 0 UDP/DTLS/SCTP webrtc-datachannel')), answered('2', no(0, 'video 0 UDP/TLS/RTP/SAVPF 96'), no(1, 'audio 0 UDP/TLS/RTP/SAVPF 100'), messages),
  answered('0 1 2', picture.replace('98 VP8', '96 VP8'), sound, messages), answered('0 1 2', picture, sound, messages.replace('active', 'passive')), answered('0 1 2', picture.replace('a=setup:active', 'a=setup:passive'), sound, messages),
  `${answered('0 1 2', picture, sound, messages)}a=ice-lite\r\n`, answered('0 2', picture, sound, messages), answered('1 0 2', sound, picture, messages),
]);
// Dumps of chrome://webrtc-internals: see internals_dump.hpp.
const member = (values, from = '08', to = '12', statsType = 'inbound-rtp') => ({startTime: `2026-11-22T00:54:${from}.000Z`, endTime: `2026-11-22T00:54:${to}.000Z`, statsType, values: JSON.stringify(values)});
const watched = {
  url: 'https://user@meet.example:8443/room?secret=1',
  updateLog: [{time: '11/21/2026, 5:54:07 PM', type: 'connectionstatechange', value: 'connected'}, {timestamp: '1795308851000', type: 'iceconnectionstatechange', value: '"disconnected"'}],
  stats: {'I1-kind': member(['video', 'video', 'video']), 'I1-ssrc': member([1, 1, 1]), 'I1-bytesReceived': member([0, 125000, 250000]), 'I1-packetsReceived': member([0, 100, 200]), 'I1-packetsLost': member([0, 0, 20]), 'I1-framesDecoded': member([0, 30, 60]), 'I1-freezeCount': member([0, 2], '10')},
};
const dumped = (connections, more = {}) => JSON.stringify({getUserMedia: [], PeerConnections: connections, UserAgent: 'x', ...more});
const odd = {...watched, stats: {...watched.stats, 'I1-packetsLost': member([-5, 1e300, null]), 'I1-bytesReceived': {...member([1]), endTime: 'never'}, 'I2-kind': member(['audio'], '12', '08'), '-': member([]), T: {values: '[1,'}}};
seeds('internals', [
  dumped({'7-1': watched}), dumped({'7-1': watched, '7-2': {...watched, updateLog: []}, '7-3': {stats: {}}}), dumped({'7-1': odd}), dumped({}), '{"PeerConnections":[]}', '{', gzipSync(dumped({'7-1': watched})),
  gzipSync(dumped({})).subarray(0, 30), dumped({'7-1': {...watched, url: 'blob:null/x', stats: {...watched.stats, 'I1-framesDecoded': member([30, 0, 30], '08', '08')}}}),
]);
const head = {recording: 1, name: 'mine', time: '2026-11-22T07:00:00.000Z', transport: 'stdio', command: 'node', args: ['server.js', '--token=••••']};
const recorded = (...messages) => [head, ...messages.map(([way, message], i) => ({at_ms: i, direction: way === '>' ? 'to_server' : 'to_client', ...(typeof message === 'string' ? {text: message} : {message})}))].map((line) => JSON.stringify(line)).join('\n') + '\n';
const asked = (id, method, params) => ['>', {jsonrpc: '2.0', id, method, params}];
const said = (id, result) => ['<', {jsonrpc: '2.0', id, result}];
seeds('recording', [
  recorded(asked(1, 'initialize', {}), said(1, {}), asked(2, 'tools/list'), said(2, {tools: [{name: 'a "b"'}, {name: '${x}'}, 7]}), asked(3, 'tools/call', {name: 'a', arguments: {'k: #': '${y}\n- z'}}), said(3, {content: [{type: 'text', text: '2026-11-22T07:00:00Z'}], 'odd \'key': {n: 0.5, none: null, '': 1}})),
  recorded(asked('x', 'resources/read', {uri: 'a://b'}), ['<', {id: 'x', error: {code: -32602, message: 'no: such'}}], ['<', {id: 0, method: 'roots/list'}], ['>', {id: 0, result: {roots: []}}], ['<', {method: 'notifications/message', params: {data: 1}}], ['<', 'no JSON']),
  recorded(asked(1, 'tools/call', {name: 'login', arguments: {password: '••••'}}), said(1, {isError: true, content: []}), asked(1, 'own/method', {deep: [[1e300, -0.5]]}), said(1, []), ['>', [{id: 1}]]),
  '{"recording":1,"url":"http://h/mcp"}\n{"at_ms":0,"direction":"to_server","message":{"id":null,"method":"ping"}}\n{"at_', '{"recording":2}\n', '\n\n',
]);
seeds('suite', [
  'name: a\nservers: {s: {command: node, args: [x, "${suite_dir}"]}}\nvariables: {v: 1}\nmatrix: {n: [1, 2]}\ncases:\n  - name: one\n    tags: [t]\n    steps: [{call: echo, arguments: {text: "${v} ${n}"}, expect: {json: [{path: "$.content[0].text", equals: null}], golden: g.json}, save: {w: $.x}}, {read: "a://${w}"}]\n',
  'name: b\nservers: {s: &s {url: "http://h/mcp", headers: {A: "${env:K:-x}"}}, t: *s}\ncases: [{name: l, server: s, steps: [{ping: true}], load: {rate: 5, objectives: ["p99_ms <= 5"]}}, {name: r, server: t, replay: {file: r.jsonl, ignore: ["$.result"]}}, {name: c, server: t, chaos: {faults: [{kind: full_disk}, {kind: clock_jump}]}}]\n',
  'a0: &a [x, x]\na1: &b [*a, *a]\na2: &c [*b, *b, *b]\nname: [*c, *c]\n', 'name: x\nservers: {}\ncases: 3\n', '? [a, b]\n: c\n--- \n...\n', '{"name": "j", "servers": {"s": {"fleet": "f"}}, "cases": [{"name": "p", "property": {"tools": ["t"]}}, {"name": "d", "steps": [{"list": "tools"}], "differential": {"against": "s"}}]}',
  'name: "\\u0000\\x85\\N"\nservers: {s: {command: !!binary aGk=}}\ncases: [{name: 1, steps: [{call: 0x1F, expect: {matches: "(a*)*b", schema: {$ref: "#"}}}]}]\n', '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
]);

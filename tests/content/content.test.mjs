// The content store against other implementations of IPFS's formats: the CIDs of ipfs-unixfs-importer for files of many sizes, and
// bytes fetched from a trustless gateway over blockstore-core whose content npm's importer made. And gateways that mean harm.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {MemoryBlockstore} from 'blockstore-core';
import {importer} from 'ipfs-unixfs-importer';
import {balanced} from 'ipfs-unixfs-importer/layout';
import {fixedSize} from 'ipfs-unixfs-importer/chunker';
import {CID} from 'multiformats/cid';
import {Server, adminPassword, command} from '../support/telltale.mjs';

const chunk = 262_144;
const folder = mkdtempSync(join(tmpdir(), 'telltale-content-'));
// What a test or a hook started ends with the file, not with the hook.
const endings = [];
after(async () => {
  for (const end of endings.reverse()) await end();
  rmSync(folder, {recursive: true, force: true});
});

// Bytes that do not repeat and are the same every time.
function bytesOf(size) {
  const out = Buffer.alloc(size);
  let word = (size * 2_654_435_761 + 88_172_645) >>> 0 || 1; // files of two sizes share no chunk
  for (let i = 0; i + 4 <= size; i += 4) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    out.writeUInt32LE(word >>> 0, i);
  }
  return out;
}

const store = new MemoryBlockstore();
async function npmAdd(content, {cidVersion = 0, rawLeaves = false, path, ...more} = {}) {
  const options = {cidVersion, rawLeaves, chunker: fixedSize({chunkSize: chunk}), layout: balanced({maxChildrenPerNode: 174}), reduceSingleLeafToSelf: true, ...more};
  let last;
  const source = Array.isArray(content) ? content : [{path, content: [content]}];
  for await (const entry of importer(source, store, options)) last = entry;
  return last.cid.toString();
}

async function blockOf(cid) {
  const parts = [];
  const got = store.get(cid);
  if (got[Symbol.asyncIterator] || got[Symbol.iterator]) for await (const part of got) parts.push(part);
  else parts.push(await got);
  return Buffer.concat(parts);
}

// A trustless gateway: blocks only, as the specification has them.
const asked = [];
async function gateway(request, response) {
  const found = /^\/ipfs\/(\w+)\?format=raw$/.exec(request.url);
  asked.push(request.url);
  if (!found || request.headers.accept !== 'application/vnd.ipld.raw') return response.writeHead(400).end('raw blocks only');
  try {
    const block = await blockOf(CID.parse(found[1]));
    response.writeHead(200, {'content-type': 'application/vnd.ipld.raw', 'content-length': block.length}).end(block);
  } catch {
    response.writeHead(404).end('not found');
  }
}

async function listen(handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function serve(args = []) {
  const server = await Server.start({args});
  endings.push(() => server.stop());
  return server;
}

const cli = (server, ...args) => command(['content', ...args, '--url', server.origin], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
async function bytesFrom(server, cid, {range, path} = {}) {
  const answer = await server.fetch(`/api/content/${cid}/bytes${path ? `?path=${encodeURIComponent(path)}` : ''}`, {token: await server.adminToken(), headers: range ? {range} : {}});
  return {status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer())};
}
async function octets(server, path, body, method = 'POST') {
  const answer = await fetch(server.origin + path, {method, body, headers: {authorization: `Bearer ${await server.adminToken()}`, 'content-type': 'application/octet-stream', prefer: 'wait=30'}});
  return {status: answer.status, body: await answer.json()};
}

let plain; // a server without gateways
let good; // the address of a gateway that has everything
before(async () => {
  plain = await serve();
  good = await listen(gateway);
});

const sizes = [0, 1, 5, 1000, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 17, 174 * chunk - 1, 174 * chunk, 174 * chunk + 1];
for (const options of [{cidVersion: 0, rawLeaves: false}, {cidVersion: 1, rawLeaves: true}, {cidVersion: 0, rawLeaves: true}, {cidVersion: 1, rawLeaves: false}]) {
  const wide = options.cidVersion === 0 && !options.rawLeaves;
  test(`the CIDs of ipfs-unixfs-importer, ${JSON.stringify(options)}`, async () => {
    for (const size of wide || options.rawLeaves === (options.cidVersion === 1) ? sizes : sizes.slice(0, 9)) {
      const bytes = bytesOf(size);
      const expected = await npmAdd(bytes, options);
      const file = join(folder, 'file');
      writeFileSync(file, bytes);
      const begun = await plain.api('/api/content', {method: 'POST', body: {path: file, cid_version: options.cidVersion, raw_leaves: options.rawLeaves}});
      assert.equal(begun.cid, expected, `${size} bytes`);
      assert.equal(begun.size, size);
    }
  });
}

test('the command line: add, ls, stat, get, unpin, pin, rm, gc', async () => {
  const bytes = bytesOf(20_000_003); // three pieces of an upload
  const file = join(folder, 'film.bin');
  writeFileSync(file, bytes);
  const expected = await npmAdd(bytes);
  const added = await cli(plain, 'add', file);
  assert.equal(added.stdout.trim(), expected, added.stderr);
  assert.match((await cli(plain, 'ls')).stdout, new RegExp(`${expected} +20000003 pinned +film.bin`));
  const stat = JSON.parse((await cli(plain, 'stat', expected, '--json')).stdout);
  assert.equal(stat.type, 'file');
  assert.equal(stat.size, bytes.length);
  assert.equal(stat.blocks_here, stat.blocks);
  const out = join(folder, 'out.bin');
  assert.equal((await cli(plain, 'get', expected, '-o', out)).code, 0);
  assert.equal(createHash('sha256').update(readFileSync(out)).digest('hex'), createHash('sha256').update(bytes).digest('hex'));
  assert.match((await cli(plain, 'rm', expected)).stderr, /is pinned: unpin it first/);
  assert.equal((await cli(plain, 'unpin', expected)).code, 0);
  assert.match((await cli(plain, 'unpin', expected)).stderr, /is not pinned/);
  assert.equal((await cli(plain, 'pin', expected)).code, 0);
  assert.equal((await cli(plain, 'unpin', expected)).code, 0);
  assert.match((await cli(plain, 'gc')).stdout, /blocks/);
  assert.match((await cli(plain, 'stat', expected)).stderr, /is not here, and there is no gateway to ask/);
  assert.match((await cli(plain, 'get', 'nonsense')).stderr, /this is no CID/);
  assert.match((await cli(plain, 'add', '/nonexistent')).stderr, /cannot be opened/);
});

test('ranges, as RFC 9110 has them', async () => {
  const bytes = bytesOf(700_001);
  const {status, body} = await octets(plain, '/api/content?name=small', bytes);
  assert.equal(status, 201, JSON.stringify(body));
  const cases = {'bytes=0-0': [0, 1], 'bytes=262143-262145': [262_143, 262_146], 'bytes=-5': [699_996, 700_001], 'bytes=700000-': [700_000, 700_001], 'bytes=500000-9999999': [500_000, 700_001]};
  for (const [range, [from, to]] of Object.entries(cases)) {
    const part = await bytesFrom(plain, body.cid, {range});
    assert.equal(part.status, 206, range);
    assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/700001`);
    assert.ok(part.body.equals(bytes.subarray(from, to)), range);
  }
  const none = await bytesFrom(plain, body.cid, {range: 'bytes=700001-'});
  assert.equal(none.status, 416);
  assert.equal(none.headers.get('content-range'), 'bytes */700001');
  assert.equal((await bytesFrom(plain, body.cid, {range: 'lines=1-2'})).body.length, 700_001);
  const whole = await bytesFrom(plain, body.cid);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('content-type'), 'application/octet-stream');
  assert.ok(whole.body.equals(bytes));
});

test('pieces of an upload are taken once, in their order, from their owner', async () => {
  const {upload} = await plain.api('/api/content/uploads', {method: 'POST', body: {}});
  const path = `/api/content/uploads/${upload}`;
  assert.equal((await octets(plain, `${path}?offset=0`, bytesOf(300_000), 'PUT')).body.received, 300_000);
  const again = await octets(plain, `${path}?offset=0`, bytesOf(300_000), 'PUT');
  assert.equal(again.status, 409);
  assert.match(again.body.detail, /stands at 300000 bytes, not at 0/);
  const root = await plain.api(`${path}/finish`, {method: 'POST', body: {}});
  assert.equal(root.cid, await npmAdd(bytesOf(300_000)));
  assert.equal((await octets(plain, `${path}?offset=300000`, 'x', 'PUT')).status, 404);
  assert.equal((await octets(plain, '/api/content?cid_version=2', 'x')).status, 422);
});

test('fetched from a gateway byte by byte, verified, kept; directories and HAMTs are read', async () => {
  const bytes = bytesOf(200 * chunk + 5);
  const cid = await npmAdd(bytes);
  const server = await serve(['--ipfs-gateway', good]);
  const part = await bytesFrom(server, cid, {range: 'bytes=100-199'});
  assert.ok(part.body.equals(bytes.subarray(100, 200)), part.body.toString());
  const whole = await bytesFrom(server, cid);
  assert.ok(whole.body.equals(bytes));
  const before = asked.length;
  assert.ok((await bytesFrom(server, cid)).body.equals(bytes));
  assert.equal(asked.length, before, 'all is here now');
  assert.equal(new Set(asked).size, asked.length, 'each block was asked for once');
  const root = await npmAdd([{path: 'a/b.txt', content: [Buffer.from('in a directory')]}, {path: 'a/c.txt', content: [Buffer.from('also')]}], {wrapWithDirectory: true});
  assert.equal((await bytesFrom(server, root, {path: 'a/b.txt'})).body.toString(), 'in a directory');
  assert.equal((await bytesFrom(server, root, {path: 'a/none'})).status, 404);
  assert.equal((await server.api(`/api/content/${root}`)).type, 'directory');
  const many = Array.from({length: 600}, (_, i) => ({path: `many/file-${i}`, content: [Buffer.from(`number ${i}`)]}));
  const hamt = await npmAdd(many, {wrapWithDirectory: true, shardSplitThresholdBytes: 1000});
  assert.equal((await bytesFrom(server, hamt, {path: 'many/file-599'})).body.toString(), 'number 599');
  const pinned = await server.api(`/api/content/${hamt}/pin`, {method: 'POST', body: {}});
  assert.equal(pinned.pinned, true);
  assert.ok(pinned.blocks > 600);
});

test('a gateway that lies is named, put aside, and another has it', async () => {
  const bytes = bytesOf(600_000 + 1);
  const cid = await npmAdd(bytes);
  let lies = 0;
  const liar = await listen((request, response) => {
    lies += 1;
    response.end('these are not the bytes you are looking for');
  });
  const server = await serve(['--ipfs-gateway', liar, good]);
  assert.ok((await bytesFrom(server, cid)).body.equals(bytes));
  assert.equal(lies, 1, 'asked once, then put aside');
  const {gateways} = await server.api('/api/content/status');
  assert.equal(gateways[0].wrong, 1);
  assert.ok(gateways[0].put_aside_s > 500);
  assert.match(gateways[0].last_error, /bytes that are not those of/);
  const events = await server.api('/api/events?since=0&limit=1000');
  assert.ok(events.items.some((event) => event.type === 'content' && event.data.what === 'gateway_refused' && event.data.subject === liar), JSON.stringify(events.items.map((one) => one.type)));
  assert.match(await (await server.fetch('/metrics')).text(), /telltale_content_gateway_wrong_total\{gateway="http:\/\/127[^"]*"\} 1/);
});

test('endless, slow, broken and redirecting gateways cost what they may and no more', async () => {
  const cid = await npmAdd(Buffer.from('never to be had'));
  const endless = await listen((request, response) => {
    response.writeHead(200);
    const block = Buffer.alloc(65_536);
    const pump = () => {
      while (!response.destroyed && response.write(block));
      if (!response.destroyed) response.once('drain', pump);
    };
    pump();
  });
  const broken = await listen((request, response) => {
    response.writeHead(200, {'content-length': 100});
    response.write('short');
    setTimeout(() => response.destroy(), 20);
  });
  const loops = await listen((request, response) => response.writeHead(302, {location: request.url}).end());
  const metadata = await listen((request, response) => response.writeHead(302, {location: 'http://169.254.169.254/latest/meta-data'}).end());
  const server = await serve(['--ipfs-gateway', endless, broken, loops, metadata]);
  const started = Date.now();
  const answer = await bytesFrom(server, cid);
  assert.equal(answer.status, 503, answer.body.toString());
  const {detail} = JSON.parse(answer.body);
  for (const one of [endless, broken, loops, metadata]) assert.ok(detail.includes(one), `${one} is named in: ${detail}`);
  assert.ok(Date.now() - started < 15_000);
  const {gateways} = await server.api('/api/content/status');
  assert.ok(gateways.every((one) => one.failures === 1 && one.blocks === 0), JSON.stringify(gateways));
});

test('a gateway that never ends its answer is left for the next one', async () => {
  const bytes = Buffer.from('worth waiting for');
  const cid = await npmAdd(bytes);
  const slow = await listen((request, response) => {
    response.writeHead(200, {'content-length': 1000});
    response.write('a');
  });
  const server = await serve(['--ipfs-gateway', slow, good]);
  const started = Date.now();
  assert.equal((await bytesFrom(server, cid)).body.toString(), 'worth waiting for');
  assert.ok(Date.now() - started < 20_000, 'one gateway has 15 s');
  assert.match((await server.api('/api/content/status')).gateways[0].last_error, /did not answer in time/);
});

test('a disk that is full is said, and nothing half written stays', async (t) => {
  const disk = mkdtempSync(join(folder, 'disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status !== 0) return t.skip('mounting a small disk takes root');
  endings.push(() => spawnSync('umount', ['-l', disk]));
  const server = await serve(['--parquet-cache-path', join(disk, 'content')]);
  const full = await octets(server, '/api/content', bytesOf(5_000_011));
  assert.equal(full.status, 507, JSON.stringify(full.body));
  assert.match(full.body.detail, /the disk of the content store is full/);
  assert.deepEqual(readdirSync(join(disk, 'content/new')), []);
  assert.equal((await server.api('/api/content/status')).disk.pinned_bytes, 0);
  await server.api('/api/content/gc', {method: 'POST', body: {}});
  assert.equal((await octets(server, '/api/content', bytesOf(1_000_011))).status, 201, 'room again');
});

test("kubo's RPC is asked by POST, and its refusal is no fault", async () => {
  const bytes = Buffer.from('from kubo');
  const cid = await npmAdd(bytes);
  const calls = [];
  const api = await listen(async (request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const found = /^\/api\/v0\/block\/get\?arg=(\w+)$/.exec(request.url);
    if (request.method !== 'POST' || found?.[1] !== cid) return response.writeHead(500).end('{"Message":"block was not found locally (offline)"}');
    return response.end(await blockOf(CID.parse(cid)));
  });
  const server = await serve(['--ipfs-api', api]);
  assert.equal((await bytesFrom(server, cid)).body.toString(), 'from kubo');
  assert.deepEqual(calls, [`POST /api/v0/block/get?arg=${cid}`]);
  const other = await npmAdd(Buffer.from('not there'));
  assert.equal((await bytesFrom(server, other)).status, 404);
  assert.equal((await server.api('/api/content/status')).gateways[0].failures, 0);
});

test('pins outlive a restart, the limit pushes out the rest, and a torn block is named and fetched anew', async () => {
  const state = mkdtempSync(join(folder, 'state-'));
  const blocks = join(folder, 'blocks');
  const args = ['--parquet-cache-path', blocks, '--disk-cache-size', '3000000', '--memory-cache-size', '1', '--ipfs-gateway', good];
  let server = await Server.start({args, state});
  const kept = bytesOf(1_000_000);
  const {body: pinned} = await octets(server, '/api/content?name=kept', kept);
  assert.equal(pinned.pinned, true);
  await npmAdd(kept); // the gateway has it too
  await octets(server, '/api/content?pin=false', bytesOf(1_500_001));
  await server.stop();
  server = await Server.start({args, state});
  endings.push(() => server.stop());
  assert.equal((await octets(server, '/api/content?pin=false', bytesOf(1_700_003))).status, 201);
  const full = await octets(server, '/api/content', bytesOf(2_500_009));
  assert.equal(full.status, 507, JSON.stringify(full.body));
  assert.match(full.body.detail, /the content store is full/);
  const {disk} = await server.api('/api/content/status');
  assert.ok(disk.bytes <= 3_000_000 && disk.pinned_bytes > 1_000_000 && disk.pinned_bytes < 1_001_000, JSON.stringify(disk));
  assert.ok((await bytesFrom(server, pinned.cid)).body.equals(kept));
  const files = readdirSync(join(blocks, 'blocks'), {recursive: true}).map((name) => join(blocks, 'blocks', name)).filter((name) => statSync(name).isFile());
  for (const name of files) writeFileSync(name, 'torn');
  assert.ok((await bytesFrom(server, pinned.cid)).body.equals(kept), 'from the gateway');
  assert.ok((await server.api('/api/content/status')).disk.corrupt > 0);
  const events = await server.api('/api/events?since=0&limit=1000');
  assert.ok(events.items.some((event) => event.data.what === 'block_corrupt'));
});

test('a viewer reads and does not write; a path takes server:exec', async () => {
  await plain.api('/api/users', {method: 'POST', body: {username: 'vera', password: 'a long password 1', role: 'viewer'}});
  await plain.api('/api/users', {method: 'POST', body: {username: 'otto', password: 'a long password 1', role: 'operator'}});
  const login = async (username) => (await (await plain.fetch('/api/auth/login', {method: 'POST', body: {username, password: 'a long password 1'}})).json()).access_token;
  const vera = await login('vera');
  assert.equal((await plain.fetch('/api/content', {token: vera})).status, 200);
  assert.equal((await plain.fetch('/api/content/gc', {method: 'POST', body: {}, token: vera})).status, 403);
  const otto = await login('otto');
  const refused = await plain.fetch('/api/content', {method: 'POST', body: {path: '/etc/hostname'}, token: otto});
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).detail, /server:exec/);
});

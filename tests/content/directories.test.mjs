// Directories: the CIDs of ipfs-unixfs-importer and of helia for trees of many shapes, added by the command line and by path; listed,
// fetched from a gateway over helia, and unpacked again byte by byte. And what strangers' directories may not do.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {unixfs} from '@helia/unixfs';
import {MemoryBlockstore} from 'blockstore-core';
import {createHeliaLight} from 'helia';
import {fixedSize} from 'ipfs-unixfs-importer/chunker';
import {balanced} from 'ipfs-unixfs-importer/layout';
import {importer} from 'ipfs-unixfs-importer';
import {CID} from 'multiformats/cid';
import {Server, adminPassword, command} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-directories-'));
const endings = [];
after(async () => {
  for (const end of endings.reverse()) await end();
  rmSync(folder, {recursive: true, force: true});
});

const options = {cidVersion: 0, rawLeaves: false, chunker: fixedSize({chunkSize: 262_144}), layout: balanced({maxChildrenPerNode: 174}), reduceSingleLeafToSelf: true, wrapWithDirectory: true};
const version1 = {cidVersion: 1, rawLeaves: true};
const store = new MemoryBlockstore();
const source = (files) => Object.entries(files).map(([path, content]) => ({path, content: (async function* () { yield content; })()}));
async function npmAdd(files, more = {}) {
  let last;
  for await (const entry of importer(source(files), store, {...options, ...more})) last = entry;
  return last.cid.toString();
}
// The files on the disk, in a folder of that name.
function write(name, files) {
  const at = join(folder, name);
  mkdirSync(at, {recursive: true});
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), {recursive: true});
    writeFileSync(join(at, path), content);
  }
  return at;
}
function read(at, below = '') {
  const out = {};
  for (const entry of readdirSync(join(at, below), {withFileTypes: true})) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) Object.assign(out, read(at, path));
    else out[path] = entry.isSymbolicLink() ? `-> ${readlinkSync(join(at, path))}` : readFileSync(join(at, path));
  }
  return out;
}
const large = Buffer.alloc(700_001, 'seven bytes and more ');
const numbered = (count, name) => Object.fromEntries(Array.from({length: count}, (_, i) => [name(i), Buffer.from(`number ${i % 7}`)]));
const trees = {
  'one file': {'a.txt': Buffer.from('one')},
  'a nested tree': {'films/a/b.mp4': large, 'films/a/c.txt': Buffer.from('text'), 'films/empty': Buffer.alloc(0), 'z/y/x/w/v': Buffer.from('deep'), 'äöü 漢字.txt': Buffer.from('names in UTF-8')},
  'a wide one': numbered(2000, (i) => `file-${i}`),
  // Over 256 KiB of names and CIDs: kubo shards it. The second has a directory below it that is sharded, too.
  'a HAMT': numbered(3000, (i) => `${String(i).padStart(60, 'long names ')}.txt`),
  'a HAMT below a HAMT': {...numbered(3000, (i) => `${String(i).padStart(60, 'long names ')}.txt`), ...numbered(2600, (i) => `below/${String(i).padStart(80, 'longer names ')}`)},
};

let server;
const cli = (...args) => command(['content', ...args, '--url', server.origin], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 120_000});
before(async () => {
  server = await Server.start({});
  endings.push(() => server.stop());
});

for (const [name, files] of Object.entries(trees)) {
  test(`the CIDs of ipfs-unixfs-importer: ${name}`, async () => {
    const at = write(name, files);
    const expected = await npmAdd(files);
    const root = await server.api('/api/content', {method: 'POST', body: {path: at}});
    assert.equal(root.cid, expected);
    assert.equal(root.name, name);
    const added = await server.api('/api/content', {method: 'POST', body: {path: `${at}/`, cid_version: 1}});
    assert.equal(added.cid, await npmAdd(files, version1));
    assert.equal((await server.api(`/api/content/${expected}`)).entries_count, new Set(Object.keys(files).map((path) => path.split('/')[0])).size);
  });
}

test('the command line adds, lists and gets a directory', async () => {
  const files = trees['a nested tree'];
  const at = write('cli', files);
  const expected = await npmAdd(files);
  const added = await cli('add', at);
  assert.equal(added.stdout.trim(), expected, added.stderr);
  assert.match((await cli('ls', expected)).stdout, /films\n.*z\n.*äöü 漢字\.txt\n$/s);
  assert.match((await cli('ls', `${expected}/films/a`)).stdout, /^Qm\w+ +\d+ b\.mp4\nQm\w+ +12 c\.txt\n$/);
  assert.match((await cli('ls', `${expected}/films/a/c.txt`)).stdout, / 4 file\n$/);
  assert.match((await cli('ls', `${expected}/films/none`)).stderr, /has nothing called none/);
  assert.match((await cli('get', expected)).stderr, /is a directory: say where to with -o/);
  assert.equal((await cli('get', `${expected}/films/a/c.txt`)).stdout, 'text');
  const out = join(folder, 'out');
  const got = await cli('get', expected, '-o', out);
  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(read(out), files);
  assert.match((await cli('get', expected, '-o', out)).stderr, /is there already/);
  const wide = await cli('add', write('wide', trees['a wide one']));
  const back = join(folder, 'wide-out');
  assert.equal((await cli('ls', wide.stdout.trim())).stdout.split('\n').length, 2001, 'more than one answer holds');
  assert.equal((await cli('stat', `${wide.stdout.trim()}/file-7`, '--json')).code, 0);
  assert.equal((await cli('get', `${expected}/films`, '-o', back)).code, 0);
  assert.equal(statSync(join(back, 'a/b.mp4')).size, large.length);
});

test("hidden names stay out unless asked for, links are kept as links, as kubo's add does", async () => {
  const at = write('dotted', {'.hidden/x': 'x', '.dot': 'y', 'seen': 'z'});
  symlinkSync('seen', join(at, 'link'));
  mkdirSync(join(at, 'empty'));
  const link = {path: 'link', type: 'symlink'};
  const {UnixFS} = await import('ipfs-unixfs');
  const dagPb = await import('@ipld/dag-pb');
  const {sha256} = await import('multiformats/hashes/sha2');
  const node = async (entry, links = []) => {
    const block = dagPb.encode(dagPb.prepare({Data: entry.marshal(), Links: links}));
    return {Hash: CID.createV0(await sha256.digest(block)), Tsize: block.length + links.reduce((sum, one) => sum + one.Tsize, 0)};
  };
  const seen = await node(new UnixFS({type: 'file', data: Buffer.from('z')}));
  const expected = await node(new UnixFS({type: 'directory'}), [
    {Name: 'empty', ...(await node(new UnixFS({type: 'directory'})))}, {Name: link.path, ...(await node(new UnixFS({type: 'symlink', data: Buffer.from('seen')})))}, {Name: 'seen', ...seen}]);
  const added = await cli('add', at);
  assert.equal(added.stdout.trim(), expected.Hash.toString(), added.stderr);
  const all = (await cli('add', at, '--hidden')).stdout.trim();
  const out = join(folder, 'dotted-out');
  assert.equal((await cli('get', all, '-o', out)).code, 0);
  assert.deepEqual(read(out), {'.hidden/x': Buffer.from('x'), '.dot': Buffer.from('y'), 'seen': Buffer.from('z'), 'link': '-> seen'});
  assert.match((await cli('stat', `${all}/link`)).stdout, /symlink/);
});

test("a stranger's directory leads nowhere else", async () => {
  const {UnixFS} = await import('ipfs-unixfs');
  const dagPb = await import('@ipld/dag-pb');
  const {sha256} = await import('multiformats/hashes/sha2');
  const put = async (block) => {
    const cid = CID.createV0(await sha256.digest(block));
    await store.put(cid, block);
    return cid;
  };
  const file = await put(dagPb.encode(dagPb.prepare({Data: new UnixFS({type: 'file', data: Buffer.from('gotcha')}).marshal(), Links: []})));
  const gateway = await listen(store);
  const other = await Server.start({args: ['--ipfs-gateway', gateway]});
  endings.push(() => other.stop());
  for (const name of ['..', '.', 'a/b', '/etc/x', '']) {
    const root = await put(dagPb.encode(dagPb.prepare({Data: new UnixFS({type: 'directory'}).marshal(), Links: [{Name: name, Hash: file, Tsize: 1}]})));
    const out = join(folder, `evil-${encodeURIComponent(name)}`);
    const got = await command(['content', 'get', root.toString(), '-o', out, '--url', other.origin], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
    assert.notEqual(got.code, 0, `"${name}"`);
    assert.match(got.stderr, /no file name/);
    assert.deepEqual(readdirSync(out), []);
  }
});

// A trustless gateway over any blockstore.
async function listen(blocks) {
  const http = createServer(async (request, response) => {
    const found = /^\/ipfs\/(\w+)\?format=raw$/.exec(request.url);
    try {
      const parts = [];
      const got = blocks.get(CID.parse(found[1]), {offline: true});
      if (got[Symbol.asyncIterator] || got[Symbol.iterator]) for await (const part of got) parts.push(part);
      else parts.push(await got);
      response.writeHead(200, {'content-type': 'application/vnd.ipld.raw'}).end(Buffer.concat(parts));
    } catch {
      response.writeHead(404).end('not found');
    }
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  endings.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${http.address().port}`;
}

test('helia: the same CIDs, and its content byte by byte through a gateway of its blocks', async () => {
  const helia = await createHeliaLight();
  endings.push(() => helia.stop());
  const fs = unixfs(helia);
  const files = {'films/a/b.mp4': large, 'films/a/c.txt': Buffer.from('text'), 'read me': Buffer.from('first')};
  let last;
  for await (const entry of fs.addAll(source(files), {...options})) last = entry;
  const at = write('helia', files);
  assert.equal((await cli('add', at)).stdout.trim(), last.cid.toString());
  const film = (await fs.addBytes(large, {...options, wrapWithDirectory: false})).toString();
  assert.equal((await cli('add', join(at, 'films/a/b.mp4'))).stdout.trim(), film);
  const film1 = (await fs.addBytes(large, {...options, ...version1, wrapWithDirectory: false})).toString();
  assert.equal((await cli('add', join(at, 'films/a/b.mp4'), '--cid-version', '1')).stdout.trim(), film1);

  const fresh = await Server.start({args: ['--ipfs-gateway', await listen(helia.blockstore)]});
  endings.push(() => fresh.stop());
  const out = join(folder, 'from-helia');
  const got = await command(['content', 'get', last.cid.toString(), '-o', out, '--url', fresh.origin], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(read(out), files);
  // And the way back: helia reads what we made.
  const ours = await server.fetch(`/api/content/${last.cid}/bytes?path=films/a/b.mp4`, {token: await server.adminToken()});
  const parts = [];
  for await (const part of fs.cat(last.cid, {path: '/films/a/b.mp4', offline: true})) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(Buffer.from(await ours.arrayBuffer())));
});

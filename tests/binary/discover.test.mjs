// Configurations of other programs over the real binary, each test with a home folder of its own: found, shown without a secret,
// taken over, started.
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root, until} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-discover-'));
const home = join(folder, 'home');
const put = (path, text) => {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  writeFileSync(join(folder, path), text);
};
const memory = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
const everything = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-everything/dist/index.js');

let server;
let found; // by program
before(async () => {
  put('home/.config/Claude/claude_desktop_config.json', JSON.stringify({mcpServers: {notes: {command: process.execPath, args: [memory], env: {MEMORY_FILE_PATH: join(folder, 'hush-1.jsonl')}}}}));
  put('home/.config/Code/User/mcp.json', `// what I use
{"servers": {
  "everything": {"type": "stdio", "command": ${JSON.stringify(process.execPath)}, "args": [${JSON.stringify(everything)}, "stdio", "--token=hush-2"]}, /* asks for a key */
  "asks": {"command": "x", "env": {"KEY": "\${input:key}"}},
}}`);
  put('home/.cursor/mcp.json', '{"mcpServers": {');
  put('home/.codeium/windsurf/mcp_config.json', JSON.stringify({mcpServers: {remote: {serverUrl: 'https://me:hush-3@search.example/mcp?key=hush-4', headers: {Authorization: 'Bearer hush-5'}}, off: {command: 'x', disabled: true}}}));
  put('elsewhere.json', JSON.stringify({mcpServers: {'hush-6': {command: 'x'}}}));
  symlinkSync(join(folder, 'elsewhere.json'), join(home, '.mcp.json'));
  put('home/.claude.json', JSON.stringify({projects: {[home]: {}}}));
  server = await Server.start({env: {HOME: home, TELLTALE_LOG_LEVEL: 'error'}});
  const {items} = await server.api('/api/fleet/discover');
  found = Object.fromEntries(items.map((one) => [one.program, one]));
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

test('what each program has is found, with what is wrong where something is', () => {
  assert.deepEqual(Object.keys(found).sort(), ['Claude Code, project', 'Claude Desktop', 'Cursor', 'VS Code', 'Windsurf']);
  assert.equal(found['Claude Desktop'].path, join(home, '.config/Claude/claude_desktop_config.json'));
  assert.deepEqual(found['Claude Desktop'].servers, [{name: 'notes', own_name: 'notes', transport: 'stdio', target: `${process.execPath} ${memory}`, variables: ['MEMORY_FILE_PATH'], headers: [], disabled: false, error: null, known: false}]);
  const [first, asks] = found['VS Code'].servers;
  assert.equal(first.target, `${process.execPath} ${everything} stdio --token=••••`);
  assert.match(asks.error, /needs \$\{input:key\}, which only that program can fill in/);
  assert.match(found.Cursor.error, /not valid JSON at line 1, column 17/);
  assert.deepEqual(found.Windsurf.servers.map(({name, transport, target, disabled}) => [name, transport, target, disabled]), [['remote', 'http', 'https://search.example/mcp', false], ['off', 'stdio', 'x', true]]);
  assert.match(found['Claude Code, project'].error, /leads outside of the home folder/);
});

test('no value of a variable, a header or an argument that is secret is shown', async () => {
  const text = await (await server.fetch('/api/fleet/discover', {token: server.token})).text();
  assert.match(text, /MEMORY_FILE_PATH/);
  assert.doesNotMatch(text, /hush/);
});

test('servers are taken over from the file with their secrets, and started', async () => {
  const taken = await server.api('/api/fleet/import', {method: 'POST', body: {source: found['Claude Desktop'].source, servers: ['notes', 'nonsense']}});
  assert.deepEqual(taken, {added: ['notes'], failed: [{name: 'nonsense', error: 'the file has no server called nonsense'}]});
  const record = await until('notes is healthy', () => server.api('/api/servers/notes'), (one) => one.health_status === 'healthy');
  assert.equal(record.origin, 'api');
  const made = await server.api('/api/servers/notes/tools/create_entities/call', {method: 'POST', body: {arguments: {entities: [{name: 'a', entityType: 'b', observations: ['c']}]}}});
  assert.equal(made.is_error, false, 'it runs with the variable of the file');
  const {items} = await server.api('/api/fleet/discover');
  assert.equal(items.find(({program}) => program === 'Claude Desktop').servers[0].known, true);
  const again = await server.api('/api/fleet/import', {method: 'POST', body: {source: found['Claude Desktop'].source, servers: ['notes']}});
  assert.match(again.failed[0].error, /exists/);
});

test('what cannot be taken over says why; nothing else becomes a server', async () => {
  const asks = await server.api('/api/fleet/import', {method: 'POST', body: {source: found['VS Code'].source, servers: ['asks']}});
  assert.deepEqual(asks.added, []);
  assert.match(asks.failed[0].error, /^asks needs \$\{input:key\}/);
  const unknown = await server.fetch('/api/fleet/import', {method: 'POST', token: server.token, body: {source: '/etc/passwd', servers: ['x']}});
  assert.equal(unknown.status, 404);
  const off = await server.api('/api/fleet/import', {method: 'POST', body: {source: found.Windsurf.source, servers: ['off']}});
  assert.deepEqual(off.added, ['off']);
  assert.equal((await server.api('/api/servers/off')).desired, 'stopped', 'what is switched off there is not started here');
});

test('only who may define commands is told', async () => {
  await server.api('/api/users', {method: 'POST', body: {username: 'op', password: 'a longer password', role: 'operator'}});
  const {access_token: token} = await (await server.fetch('/api/auth/login', {method: 'POST', body: {username: 'op', password: 'a longer password'}})).json();
  for (const [path, method] of [['/api/fleet/discover', 'GET'], ['/api/fleet/import', 'POST']]) {
    const answer = await server.fetch(path, {method, token, body: method === 'POST' ? {source: 'x', servers: ['x']} : undefined});
    assert.equal(answer.status, 403, `${method} ${path}`);
  }
});

test('the command line lists them and takes them over', async () => {
  const env = {TELLTALE_URL: server.origin, TELLTALE_PASSWORD: adminPassword};
  const listed = await command(['discover'], {env});
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /VS Code {2}.*mcp\.json\n {4}everything +stdio/);
  assert.match(listed.stdout, /notes +stdio +here already/);
  assert.doesNotMatch(listed.stdout, /hush/);
  const json = JSON.parse((await command(['discover', '--json'], {env})).stdout);
  assert.equal(json.items.length, 5);
  const taken = await command(['discover', found['VS Code'].source, 'everything', 'asks'], {env});
  assert.equal(taken.code, 2, 'one of them could not be taken');
  assert.match(taken.stdout, /everything: added\nasks: asks needs/);
});

test('--no-discover tells nobody', async () => {
  const quiet = await Server.start({args: ['--no-discover'], env: {HOME: home, TELLTALE_LOG_LEVEL: 'error'}});
  try {
    await quiet.api('/api/servers');
    const answer = await quiet.fetch('/api/fleet/discover', {token: quiet.token});
    assert.equal(answer.status, 503);
    assert.match((await answer.json()).detail, /--no-discover/);
  } finally {
    await quiet.stop();
  }
});

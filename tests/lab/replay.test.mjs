// Record and replay as a user meets them: a session through `telltale tap --record`, the kind `replay` against the same server and
// against one that has changed, a suite made from the recording, and the same from a server of the fleet over the API: over stdio and
// Streamable HTTP, and over the death of a server.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {Server, binary, command, root, testRun, until, within} from '../support/telltale.mjs';
import {referenceServers} from './reference.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-replay-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const talkative = join(root, 'tests/lab/servers/talkative.mjs');
const file = join(folder, 'session.jsonl');
const lines = () => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

// A client of its own: what it asks in turn, and roots when it is asked.
async function record(calls) {
  const child = spawn(binary(), ['tap', '--record', file, '--name', 'mine', '--', process.execPath, talkative], {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: process.env.PATH, HOME: folder, ...testRun}});
  const ended = once(child, 'exit');
  const read = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  const send = (message) => child.stdin.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`);
  let id = 0;
  const ask = async (method, params) => {
    send({id: ++id, method, params});
    for (;;) {
      const message = JSON.parse((await within(20_000, method, read.next())).value);
      if (message.method === 'roots/list') send({id: message.id, result: {roots: [{uri: 'file:///a'}, {uri: 'file:///b'}]}});
      else if (message.id === id) return message;
    }
  };
  await ask('initialize', {protocolVersion: '2025-11-25', capabilities: {roots: {}}, clientInfo: {name: 'test', version: '1'}});
  send({method: 'notifications/initialized'});
  for (const [method, params] of calls) await ask(method, params);
  child.stdin.end();
  assert.equal((await within(20_000, 'the tap ends', ended))[0], 0);
}
const call = (name, given = {}) => ['tools/call', {name, arguments: given}];

before(() => record([['tools/list', {}], call('greet', {name: 'Ada'}), call('now'), call('count'), call('count'), call('where'), call('loud'), call('nothing'), call('login', {password: 'hunter2'})]));

let files = 0;
async function replay(options, env = {}) {
  const [suite, json] = [join(folder, `${++files}.yaml`), join(folder, `${files}.json`)];
  writeFileSync(suite, JSON.stringify({name: 'replayed', servers: {mine: {command: process.execPath, args: [talkative], env}}, cases: [{name: 'again', replay: {file: 'session.jsonl', ...options}}]}));
  const ended = await command(['test', suite, '--json', json], {ms: 60_000});
  return {...ended, ...JSON.parse(readFileSync(json, 'utf8')).runs[0].cases[0]};
}
const time = ['$.result.content[0].text', '$.result.structuredContent.time'];

test('a recording has every message with its direction and time, no secret, and is its owner\'s', () => {
  const [head, ...messages] = lines();
  assert.deepEqual([head.recording, head.name, head.command, head.args], [1, 'mine', process.execPath, [talkative]]);
  assert.equal(messages.filter(({message}) => message.method === 'tools/call').length, 8);
  assert.ok(messages.some(({direction, message}) => direction === 'to_client' && message.method === 'roots/list'));
  assert.ok(messages.every(({at_ms: at}, i) => i === 0 || at >= messages[i - 1].at_ms));
  assert.doesNotMatch(readFileSync(file, 'utf8'), /hunter2/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('the same server answers as recorded, with other ids and notifications in another order', async () => {
  const again = await replay({ignore: time}, {FIRST_ID: '5000', REVERSE: '1'});
  assert.equal(again.status, 'passed', again.stdout);
  assert.equal(again.figures.answers, 10);
  assert.equal(again.figures.notifications, 3);
});

test('what is volatile and not declared, and what has changed, is a mismatch with a diff', async () => {
  const undeclared = await replay({});
  assert.equal(undeclared.status, 'failed');
  assert.deepEqual(undeclared.attempts[0].mismatches.map(({step}) => step.replace(/^line \d+: /, '')), ['tools/call now']);
  const changed = await replay({ignore: ['$.result.structuredContent.time']}, {ANSWER: 'good morning'});
  const [greeting] = changed.attempts[0].mismatches;
  assert.match(greeting.step, /tools\/call greet$/);
  assert.match(greeting.diff, /-.*hello Ada[\s\S]*\+.*good morning Ada/);
  assert.match(changed.stdout, /good morning Ada/);
});

test('the recorded times are kept when they are asked for', async () => {
  const [, ...messages] = lines();
  const slow = join(folder, 'slow.jsonl');
  const [head, ...rest] = readFileSync(file, 'utf8').trim().split('\n');
  writeFileSync(slow, [head, ...rest.map((line, i) => JSON.stringify({...JSON.parse(line), at_ms: messages[i].at_ms + (i > 3 ? 1500 : 0)}))].join('\n'));
  const kept = await replay({file: 'slow.jsonl', ignore: time, timing: 'recorded'});
  assert.equal(kept.status, 'passed', kept.stdout);
  assert.ok(kept.figures.took_ms >= 1500, `${kept.figures.took_ms}`);
});

test('what cannot be played says so: no file, no recording, a server that ends', async () => {
  assert.match((await replay({file: 'nowhere.jsonl'})).message, /nowhere\.jsonl/);
  writeFileSync(join(folder, 'wrong.jsonl'), `${JSON.stringify(lines()[0])}\n{"at_ms": 1}\n`);
  assert.match((await replay({file: 'wrong.jsonl'})).message, /line 2: direction/);
  const suite = join(folder, 'ends.yaml');
  const json = join(folder, 'ends.json');
  writeFileSync(suite, JSON.stringify({name: 'ends', servers: {mine: {command: process.execPath, args: [join(root, 'tests/support/servers/hostile.mjs'), 'exit-on-call']}}, cases: [{name: 'again', replay: {file: 'session.jsonl'}}]}));
  await command(['test', suite, '--json', json], {ms: 60_000});
  const [{attempts: [{mismatches}]}] = JSON.parse(readFileSync(json, 'utf8')).runs[0].cases;
  assert.ok(mismatches.some(({actual}) => /the server .*7/.test(actual)), JSON.stringify(mismatches));
});

test('a suite made from the recording holds, and fails when the server has changed', async () => {
  const imported = await command(['test', '--import', file]);
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /skip: the recording hides a secret/);
  const suite = join(folder, 'imported.yaml');
  writeFileSync(suite, imported.stdout);
  const json = join(folder, 'imported.json');
  const good = await command(['test', suite, '--json', json], {ms: 60_000});
  const {cases} = JSON.parse(readFileSync(json, 'utf8')).runs[0];
  // The roots were the recorded client's: only a replay gives them.
  assert.deepEqual(cases.map(({name, status}) => `${name} ${status}`), ['lists its tools passed', 'greet passed', 'now passed', 'count passed', 'count (2) passed', 'where failed', 'loud passed', 'nothing passed', 'login skipped'], good.stdout);
  writeFileSync(suite, imported.stdout.replace(/\{command: .*\}/, JSON.stringify({command: process.execPath, args: [talkative], env: {ANSWER: 'bye'}})));
  assert.match((await command(['test', suite], {ms: 60_000})).stdout, /FAILED +greet[\s\S]*bye Ada/);
  const broken = join(folder, 'broken.jsonl');
  writeFileSync(broken, `${JSON.stringify(lines()[0])}\n{"at_ms": 1}\n`);
  const nothing = await command(['test', '--import', broken]);
  assert.deepEqual([nothing.code, nothing.stdout], [2, '']);
  assert.match(nothing.stderr, /line 2/);
});

test('over the API: the last messages with a server, and a suite made from them that passes', async () => {
  const config = join(folder, 'fleet.json');
  writeFileSync(config, JSON.stringify({mcpServers: {mine: {command: process.execPath, args: [talkative]}}}));
  const telltale = await Server.start({args: ['--mcp-config', config]});
  after(() => telltale.stop('SIGKILL'));
  await until('it is healthy', async () => (await telltale.api('/api/servers/mine')).health_status, (status) => status === 'healthy');
  await telltale.api('/api/servers/mine/tools/greet/call', {method: 'POST', body: {arguments: {name: 'Grace'}}});
  await telltale.api('/api/servers/mine/tools/login/call', {method: 'POST', body: {arguments: {password: 'hunter2'}}});
  const kept = await telltale.api('/api/servers/mine/recording');
  assert.equal(kept.left_out, 0);
  assert.doesNotMatch(kept.recording, /hunter2/);
  const messages = kept.recording.trim().split('\n').slice(1).map((line) => JSON.parse(line).message);
  assert.equal(messages.find(({method}) => method === 'initialize')?.jsonrpc, '2.0');
  assert.ok(messages.some(({result}) => result?.content?.[0].text === 'hello Grace'));

  const made = await telltale.api('/api/tests/import', {method: 'POST', body: {server: 'mine'}});
  assert.match(made.yaml, /fleet: "mine"/);
  assert.equal(made.cases, 3);
  const stored = await telltale.api('/api/tests', {method: 'POST', body: {yaml: made.yaml.replace('name: "mine, as recorded"', 'name: made\ntags: [recorded]')}});
  const ran = await telltale.api('/api/tests/run', {method: 'POST', body: {id: stored.id}});
  assert.equal(ran.status, 'passed', JSON.stringify(await telltale.api(`/api/tests/runs/${ran.id}`)));
  assert.deepEqual((await telltale.api('/api/tests')).items.map(({tags}) => tags), [['recorded']]);

  const replayed = await telltale.api('/api/tests/run', {method: 'POST', body: {yaml: JSON.stringify({name: 'replayed', servers: {mine: {fleet: 'mine'}}, cases: [{name: 'again', replay: {recording: kept.recording}}, {name: 'a file', replay: {file: '/etc/passwd'}}]})}});
  const cases = (await telltale.api(`/api/tests/runs/${replayed.id}`)).cases;
  assert.deepEqual(cases.map(({name, status}) => [name, status]), [['again', 'passed'], ['a file', 'error']]);
  assert.match(cases[1].message, /needs a suite that is a file/);

  const wrong = await telltale.fetch('/api/tests/import', {method: 'POST', token: await telltale.adminToken(), body: {recording: 'no'}});
  assert.ok([400, 422].includes(wrong.status), `${wrong.status}`);
  const token = (await telltale.api('/api/tokens', {method: 'POST', body: {name: 'reads', scopes: ['tests:read', 'fleet:read']}})).token;
  assert.equal((await telltale.fetch('/api/servers/mine/recording', {token})).status, 403);
  assert.equal((await telltale.fetch('/api/tests/import', {method: 'POST', token, body: {server: 'mine'}})).status, 403);
});

const isHealthy = (telltale, name) => until(`${name} is healthy`, async () => telltale.api(`/api/servers/${name}`), (one) => one.health_status === 'healthy');

test('a server that died and came back: what was said before is still in the recording, and both sessions are played', async () => {
  const config = join(folder, 'dies.json');
  writeFileSync(config, JSON.stringify({mcpServers: {mine: {command: process.execPath, args: [talkative]}}}));
  const telltale = await Server.start({args: ['--mcp-config', config]});
  after(() => telltale.stop('SIGKILL'));
  const {process: first} = await isHealthy(telltale, 'mine');
  const count = () => telltale.api('/api/servers/mine/tools/count/call', {method: 'POST', body: {arguments: {}}});
  await count();
  await count();
  process.kill(first.pid, 'SIGKILL');
  await until('it is there again', () => telltale.api('/api/servers/mine'), (one) => one.health_status === 'healthy' && one.process.pid !== first.pid);
  await count();
  await telltale.api('/api/servers/mine/restart', {method: 'POST', body: {}});
  await isHealthy(telltale, 'mine');
  const {recording} = await telltale.api('/api/servers/mine/recording');
  const messages = recording.trim().split('\n').slice(1).map((line) => JSON.parse(line));
  const answers = messages.filter(({message}) => message.result?.content).map(({session = 1, message}) => [session, message.result.content[0].text]);
  assert.deepEqual(answers, [[1, 'call 1'], [1, 'call 2'], [2, 'call 1']]);
  assert.equal(messages.filter(({message}) => message.method === 'initialize').length, Math.max(...messages.map(({session = 1}) => session)));
  assert.ok(messages.every(({at_ms: at}, i) => i === 0 || at >= messages[i - 1].at_ms));

  writeFileSync(join(folder, 'dies.jsonl'), recording);
  const again = await replay({file: 'dies.jsonl'});
  assert.equal(again.status, 'passed', again.stdout);
  assert.equal(again.figures.sessions, Math.max(...messages.map(({session = 1}) => session)));
  // One process for all of it would have counted on.
  writeFileSync(join(folder, 'one.jsonl'), recording.replaceAll(/"session":\d+,/g, ''));
  assert.equal((await replay({file: 'one.jsonl', answer_timeout_s: 5})).status, 'failed');
});

test('over Streamable HTTP: a session with the server of npm, recorded by the fleet, is played again and made a suite', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address();
  probe.close();
  await once(probe, 'close');
  const {argv} = referenceServers(folder).find(({http}) => http);
  const config = join(folder, 'http.json');
  const definition = (number) => ({type: 'http', command: process.execPath, args: argv, env: {PORT: `${number}`}, url: `http://127.0.0.1:${number}/mcp`});
  writeFileSync(config, JSON.stringify({mcpServers: {everything: definition(port)}}));
  const telltale = await Server.start({args: ['--mcp-config', config]});
  after(() => telltale.stop('SIGKILL'));
  await isHealthy(telltale, 'everything');
  const use = (tool, given) => telltale.api(`/api/servers/everything/tools/${tool}/call`, {method: 'POST', body: {arguments: given}});
  assert.equal((await use('echo', {message: 'over HTTP'})).result.content[0].text, 'Echo: over HTTP');
  await use('get-sum', {a: 2, b: 40});
  await use('get-structured-content', {location: 'Chicago'});
  await use('trigger-long-running-operation', {duration: 1, steps: 2}); // its progress comes as an event stream
  const {recording} = await telltale.api('/api/servers/everything/recording');
  const [head, ...messages] = recording.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([head.transport, head.url], ['http', `http://127.0.0.1:${port}/mcp`]);
  assert.equal(messages.filter(({message}) => message.method === 'tools/call').length, 4);
  assert.ok(messages.some(({message}) => message.method === 'notifications/progress'));

  writeFileSync(join(folder, 'http.jsonl'), recording)
  const play = async (name, file) => {
    const [suite, json] = [join(folder, `${name}.yaml`), join(folder, `${name}.json`)];
    writeFileSync(suite, JSON.stringify({name, servers: {everything: definition('${free_port}')}, cases: [{name: 'again', replay: {file}}]}));
    const ended = await command(['test', suite, '--json', json], {ms: 60_000});
    return {...ended, ...JSON.parse(readFileSync(json, 'utf8')).runs[0].cases[0]};
  };
  const again = await play('http', 'http.jsonl');
  assert.equal(again.status, 'passed', again.stdout + JSON.stringify(again.attempts, null, 1));
  assert.ok(again.figures.answers >= 5, JSON.stringify(again.figures));
  assert.ok(again.figures.notifications >= 1, JSON.stringify(again.figures));
  writeFileSync(join(folder, 'lies.jsonl'), recording.replace('Echo: over HTTP', 'Echo: over pigeons'));
  const lies = await play('lies', 'lies.jsonl');
  assert.equal(lies.status, 'failed');
  assert.deepEqual(lies.attempts[0].mismatches.map(({step}) => step.replace(/^line \d+: /, '')), ['tools/call echo']);

  const made = await telltale.api('/api/tests/import', {method: 'POST', body: {server: 'everything'}});
  const ran = await telltale.api('/api/tests/run', {method: 'POST', body: {yaml: made.yaml}});
  assert.equal(ran.status, 'passed', JSON.stringify(await telltale.api(`/api/tests/runs/${ran.id}`)).slice(0, 4000));
});

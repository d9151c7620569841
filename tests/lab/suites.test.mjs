// `telltale test` as a user meets it: the example suites against the reference servers, hostile servers in each phase, wrong suite
// files, reports that others read; and the same over the API of a running Telltale.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, test} from 'node:test';
import {Server, binary, command, root, testRun, until, within} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-suites-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const hostile = join(root, 'tests/support/servers/hostile.mjs');

function suite(name, text) {
  const path = join(folder, `${name}.yaml`);
  mkdirSync(join(path, '..'), {recursive: true});
  writeFileSync(path, text);
  return path;
}
const server = (...args) => `{command: node, args: ${JSON.stringify([hostile, ...args])}}`;

async function run(files, args = [], options = {}) {
  const json = join(folder, `result-${Math.random().toString(36).slice(2)}.json`);
  const ended = await command(['test', ...[files].flat(), '--json', json, ...args], {ms: 120_000, ...options});
  let result;
  try {
    result = JSON.parse(readFileSync(json, 'utf8'));
  } catch {
    // it did not get so far
  }
  return {...ended, result, cases: Object.fromEntries((result?.runs ?? []).flatMap((one) => one.cases.map((each) => [each.name, each])))};
}

test('the example suites pass against the reference servers', async () => {
  const html = join(folder, 'page.html');
  const {code, stdout, stderr, result, cases} = await run(join(root, 'suites'), ['--html', html, '--parallel', '4']);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(result.runs.length, 6);
  assert.equal(result.runs.find(({suite}) => suite === 'server-everything over HTTP').servers.everything.transport, 'http');
  assert.ok(result.runs.every(({servers}) => Object.values(servers).every(({protocol}) => protocol)), 'each says what it is');
  assert.ok(cases['eight callers'].latency.count > 50);
  assert.ok(cases['fifty calls a second, on time'].figures.calls_per_s <= 51);
  const page = readFileSync(html, 'utf8');
  assert.match(page, /server-filesystem/);
  assert.doesNotMatch(page, /<script|src=|href="http/, 'it stands alone');
});

test('a server over HTTP that a suite starts itself: each its own port, gone afterwards; one that does not start says why', async () => {
  const program = join(folder, 'listens.mjs');
  writeFileSync(program, `import {createServer} from 'node:http';
import {writeFileSync} from 'node:fs';
writeFileSync(process.argv[2], String(process.pid));
if (process.argv[3] === 'exit') { console.error('no such database'); process.exit(3); }
if (process.argv[3] !== 'deaf') createServer((request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
else setInterval(() => {}, 1000);`);
  const over = (name, how, more = '') => `  ${name}: {command: node, args: ["${program}", "${join(folder, `${name}.pid`)}", ${how}], env: {PORT: "\${free_port}"}, url: "http://127.0.0.1:\${free_port}/mcp"${more}}\n`;
  const gone = (name) => assert.throws(() => process.kill(Number(readFileSync(join(folder, `${name}.pid`), 'utf8')), 0), {code: 'ESRCH'}, name);

  const two = suite('two', `name: two\nservers:\n${over('one', 'serve')}${over('other', 'serve')}cases:\n  - {name: first, server: one, steps: [{ping: true}]}\n  - {name: second, server: other, steps: [{ping: true}]}\n`);
  const both = await run(two);
  assert.equal(both.code, 1, 'they listen, but speak no MCP');
  for (const name of ['first', 'second']) assert.doesNotMatch(both.cases[name].message, /did not start: it|refused/, both.cases[name].message);
  gone('one');
  gone('other');

  const dead = suite('dead', `name: dead\nservers:\n${over('dead', 'exit')}cases:\n  - {name: first, steps: [{ping: true}]}\n`);
  const ended = await run(dead);
  assert.equal(ended.code, 1);
  assert.match(ended.cases.first.message, /the server dead did not start: its program exited with code 3\n  no such database/);

  const deaf = suite('deaf', `name: deaf\nservers:\n${over('deaf', 'deaf', ', start_timeout_s: 1.5')}cases:\n  - {name: first, steps: [{ping: true}]}\n`);
  const late = await run(deaf);
  assert.match(late.cases.first.message, /the server deaf did not start: it does not listen on port \d+/);
  gone('deaf');
});

test('a failure shows request, answer, expectation and the log of the server', async () => {
  const file = suite('failing', `
name: <failing & "quoted">
servers: {s: ${server('normal')}}
cases:
  - name: "wrong \\u0001 text ]]>"
    steps:
      - {call: echo, arguments: {text: "<b>"}, expect: {json: [{path: "$.content[0].text", equals: other}]}}
  - name: fails rightly
    steps: [{call: fail, expect: {status: tool_error, contains: failed as asked}}]
  - name: left out
    skip: not today
    steps: [{ping: true}]
`);
  const junit = join(folder, 'junit.xml');
  const markdown = join(folder, 'summary.md');
  const {code, stdout, cases} = await run(file, ['--junit', junit, '--markdown', markdown]);
  assert.equal(code, 1, stdout);
  const failed = cases['wrong \u0001 text ]]>'];
  assert.equal(failed.status, 'failed');
  const [attempt] = failed.attempts;
  assert.deepEqual(attempt.mismatches.map(({what, expected, actual}) => [what, expected, actual]), [['$.content[0].text equals', '"other"', '"<b>"']]);
  const frames = attempt.exchanges.filter(({text}) => /"tools\/call"|"<b>"/.test(text));
  assert.deepEqual(frames.map(({direction}) => direction), ['>', '<']);
  assert.equal(cases['fails rightly'].status, 'passed');
  assert.equal(cases['left out'].status, 'skipped');
  const xml = readFileSync(junit, 'utf8');
  assert.match(xml, /<testsuites name="telltale" tests="3" failures="1" errors="0" skipped="1"/);
  assert.match(xml, /name="&lt;failing &amp; &quot;quoted&quot;&gt;"/);
  assert.match(xml, /name="wrong \ufffd text \]\]&gt;"/);
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  assert.match(readFileSync(markdown, 'utf8'), /1 failed/);
});

test('hostile servers end their case with a word, and no other', async () => {
  const behaviours = {
    'exit-at-once': /exited with code 3|did not start/,
    'hang-initialize': /did not start/,
    'hang-call': /not done within 1 s/,
    'exit-on-call': /exited|not running/,
    'close-stdout': /did not start|no answer|not done/,
    'long-line': /no answer/,
    'error-answers': /expected ok|status/,
  };
  const file = suite('hostile', `
name: hostile
servers:
${Object.keys(behaviours).map((name) => `  ${name}: {command: node, args: ${JSON.stringify([hostile, name, ...(name === 'exit-at-once' ? ['3'] : [])])}, start_timeout_s: 8}`).join('\n')}
  good: ${server('normal')}
  garbage: ${server('garbage')}
  flood: ${server('stderr-flood', '20000')}
defaults: {timeout_s: 15, parallel: 3}
cases:
${Object.keys(behaviours).map((name) => `  - {name: ${name}, server: ${name}, ${name === 'hang-call' ? 'timeout_s: 1, ' : ''}steps: [{call: echo, arguments: {text: a}}]}`).join('\n')}
  - {name: good, server: good, steps: [{call: echo, arguments: {text: a}, expect: {contains: a}}]}
  - {name: garbage, server: garbage, steps: [{call: echo, arguments: {text: a}, expect: {contains: a}}]}
  - {name: flood, server: flood, steps: [{call: echo, arguments: {text: a}, expect: {contains: a}}]}
`);
  const {code, stdout, cases} = await run(file);
  assert.equal(code, 1, stdout);
  for (const [name, expected] of Object.entries(behaviours)) {
    assert.ok(['failed', 'error'].includes(cases[name].status), `${name}: ${cases[name].status}`);
    assert.match(cases[name].message, expected, name);
  }
  for (const name of ['good', 'garbage', 'flood']) assert.equal(cases[name].status, 'passed', cases[name].message);
});

test('a hundred cases at a time on one server, each with its own messages', async () => {
  const file = suite('hundred', `
name: hundred
servers: {s: ${server('normal')}}
defaults: {parallel: 100, timeout_s: 60}
cases:
  - name: slow
    matrix: {n: [${Array.from({length: 100}, (_, n) => n)}]}
    steps: [{call: sleep, arguments: {ms: 300}}, {call: echo, arguments: {text: "number \${n}."}, expect: {contains: nowhere}}]
`);
  const {stdout, result} = await run(file);
  assert.equal(result?.runs[0].totals.failed, 100, stdout);
  assert.ok(result.runs[0].duration_ms < 20_000, `${result.runs[0].duration_ms} ms for 100 sleeps of 300`);
  for (const one of result.runs[0].cases) {
    const texts = one.attempts[0].exchanges.map(({text}) => text).join('\n');
    assert.match(texts, new RegExp(`number ${one.matrix.n}\\.`), one.name);
    assert.equal(new Set(texts.match(/number \d+\./g)).size, 1, `${one.name} has another's messages`);
  }
});

test('retries tell flaky from broken; setup, saved values and teardown', async () => {
  const file = suite('flaky', `
name: flaky
servers: {s: ${server('normal')}, f: {command: sh, args: [-c, "echo on stderr >&2; echo >> $MARK; if [ $(wc -l < $MARK) -gt 2 ]; then exec node ${hostile} normal; else exit 1; fi"], env: {MARK: "\${temp}/mark"}}}
setup: [{server: s, call: echo, arguments: {text: saved}, save: {word: "$.content[0].text"}}]
teardown: [{server: s, call: fail}]
cases:
  - {name: second time lucky, server: f, retries: 2, steps: [{call: echo, arguments: {text: "\${word}"}, expect: {contains: saved}}]}
  - {name: never, server: s, retries: 1, steps: [{call: fail}]}
`);
  const {code, cases} = await run(file);
  assert.equal(code, 1);
  assert.equal(cases['second time lucky'].status, 'flaky', cases['second time lucky'].message);
  assert.equal(cases['second time lucky'].attempts.length, 2);
  // Twice: what ends at the first question of the modern era is asked again as a legacy server.
  assert.deepEqual(cases['second time lucky'].attempts[0].log, ['on stderr', 'on stderr']);
  assert.equal(cases.never.attempts.length, 2);
  assert.equal(cases.teardown.status, 'failed', 'it ran, and what failed in it is said');
});

test('golden files are written by --update, and what differs is shown', async () => {
  const text = (said) => `
name: golden
servers: {s: ${server('normal')}}
cases: [{name: kept, steps: [{call: echo, arguments: {text: ${said}}, expect: {golden: golden/kept.json}}]}]
`;
  const file = suite('golden/suite', text('one'));
  assert.equal((await run(file)).code, 1, 'there is none yet');
  assert.equal((await run(file, ['--update'])).code, 0);
  assert.equal((await run(file)).code, 0);
  suite('golden/suite', text('two'));
  const {code, stdout, cases} = await run(file);
  assert.equal(code, 1);
  assert.match(stdout, /-.*"one"[\s\S]*\+.*"two"/);
  assert.match(cases.kept.attempts[0].mismatches[0].diff, /-.*one/);
});

test('wrong suites: every fault with line and column, before anything runs', async () => {
  const file = suite('wrong', `name: wrong
servers: {s: ${server('normal')}}
cases:
  - name: a
    kind: dance
    steps: [{ping: true}]
  - name: b
    steps: [{cal: echo}]
`);
  const {code, stderr, stdout} = await run(file);
  assert.equal(code, 2);
  assert.match(stderr, /wrong\.yaml:5:11: cases\[0\]\.kind "dance" is no kind; known are .*load/);
  assert.match(stderr, /wrong\.yaml:8:14: cases\[1\]\.steps\[0\]\.cal is not known here/);
  assert.equal(stdout, '');
  assert.equal((await command(['test', join(folder, 'nothing')])).code, 2);
  let laughs = 'a0: &a0 ha\n';
  for (let i = 1; i < 12; ++i) laughs += `a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`)}]\n`;
  const began = performance.now();
  assert.match((await run(suite('laughs', laughs))).stderr, /unfolds to more than/);
  assert.ok(performance.now() - began < 10_000);
  assert.match((await run(suite('huge', `name: ${'x'.repeat(2 << 20)}`))).stderr, /at most 1048576 bytes are taken/);
});

test('selection, list, schema, seed', async () => {
  const listed = await command(['test', join(root, 'suites'), '--list', '--tag', 'smoke']);
  assert.match(listed.stdout, /echo says it again \(functional\)/);
  assert.doesNotMatch(listed.stdout, /sums/);
  const schema = await command(['test', '--schema']);
  assert.equal(schema.stdout, readFileSync(join(root, 'docs/lab/suite.schema.json'), 'utf8'), 'telltale test --schema > docs/lab/suite.schema.json');
  const {code, stdout, result} = await run(join(root, 'suites/everything.yaml'), ['--case', 'sums', '--seed', '7']);
  assert.equal(code, 0, stdout);
  assert.deepEqual(result.runs[0].cases.map(({name}) => name), ['sums [b=3]', 'sums [b=-3]', 'sums [b=0.5]']);
  assert.equal(result.runs[0].seed, 7);
  assert.equal((await run(join(root, 'suites/everything.yaml'), ['--case', 'no such'])).code, 2);
});

test('an interrupt ends what runs, teardown included, and the reports are written', async () => {
  const file = suite('long', `
name: long
servers: {s: ${server('normal')}}
cases:
  - {name: sleeps, steps: [{call: sleep, arguments: {ms: 600000}}]}
  - {name: waits, serial: true, steps: [{ping: true}]}
`);
  const json = join(folder, 'long.json');
  const child = spawn(binary(), ['test', file, '--json', json], {stdio: ['ignore', 'pipe', 'inherit'], env: {PATH: process.env.PATH, HOME: folder, ...testRun}});
  const ended = once(child, 'close');
  await within(20_000, 'the suite begins', once(createInterface(child.stdout), 'line'));
  child.kill('SIGINT');
  const [code] = await within(20_000, 'telltale test ends', ended);
  assert.equal(code, 1);
  const [{cases}] = JSON.parse(readFileSync(json, 'utf8')).runs;
  assert.deepEqual(cases.map(({status}) => status), ['cancelled', 'cancelled']);
});

test('an interrupt ends every kind of case at once, and no server is left', async () => {
  const pids = join(folder, 'pids');
  const noted = JSON.stringify({command: 'sh', args: ['-c', `echo $$ >> ${pids}; exec ${process.execPath} ${hostile} normal`]});
  const kinds = {load: '{concurrency: 4, duration_s: 600}', chaos: '{duration_s: 600, faults: [{kind: delay}]}', bench: '{rounds: 10000, calls: [{tool: sleep, arguments: {ms: 50}}]}', property: '{tools: [sleep], runs: 100000}', fuzz: '{inputs: 100000}'};
  const file = suite('kinds', `
name: kinds
servers: {s: ${noted}}
defaults: {parallel: 10, timeout_s: 600}
cases:
  - {name: functional, steps: [{call: sleep, arguments: {ms: 600000}}]}
${Object.entries(kinds).map(([kind, options]) => `  - {name: ${kind}, ${kind}: ${options}${kind === 'load' ? ', steps: [{call: echo, arguments: {text: x}}]' : ''}}`).join('\n')}
`);
  const json = join(folder, 'kinds.json');
  const child = spawn(binary(), ['test', file, '--json', json], {stdio: ['ignore', 'ignore', 'inherit'], env: {PATH: process.env.PATH, HOME: folder, ...testRun}});
  const ended = once(child, 'close');
  const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []);
  // One of their own for chaos, bench and fuzz, one that the others share.
  await until('four servers run', () => started().length >= 4);
  child.kill('SIGINT');
  const [code, signal] = await within(20_000, 'telltale test ends', ended);
  assert.deepEqual([code, signal], [1, null]);
  const [{cases}] = JSON.parse(readFileSync(json, 'utf8')).runs;
  assert.deepEqual(cases.map(({name, status}) => `${name} ${status}`), ['functional', ...Object.keys(kinds)].map((name) => `${name} cancelled`));
  for (const pid of started()) assert.throws(() => process.kill(pid, 0), {code: 'ESRCH'}, `${pid} has ended`);
});

test('over the API: suites with versions, a run told live and stored, rights, a death in between', async () => {
  const state = mkdtempSync(join(tmpdir(), 'telltale-lab-'));
  let telltale = await Server.start({state});
  after(async () => {
    await telltale.stop('SIGKILL');
    rmSync(state, {recursive: true, force: true});
  });
  const yaml = (ms, name = 'by API') => `name: ${name}\nservers: {s: ${server('normal')}}\ncases:\n  - {name: sleeps, steps: [{call: sleep, arguments: {ms: ${ms}}}]}\n  - {name: fails, steps: [{call: fail}]}\n`;
  const made = await telltale.api('/api/tests', {method: 'POST', body: {yaml: yaml(1)}});
  assert.equal(made.version, 1);
  const changed = await telltale.api(`/api/tests/${made.id}`, {method: 'PUT', body: {yaml: yaml(2), version: 1}});
  assert.equal(changed.version, 2);
  await assert.rejects(telltale.api(`/api/tests/${made.id}`, {method: 'PUT', body: {yaml: yaml(3), version: 1}}), /answered 409/);
  assert.match((await telltale.api(`/api/test-suites/${made.id}?version=1`)).yaml, /ms: 1\}/);
  assert.deepEqual((await telltale.api(`/api/tests/${made.id}`)).versions.map(({version}) => version), [2, 1]);
  const wrong = await telltale.api('/api/tests/validate', {method: 'POST', body: {yaml: 'name: x\nservers: {}\ncases: 3\n'}});
  assert.equal(wrong.valid, false);
  assert.deepEqual(wrong.problems.map(({line, field}) => [line, field]), [[2, '/servers'], [3, '/cases']]);
  await assert.rejects(telltale.api('/api/tests', {method: 'POST', body: {yaml: 'name: x\n'}}), /answered 422|answered 400/);

  const ended = await telltale.api('/api/tests/run', {method: 'POST', body: {id: made.id}});
  assert.equal(ended.status, 'failed');
  assert.equal(ended.totals.passed, 1);
  const whole = await telltale.api(`/api/tests/runs/${ended.id}`);
  assert.deepEqual(whole.cases.map(({name, status}) => [name, status]), [['sleeps', 'passed'], ['fails', 'failed']]);
  assert.ok(whole.cases[1].attempts[0].exchanges.length > 0);
  const listed = await telltale.api(`/api/tests/${made.id}/results`);
  assert.deepEqual(listed.items.map(({id}) => id), [ended.id]);
  const events = (await telltale.api('/api/events?limit=1000')).items.filter(({type}) => type === 'test_progress').map(({data}) => data);
  assert.deepEqual([events[0].event, events.at(-1).event], ['started', 'ended']);
  assert.ok(events.some(({event, case: one}) => event === 'case_ended' && one.name === 'fails'));

  // A conformance case tells of each scene as it ends, not only at the end.
  const judged = await telltale.api('/api/tests/run', {method: 'POST', body: {yaml: `name: judged\nservers: {s: ${server('normal')}}\ncases: [{name: c, conformance: {rules: [lifecycle]}}]\n`}});
  const scenes = (await telltale.api('/api/events?limit=1000')).items.filter(({type, data}) => type === 'test_progress' && data.run_id === judged.id && data.event === 'case_progress').map(({data}) => data.case.message);
  assert.ok(scenes.length > 0 && scenes.every((one) => one.startsWith('scene ')), JSON.stringify(scenes));

  const token = (await telltale.api('/api/tokens', {method: 'POST', body: {name: 'ci', scopes: ['tests:read', 'tests:run', 'tests:write', 'operations:read']}})).token;
  const refused = await telltale.fetch('/api/tests/run', {method: 'POST', token, body: {yaml: yaml(1)}});
  assert.equal(refused.status, 403, 'a suite that names a command is a command');
  const allowed = await telltale.fetch('/api/tests/run', {method: 'POST', token, body: {id: made.id}, headers: {prefer: 'wait=30'}});
  assert.equal(allowed.status, 200, 'who wrote it had the right');

  const slow = await telltale.api('/api/tests', {method: 'POST', body: {yaml: yaml(600_000, 'slow')}});
  const begun = await telltale.fetch('/api/tests/run', {method: 'POST', token: await telltale.adminToken(), body: {id: slow.id}, headers: {prefer: 'wait=0'}});
  assert.equal(begun.status, 202);
  const running = await until('the run begins', async () => (await telltale.api('/api/tests/runs?status=running')).items[0]);
  await telltale.stop('SIGKILL');
  telltale = await Server.start({state});
  assert.equal((await telltale.api(`/api/tests/runs/${running.id}`)).status, 'interrupted');

  const again = await telltale.fetch('/api/tests/run', {method: 'POST', token: await telltale.adminToken(), body: {id: slow.id}, headers: {prefer: 'wait=0'}});
  const operation = (await again.json()).operation_id;
  await until('the second run begins', async () => (await telltale.api('/api/tests/runs?status=running')).items[0]);
  await telltale.api(`/api/operations/${operation}/cancel`, {method: 'POST', body: {}});
  const cancelled = await until('the run is stored as cancelled', async () => (await telltale.api('/api/tests/runs?status=cancelled')).items[0]);
  assert.equal(cancelled.suite, 'slow');
  await telltale.api(`/api/tests/${slow.id}`, {method: 'DELETE'});
  await assert.rejects(telltale.api(`/api/tests/${slow.id}`), /answered 404/);
});

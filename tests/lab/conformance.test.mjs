// The rules of `telltale probe` against servers that break them: each mutant is caught by the rule it is named after, the server without
// a fault has no finding, and the reference servers have none but those listed here with their reason.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, test} from 'node:test';
import {command, root, testRun, within} from '../support/telltale.mjs';
import {mutations} from './mutants/mutations.mjs';
import {ruleTable} from '../../tools/dev/lab-docs.mjs';
import {knownFindings, referenceServers} from './reference.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-lab-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const server = join(root, 'tests/lab/mutants/server.mjs');
const patient = 300_000; // how long a loaded machine may take; nothing waits for it

async function card(target, ...flags) {
  const {code, stdout, stderr} = await command(['probe', '--json', '-', '--timeout', '240', ...flags, ...target], {ms: patient});
  assert.ok(code === 0 || code === 1, `exit code ${code}: ${stderr}`);
  const json = JSON.parse(stdout);
  assert.equal(code, json.conformance.must_broken > 0 ? 1 : 0, 'the exit code says whether a MUST is broken');
  return json;
}

// An HTTP server, until `use` is done: it says on stderr that it listens, with its address or on the port it was given.
async function overHttp(argv, port, use) {
  const env = {...process.env, ...testRun, ...(port && {PORT: String(port)})};
  const child = spawn(process.execPath, argv, {stdio: ['pipe', 'ignore', 'pipe'], env});
  try {
    const lines = createInterface({input: child.stderr});
    const told = new Promise((done) => lines.on('line', (line) => /listening on/.test(line) && done(line)));
    const line = await within(patient, 'the address', told);
    return await use(line.match(/http:\/\/\S+/)?.[0] ?? `http://127.0.0.1:${port}/mcp`);
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const {port} = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

function examineMutant(name, {http = false, modern = false}, ...flags) {
  const argv = [server, ...(name ? ['--mutation', name] : []), ...(modern ? ['--modern'] : []), ...(http ? ['--http'] : [])];
  return http ? overHttp(argv, 0, (url) => card([url], ...flags)) : card(['--', process.execPath, ...argv], ...flags);
}

const shown = (findings) => findings.map(({rule, detail}) => `${rule}: ${detail}`).join('\n');

// Several at a time: most of it is waiting for processes to start.
async function inParallel(count, items, work) {
  const left = items.values();
  await Promise.all(
    Array.from({length: count}, async () => {
      for (const item of left) await work(item);
    }),
  );
}

test('the server without a fault has no finding, in both eras, over stdio and HTTP', async () => {
  const ways = [{}, {http: true}, {modern: true}, {modern: true, http: true}];
  await inParallel(2, ways, async (way) => {
    const {findings, conformance, eras} = await examineMutant('', way, '--rules-only');
    assert.equal(shown(findings), '', JSON.stringify(way));
    assert.deepEqual(eras, [way.modern ? 'modern' : 'legacy']);
    assert.ok(conformance.passed > (way.modern ? 60 : 90), `${conformance.passed} rules judged in ${JSON.stringify(way)}`);
  });
});

test('a server that is long in starting is known for what it speaks all the same', async () => {
  const {eras, conformance} = await card(['--', process.execPath, server, '--modern', '--late'], '--rule', 'tools.list-order');
  assert.deepEqual(eras, ['modern']);
  assert.equal(conformance.passed, 1);
});

test('each mutant is caught by the rule it is named after', {concurrency: 3}, async (t) => {
  await Promise.all(
    mutations.map(([name, way]) =>
      t.test(name, async () => {
        const {findings} = await examineMutant(name, way, '--rule', name, '--request-timeout', '3');
        assert.ok(findings.some(({rule}) => rule === name), `found instead: ${shown(findings)}`);
        for (const {section, remedy, level} of findings) assert.ok(section && remedy && level, 'a finding says where and what to do');
      }),
    ),
  );
});

test('every rule that a mutant is named after exists, and every rule but the listed ones has a mutant', async () => {
  const {stdout} = await command(['probe', '--list-rules']);
  const rules = [...stdout.matchAll(/^(\S+)/gm)].map(([, id]) => id);
  assert.ok(rules.length >= 80, `${rules.length} rules`);
  assert.equal(new Set(rules).size, rules.length, 'each has an id of its own');
  const named = new Set(mutations.map(([name]) => name));
  assert.deepEqual([...named].filter((name) => !rules.includes(name)), []);
  assert.deepEqual(rules.filter((name) => !named.has(name)), [], 'rules without a mutant');
});

test('docs/lab/conformance.md lists the rules as the binary does', async () => {
  const {stdout} = await command(['probe', '--list-rules']);
  const doc = readFileSync(join(root, 'docs/lab/conformance.md'), 'utf8');
  assert.equal(doc.slice(doc.indexOf('| Rule |')), ruleTable(stdout));
});

for (const {name, argv, http} of referenceServers(folder))
  test(`reference server ${name}: no finding that is not known and true`, async () => {
    const json = http ? await overHttp(argv, await freePort(), (url) => card([url], '--rules-only')) : await card(['--', process.execPath, ...argv], '--rules-only');
    const must = json.findings.filter(({level}) => level === 'MUST').map(({rule}) => rule);
    assert.deepEqual(must, Object.keys(knownFindings[name] ?? {}), shown(json.findings));
  });

test('the whole card of server-everything: every part is there, and the page stands alone', async () => {
  const page = join(folder, 'card.html');
  const json = join(folder, 'card.json');
  const {argv} = referenceServers(folder)[0];
  const {code, stdout} = await command(['probe', '--html', page, '--json', json, '--timeout', '240', '--', process.execPath, ...argv], {ms: patient});
  assert.equal(code, 0, stdout);
  for (const word of ['score', 'conformance', 'latency', 'garbage', 'kill -9']) assert.match(stdout, new RegExp(word));
  const card = JSON.parse(readFileSync(json, 'utf8'));
  const counted = card.score.parts.filter(({counted: counts}) => counts);
  const sum = (key) => counted.reduce((all, part) => all + part[key], 0);
  assert.ok(Math.abs(card.score.value - (100 * sum('points')) / sum('weight')) < 1e-6, 'the score is what its parts say');
  assert.ok(card.garbage.length >= 17 && card.garbage.every(({alive}) => alive));
  assert.equal(card.recovery.kill_to_answer_ms.length, 3);
  assert.ok(card.latency[0].p99_ms >= card.latency[0].p50_ms && card.latency[0].calls > 0);
  const html = readFileSync(page, 'utf8');
  assert.doesNotMatch(html, /<script|src=|href=/);
  assert.match(html, /prefers-color-scheme/);
});

test('exit code 2: nobody to examine, or a rule that does not exist', async () => {
  const gone = await command(['probe', '--', '/bin/false'], {ms: patient});
  assert.equal(gone.code, 2, gone.stdout + gone.stderr);
  const unknown = await command(['probe', '--rule', 'no.such-rule', '--', '/bin/cat'], {ms: patient});
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no\.such-rule/);
});

test('--strict fails a broken SHOULD, --skip leaves it out', async () => {
  const argv = ['--', process.execPath, server, '--mutation', 'tools.name-characters'];
  const run = async (...flags) => (await command(['probe', '--rule', 'tools', ...flags, ...argv], {ms: patient})).code;
  assert.equal(await run(), 0);
  assert.equal(await run('--strict'), 1);
  assert.equal(await run('--strict', '--skip', 'tools.name-characters'), 0);
});

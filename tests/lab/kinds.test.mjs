// The kinds of cases that judge by themselves, against a server with the fault each is there to find, and against one without.
import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {command, root} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-kinds-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const careless = (...args) => ({command: process.execPath, args: [join(root, 'tests/lab/servers/careless.mjs'), ...args]});
const everything = {command: process.execPath, args: [join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-everything/dist/index.js'), 'stdio']};

let files = 0;
// One case, as JSON is YAML too: its result, and what `telltale test` said.
async function runCase(one, servers = {server: careless()}) {
  const [file, json] = [join(folder, `${++files}.yaml`), join(folder, `${files}.json`)];
  writeFileSync(file, JSON.stringify({name: 'kinds', servers, cases: [{name: 'one', server: 'server', timeout_s: 120, ...one}]}));
  const {code, stdout, stderr} = await command(['test', file, '--seed', '7', '--json', json], {ms: 150_000});
  const result = JSON.parse(readFileSync(json, 'utf8')).runs[0].cases[0];
  assert.equal(code, result.status === 'passed' ? 0 : 1, stdout + stderr);
  return result;
}
const attempt = (result) => result.attempts.at(-1);

test('property: an input that kills is found, and made as small as it still does', async () => {
  const result = await runCase({property: {tools: ['dies_of_long_texts'], runs: 60}});
  assert.equal(result.status, 'failed');
  const [found] = attempt(result).mismatches;
  assert.match(found.actual, /the server ended/);
  assert.match(found.step, /^call dies_of_long_texts with \{"text":"[^"]{5}"\}$/u, 'five characters, and nothing else');
  assert.ok(result.figures.restarts > 0);
});

test('property: structured content that breaks its schema, with the smallest input that does it', async () => {
  const result = await runCase({property: {tools: ['breaks_its_word'], runs: 60}});
  assert.equal(result.status, 'failed');
  const [found] = attempt(result).mismatches;
  assert.match(found.actual, /structuredContent breaks outputSchema/);
  assert.match(found.step, /^call breaks_its_word with \{"n":[13]\}$/);
});

test('property: a server that keeps its word passes, and what is not there is named', async () => {
  const result = await runCase({property: {tools: ['echo', 'get-sum'], runs: 20}}, {server: everything});
  assert.equal(result.status, 'passed', JSON.stringify(attempt(result)));
  assert.ok(result.figures.tools.every(({calls, invalid}) => calls > 20 && invalid > 0));
  const none = await runCase({property: {tools: ['nowhere']}}, {server: everything});
  assert.equal(none.status, 'error');
  assert.match(none.message, /no tool "nowhere"/);
});

test('security: a file, an address and a command that were not meant to be reached', async () => {
  const result = await runCase({security: {}});
  assert.equal(result.status, 'failed');
  const found = result.findings.map(({rule, detail, remedy, evidence}) => (assert.ok(remedy && evidence.length === 2), `${rule} ${detail.split(' ')[0]}`));
  for (const one of ['security.path-escape read_anything:', 'security.ssrf fetch_anything:', 'security.command-injection list_by_shell:']) assert.ok(found.includes(one), `${one} of ${found}`);
  assert.equal(found.filter((one) => one.includes('echo')).length, 0, 'an echo of what was asked is no proof');
  const filesystem = {command: process.execPath, args: [join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js'), join(root, 'docs')]};
  const careful = await runCase({security: {}}, {server: filesystem});
  assert.equal(careful.status, 'passed', JSON.stringify(careful.findings));
  assert.ok(careful.figures.tried > 50);
});

test('fuzz: a broken message that ends the server', async () => {
  const result = await runCase({fuzz: {inputs: 1500, give_up: 1}});
  assert.equal(result.status, 'failed');
  const [found] = attempt(result).mismatches;
  assert.match(found.actual, /the server ended: it exited with code 9/);
  assert.match(found.step, /completion\/complete/);
  assert.doesNotMatch(found.step, /"ref"/);
  const fine = await runCase({fuzz: {inputs: 200}}, {server: everything});
  assert.equal(fine.status, 'passed', JSON.stringify(attempt(fine)));
  assert.equal(fine.figures.sent, 200);
});

test('chaos: delays, loss, garbage, a pause and a kill, and it is there again', async () => {
  const result = await runCase({chaos: {
    duration_s: 5, timeout_ms: 400, calls: [{tool: 'echo', arguments: {message: 'x'}}],
    faults: [{kind: 'delay', delay_ms: 30, lasts_ms: 800}, {kind: 'drop', chance: 0.3, after_ms: 800, lasts_ms: 600}, {kind: 'corrupt', way: 'requests', chance: 0.3, after_ms: 1400, lasts_ms: 600},
      {kind: 'garbage', way: 'answers', chance: 0.5, after_ms: 2000, lasts_ms: 500}, {kind: 'pause', after_ms: 2500, lasts_ms: 400}, {kind: 'kill', after_ms: 3200}],
  }}, {server: everything});
  assert.equal(result.status, 'passed', result.message);
  const {figures} = result;
  for (const kind of ['delay', 'drop', 'corrupt', 'garbage', 'pause', 'resume', 'kill']) assert.ok(figures.faults[kind] > 0, kind);
  assert.ok(figures.recovered && figures.connects >= 2 && figures.succeeded > 20, JSON.stringify(figures));
  assert.ok(figures.recoveries.some(({at_s}) => at_s > 3), 'the kill was noticed');
  assert.ok(figures.events.some(({fault, detail}) => fault === 'drop' && /tools\/call/.test(detail)));
});

test('chaos: a server that does not come back has failed', async () => {
  const result = await runCase({chaos: {duration_s: 1, faults: [{kind: 'kill', after_ms: 200}], recovery_ms: 1500}}, {server: careless(join(folder, 'started-once'))});
  assert.equal(result.status, 'failed');
  assert.match(result.message, /after the last fault: .*expected a call succeeds within 1500 ms/);
});

test('bench: slower is told from faster, and from nothing', async () => {
  const servers = {server: careless('-', '10'), quick: careless('-', '0')};
  const bench = {calls: [{tool: 'echo', arguments: {text: 'x'}}], rounds: 8, calls_per_round: 10, warm_up: 20};
  const slow = await runCase({bench: {...bench, versus: 'quick', fail_on: 'slower'}}, servers);
  assert.equal(slow.status, 'failed');
  assert.match(slow.message, /against quick: slower, more time: .*95 % confidence/);
  assert.ok(slow.figures.median.low > 1.2 && slow.figures.versus.latency.p50_ms > 0);
  const fast = await runCase({server: 'quick', bench: {...bench, versus: 'server', fail_on: 'slower'}}, servers);
  assert.equal(fast.status, 'passed');
  assert.equal(fast.figures.median.verdict, 'faster');
  const few = await runCase({bench: {...bench, rounds: 2, versus: 'quick', fail_on: 'slower'}}, servers);
  assert.equal(few.figures.median.verdict, 'cannot tell');
});

test('what is wrong in the options is named with line, field and what would be right', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, `name: wrong
servers: {server: {command: node}}
cases:
  - {name: a, chaos: {faults: [{kind: earthquake}]}}
  - {name: b, chaos: {}}
  - {name: c, property: {runs: 0}}
  - {name: d, conformance: {rules: [no.such-rule]}}
  - {name: e, fuzz: {inptus: 3}}
`);
  const {code, stdout, stderr} = await command(['test', file], {ms: 30_000});
  assert.equal(code, 2);
  const said = stdout + stderr;
  for (const one of [/wrong\.yaml:4:.*kind.*delay/, /wrong\.yaml:5:.*faults/, /wrong\.yaml:6:.*runs/, /wrong\.yaml:7:.*no\.such-rule/, /wrong\.yaml:8:.*inptus/]) assert.match(said, one);
});

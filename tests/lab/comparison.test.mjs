// Runs compared: by `telltale test` with an earlier run and with a baseline file, and over the API with a pinned run, whose gate fails
// what is worse; the reports and the badge that are made of stored runs.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-comparison-'));
const file = (name) => join(folder, name);
// `ms`: how long an answer takes; `says`: what the second case expects of "hello".
const suite = (ms, says, name = 'compared') => `name: ${name}
servers:
  s: {command: ${process.execPath}, args: [${join(root, 'tests/lab/servers/careless.mjs')}, "-", "${ms}"]}
cases:
  - name: measured
    bench: {calls: [{tool: echo, arguments: {text: x}}], rounds: 6, calls_per_round: 5, warm_up: 5}
  - name: says hello
    steps: [{call: echo, arguments: {text: hello}, expect: {contains: ${says}}}]
`;
const slow = 80; // against nearly nothing: no other load makes them alike
const calm = ['--threshold', '1000']; // two runs of the same, however busy the machine is
const write = (name, text) => { writeFileSync(file(name), text); return file(name); };
const run = (...args) => command(['test', ...args], {ms: 60_000});
after(() => rmSync(folder, {recursive: true, force: true}));

test('--compare says what is slower and what broke, and ends with 1 for it alone', async () => {
  const good = write('good.yaml', suite(0, 'hello'));
  const earlier = file('earlier.json');
  assert.equal((await run(good, '--json', earlier)).code, 0);
  const same = await run(good, '--compare', earlier, ...calm);
  assert.equal(same.code, 0, same.stdout);
  assert.match(same.stdout, /Compared with .*earlier\.json/);
  const summary = file('summary.md');
  const json = file('slower.json');
  const slower = await run(write('slow.yaml', suite(slow, 'hello')), '--compare', earlier, '--json', json, '--markdown', summary);
  assert.equal(slower.code, 1, slower.stdout);
  assert.match(slower.stdout, /measured: slower: .*more time: .*95 % confidence/);
  assert.match(slower.stdout, /1 slower; 1 unchanged|1 slower; 2 unchanged/);
  const {comparison} = JSON.parse(readFileSync(json, 'utf8'));
  assert.deepEqual([comparison.worse, comparison.speeds[0].verdict, comparison.broken], [true, 'slower', []]);
  assert.match(readFileSync(summary, 'utf8'), /# Comparison: compared\n[^]*1 slower/);
  const faster = await run(good, '--compare', json);
  assert.equal(faster.code, 0, faster.stdout);
  assert.match(faster.stdout, /measured: faster/);
  const broken = await run(write('broken.yaml', suite(0, 'goodbye')), '--compare', earlier, ...calm);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /Newly failing|Broken now \(1\)\n- compared: says hello/);
  const selected = await run(good, '--compare', earlier, '--case', 'says hello');
  assert.equal(selected.code, 0, selected.stdout);
  assert.doesNotMatch(selected.stdout, /Gone/, 'what was not selected is not gone');
});

test('--fail-on regression: what failed before may fail, what is worse may not', async () => {
  const both = (first, second) => `${suite(0, first)}  - name: says it again
    steps: [{call: echo, arguments: {text: hello}, expect: {contains: ${second}}}]
`;
  const red = write('red.yaml', both('goodbye', 'hello'));
  const earlier = file('red.json');
  assert.equal((await run(red, '--json', earlier, '--case', 'says')).code, 1);
  const only = ['--case', 'says', '--compare', earlier];
  const any = await run(red, ...only);
  assert.equal(any.code, 1, 'any failure, unless one says otherwise');
  const known = await run(red, ...only, '--fail-on', 'regression');
  assert.equal(known.code, 0, known.stdout);
  assert.match(known.stdout, /Still failing \(1\)\n- compared: says hello/);
  const worse = await run(write('redder.yaml', both('goodbye', 'goodbye')), ...only, '--fail-on', 'regression');
  assert.equal(worse.code, 1, worse.stdout);
  assert.match(worse.stdout, /Broken now \(1\)\n- compared: says it again/);
  const fresh = await run(write('fresh.yaml', `${both('goodbye', 'hello')}  - name: says something new\n    steps: [{call: echo, arguments: {text: hello}, expect: {contains: goodbye}}]\n`), ...only, '--fail-on', 'regression');
  assert.equal(fresh.code, 1, 'a new case that fails is worse than none');
  const baseline = file('red-baseline.json');
  assert.equal((await run(red, '--baseline', baseline, '--update-baseline')).code, 1);
  assert.equal((await run(red, '--baseline', baseline, '--fail-on', 'regression', ...calm)).code, 0);
});

test('what cannot be compared with is said before anything runs', async () => {
  const good = write('good.yaml', suite(0, 'hello'));
  const other = file('other.json');
  assert.equal((await run(write('other.yaml', suite(0, 'hello', 'another')), '--case', 'says', '--json', other)).code, 0);
  for (const [args, words] of [
    [['--compare', file('nosuch.json')], /nosuch\.json: there is no such file/],
    [['--compare', write('text.json', 'hello')], /text\.json: not what `telltale test --json` writes/],
    [['--compare', write('else.json', '{"a": 1}')], /without the list "cases"/],
    [['--compare', other], /has none of the cases/],
    [['--baseline', file('nosuch.json')], /--update-baseline writes it/],
    [['--update-baseline'], /needs --baseline/],
    [['--fail-on', 'regression'], /needs --compare FILE or --baseline FILE/],
    [['--baseline', file('b.json'), '--update-baseline', '--case', 'says'], /baseline is of all cases/],
  ]) {
    const {code, stdout, stderr} = await run(good, ...args);
    assert.equal(code, 2, `${args}: ${stdout}${stderr}`);
    assert.match(stderr, words);
    if (args[1] !== other) assert.doesNotMatch(stdout, /measured/, 'nothing was run');
  }
  assert.notEqual((await run(good, '--compare', other, '--baseline', other)).code, 0, 'one or the other');
});

test('a baseline file is written, gates, and is written anew', async () => {
  const good = write('good.yaml', suite(0, 'hello'));
  const worse = write('slow.yaml', suite(slow, 'hello'));
  const baseline = file('baseline.json');
  assert.equal((await run(good, '--baseline', baseline, '--update-baseline')).code, 0);
  const kept = JSON.parse(readFileSync(baseline, 'utf8'));
  assert.equal(kept.runs[0].cases[0].figures.median_ms.length, 6);
  assert.equal(kept.runs[0].cases[0].attempts, undefined, 'only what a comparison needs');
  assert.equal((await run(worse, '--baseline', baseline)).code, 1);
  assert.deepEqual(JSON.parse(readFileSync(baseline, 'utf8')), kept);
  const taken = await run(worse, '--baseline', baseline, '--update-baseline');
  assert.equal(taken.code, 0, taken.stdout);
  assert.match(taken.stdout, /measured: slower/);
  assert.equal((await run(worse, '--baseline', baseline, ...calm)).code, 0);
  assert.ok(!existsSync(`${baseline}.part`));
});

let server;
before(async () => {
  server = await Server.start({});
});
after(() => server?.stop());
const api = (...args) => server.api(...args);
const body = (method, given) => ({method, body: given});
const start = (id, more = {}) => api('/api/tests/run', {...body('POST', {id, ...more}), wait: 60});

test('over the API: two runs, the baseline of a suite, its gate, what is flaky', async () => {
  const {id} = await api('/api/tests', body('POST', {yaml: suite(0, 'hello')}));
  const change = (yaml) => api(`/api/tests/${id}`, body('PUT', {yaml}));
  const path = `/api/tests/${id}/baseline`;
  await assert.rejects(api(path), /answered 404/);
  const first = await start(id);
  assert.deepEqual([first.status, first.partial, first.baseline], ['passed', false, undefined]);
  await assert.rejects(api(path, body('PUT', {run_id: 'run_nosuch'})), /answered 422.*run_id/);
  const pinned = await api(path, body('PUT', {run_id: first.id, gate: true}));
  assert.deepEqual([pinned.run_id, pinned.gate, pinned.threshold_percent, pinned.pinned_by], [first.id, true, 2, 'admin']);

  await change(suite(slow, 'hello'));
  const second = await start(id);
  assert.equal(second.status, 'failed', 'the gate');
  assert.match(second.message, /worse than the baseline: 1 slower/);
  assert.deepEqual([second.baseline.run_id, second.baseline.worse, second.totals.passed], [first.id, true, 2]);
  const whole = await api(`/api/tests/runs/${second.id}`);
  assert.deepEqual(whole.comparison.speeds.map(({verdict}) => verdict), ['slower']);
  const compared = await api(`/api/tests/runs/${second.id}/compare/${first.id}`);
  assert.deepEqual([compared.worse, compared.before.id, compared.after.id], [true, first.id, second.id]);
  assert.equal((await api(`/api/tests/runs/${first.id}/compare/${second.id}`)).speeds[0].verdict, 'faster');
  assert.equal((await api(`/api/tests/runs/${second.id}/compare/${first.id}?threshold_percent=1000000`).catch((error) => error)).message.includes('422'), true);
  await assert.rejects(api(`/api/tests/runs/${second.id}/compare/nosuch`), /answered 404/);

  await api(path, body('PUT', {run_id: first.id}));
  const part = await start(id, {cases: ['says hello']});
  assert.deepEqual([part.status, part.partial, part.baseline.worse, part.baseline.summary], ['passed', true, false, 'nothing changed']);
  await change(suite(0, 'goodbye'));
  const broken = await start(id, {cases: ['says hello']});
  assert.deepEqual([broken.status, broken.baseline.summary], ['failed', '1 newly failing']);
  assert.deepEqual((await api('/api/tests/flaky')).items, [], 'one change is no flake');
  await change(suite(0, 'hello'));
  await start(id, {cases: ['says hello']});
  const {items} = await api(`/api/tests/flaky?suite=${id}`);
  assert.deepEqual(items.map((one) => [one.case, one.flips, one.failed, one.runs, one.history[1].run_id]), [['says hello', 2, 1, 5, broken.id]]);

  // It outlives its run's suite version and a restart; and goes with the suite.
  await api(path, {method: 'DELETE'});
  await assert.rejects(api(path), /answered 404/);
  assert.equal((await start(id, {cases: ['says hello']})).baseline, undefined);
  await api(path, body('PUT', {run_id: second.id}));
  await api(`/api/tests/${id}`, {method: 'DELETE'});
  await assert.rejects(api(path), /answered 404/);
});

test('reports of a run and of two in every format, by the API and by telltale report; a badge of the suite', async () => {
  const {id} = await api('/api/tests', body('POST', {yaml: suite(0, 'hello', 'of <reports>')}));
  const badge = (who) => server.fetch(`/api/badges/suite/${who}.svg`, {token: server.token});
  assert.match(await (await badge(id)).text(), /never run/);
  const one = await start(id);
  await api(`/api/tests/${id}`, body('PUT', {yaml: suite(slow, '"<goodbye>"', 'of <reports>')}));
  const two = await start(id);
  const formats = ['html', 'json', 'pdf', 'csv', 'markdown'];
  const made = {
    run: await api('/api/reports/generate', body('POST', {kind: 'run', run: two.id, formats: [...formats, 'junit']})),
    comparison: await api('/api/reports/generate', body('POST', {kind: 'comparison', run: two.id, other: one.id, formats})),
  };
  const read = async (kind, format) => Buffer.from(await (await server.fetch(`/api/reports/${made[kind].id}?format=${format}`, {token: server.token})).arrayBuffer());
  const text = async (kind, format) => (await read(kind, format)).toString();
  for (const kind of ['run', 'comparison']) {
    assert.match(made[kind].title, /of <reports>/);
    writeFileSync(file('a.pdf'), await read(kind, 'pdf'));
    const pdf = execFileSync('pdftotext', ['-layout', file('a.pdf'), '-'], {encoding: 'utf8'});
    const html = await text(kind, 'html');
    assert.doesNotMatch(html, /<script|src=|href="http|of <reports>/, 'it stands alone, and is escaped');
    assert.match(html, /<svg/);
    for (const each of [pdf, html, await text(kind, 'csv'), await text(kind, 'markdown')]) assert.match(each, /says hello/);
    assert.equal(JSON.parse(await text(kind, 'json')).kind, kind);
  }
  const details = await text('run', 'html');
  for (const words of [/expected/, /&lt;goodbye&gt;/, /tools\/call/, /to the server/]) assert.match(details, words, 'request, answer and expectation');
  assert.match(await text('run', 'junit'), /<testsuite name="of &lt;reports&gt;" tests="2" failures="1"/);
  assert.match(await text('run', 'markdown'), /^### ❌ Telltale: 1 passed, 1 failed/);
  assert.match(await text('comparison', 'markdown'), /slower/);
  assert.deepEqual(JSON.parse(await text('comparison', 'json')).broken.map((each) => each.case), ['says hello']);

  for (const [wrong, field] of [
    [{kind: 'run'}, '/run'], [{kind: 'run', run: 'nosuch'}, '/run'], [{kind: 'comparison', run: two.id}, '/other'], [{kind: 'run', run: two.id, other: one.id}, '/other'],
    [{kind: 'fleet_health', run: two.id}, '/run'], [{kind: 'run', run: two.id, from: '2026-01-01T00:00:00Z'}, '/from'], [{kind: 'fleet_health', formats: ['junit']}, '/formats/0'], [{kind: 'comparison', run: two.id, other: one.id, formats: ['junit']}, '/formats/0'],
  ]) {
    const answer = await server.fetch('/api/reports/generate', {method: 'POST', token: server.token, body: wrong});
    assert.deepEqual([answer.status, (await answer.json()).errors?.map(({pointer}) => pointer)], [422, [field]], JSON.stringify(wrong));
  }
  const out = file('run.xml');
  const done = await command(['report', 'run', '--run', two.id, '--format', 'junit', '--output', out, '--url', server.origin], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
  assert.equal(done.code, 0, done.stderr);
  assert.match(readFileSync(out, 'utf8'), /<testcase name="says hello"/);

  const svg = await (await badge(id)).text();
  assert.match(svg, /of &lt;reports&gt;: failed · 1 of 2/);
  await start(id, {cases: ['measured']});
  assert.equal(await (await badge(encodeURIComponent('of <reports>'))).text(), svg, 'of all cases, by name as well');
  assert.equal((await badge('nosuch')).status, 404);
  assert.equal((await server.fetch(`/api/badges/suite/${id}.svg`)).status, 401);
});

// What is measured over time: leaks found by a soak, and only where there are some; a hundred thousand calls in bounded memory; a disk
// that is full.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {binary, command, root, testRun, within} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-measure-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const hostile = (...args) => ({command: process.execPath, args: [join(root, 'tests/support/servers/hostile.mjs'), ...args]});
const echo = [{call: 'echo', arguments: {text: 'hello'}}];

function write(name, servers, cases) {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({name, servers, defaults: {parallel: 4, timeout_s: 300}, cases}));
  return file;
}
async function run(file) {
  const ended = await command(['test', file, '--json', `${file}.json`], {ms: 200_000});
  const [{cases}] = JSON.parse(readFileSync(`${file}.json`, 'utf8')).runs;
  return {...ended, cases: Object.fromEntries(cases.map((one) => [one.name, one]))};
}

test('soak: a leak of memory and one of descriptors are found by their slope, and none where there is none', async () => {
  const soak = {rate: 50, concurrency: 8, duration_s: 12, warm_up_s: 1};
  const file = write('soak', {tight: hostile('normal'), memory: hostile('leak-memory'), fds: hostile('leak-fds')}, [
    {name: 'tight', server: 'tight', steps: echo, soak},
    {name: 'memory', server: 'memory', steps: echo, soak},
    {name: 'descriptors', server: 'fds', steps: echo, soak},
    {name: 'memory by the hour', server: 'memory', serial: true, steps: echo, soak: {...soak, duration_s: 4, objectives: ['memory_mb_per_h <= 1000', 'memory_growth_mb <= 100000']}},
  ]);
  const {code, cases, stdout} = await run(file);
  assert.equal(code, 1, stdout);
  assert.equal(cases.tight.status, 'passed', stdout);
  assert.equal(cases.tight.figures.fds_growth, 0);
  assert.equal(cases.tight.figures.fds_per_h, 0);
  const missed = (name) => cases[name].attempts[0].mismatches.map(({what}) => what);
  assert.deepEqual(missed('memory'), ['memory_growth_percent'], stdout);
  assert.deepEqual(missed('descriptors'), ['fds_growth'], stdout);
  assert.deepEqual(missed('memory by the hour'), ['memory_mb_per_h'], stdout);
  // 50 calls a second, each with a descriptor.
  assert.ok(cases.descriptors.figures.fds_per_h > 50 * 3600 / 3, `${cases.descriptors.figures.fds_per_h} an hour`);
});

test('a hundred thousand calls take no more memory than ten thousand', async () => {
  const file = write('many', {s: hostile('normal')}, [{name: 'many', steps: echo, load: {concurrency: 64, duration_s: 280, count: 100_000, warm_up_s: 0}, timeout_s: 290}]);
  const child = spawn(binary(), ['test', file, '--json', `${file}.json`], {stdio: ['ignore', 'ignore', 'inherit'], env: {PATH: process.env.PATH, HOME: folder, ...testRun}});
  const seen = [];
  const watch = setInterval(() => {
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
    if (rss) seen.push(Number(rss[1]) / 1024);
  }, 50);
  let code;
  try {
    [code] = await within(300_000, 'a hundred thousand calls', once(child, 'exit'));
  } finally {
    clearInterval(watch);
    child.kill('SIGKILL');
  }
  const [{cases: [one]}] = JSON.parse(readFileSync(`${file}.json`, 'utf8')).runs;
  assert.equal(code, 0, one.message);
  assert.equal(one.figures.calls, 100_000);
  const early = seen[Math.floor(seen.length / 10)];
  const late = Math.max(...seen.slice(Math.floor(seen.length * 0.9)));
  console.log(`resident after a tenth ${early.toFixed(1)} MiB, at the end ${late.toFixed(1)} MiB`);
  assert.ok(late - early < 8, `${early} MiB, then ${late} MiB`);
});

test('a disk that is full: writes fail while it lasts, and the server is there again afterwards', async () => {
  const memory = {command: process.execPath, args: [join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js')], env: {MEMORY_FILE_PATH: join(folder, 'memory.jsonl')}};
  const calls = [{tool: 'create_entities', arguments: {entities: [{name: 'a', entityType: 'b', observations: ['c']}]}}, {tool: 'delete_entities', arguments: {entityNames: ['a']}}];
  const chaos = (faults) => ({duration_s: 6, callers: 1, calls, faults});
  const {code, cases, stdout} = await run(write('full', {memory}, [{name: 'full', chaos: chaos([{kind: 'full_disk', after_ms: 1500, lasts_ms: 2000}])}, {name: 'not full', chaos: chaos([{kind: 'delay', delay_ms: 1}])}]));
  assert.equal(code, 0, stdout);
  const {figures} = cases.full;
  assert.deepEqual(figures.events.map(({fault}) => fault), ['full_disk', 'free_disk']);
  assert.ok(figures.tool_errors > 0, `what it cannot write it says: ${JSON.stringify(figures)}`);
  assert.ok(figures.recovered);
  assert.equal(cases['not full'].figures.tool_errors, 0);
});

test('a jump of the clock is refused by its name, with why', async () => {
  const {code, stderr} = await command(['test', write('clock', {s: hostile('normal')}, [{name: 'c', chaos: {faults: [{kind: 'clock_jump'}]}}])]);
  assert.equal(code, 2);
  assert.match(stderr, /clock\.yaml:1:\d+: cases\[0\]\.chaos\.faults\[0\]\.kind a jump of the clock cannot be injected/);
});

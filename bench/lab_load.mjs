// The load generator of the lab (`telltale test`, kind load) against a client on the official Node SDK, calling the same server: calls a
// CPU second of each client, without the server behind it. And its own p99 beside a bare pipe's, one call at a time, in turn.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {binary, root} from '../tests/support/telltale.mjs';
import {cpuMicros, median, sleep, table} from './lib.mjs';

const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const server = [join(root, 'tests/support/servers/hostile.mjs'), 'normal'];
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));

// The CPU time of all of it, from its start on: 50 ms before its end is what is lost at most.
async function ours(callers) {
  const [suite, json] = [join(folder, 'load.yaml'), join(folder, 'load.json')];
  writeFileSync(suite, JSON.stringify({name: 'load', servers: {s: {command: process.execPath, args: server}}, cases: [{name: 'load', steps: [{call: 'echo', arguments: {text: 'hello'}, expect: {contains: 'hello'}}], load: {concurrency: callers, duration_s: seconds, warm_up_s: 0}}]}));
  const child = spawn(binary(), ['test', suite, '--json', json], {stdio: ['ignore', 'ignore', 'inherit']});
  const ended = once(child, 'exit');
  let micros = 0;
  while (child.exitCode === null) {
    try {
      micros = Math.max(micros, cpuMicros(child.pid));
    } catch {
      break; // it has ended
    }
    await sleep(20);
  }
  if ((await ended)[0] !== 0) throw new Error('telltale test failed');
  const {figures} = JSON.parse(readFileSync(json, 'utf8')).runs[0].cases[0];
  return {calls: figures.calls, micros, p50: figures.p50_ms * 1000, p99: figures.p99_ms * 1000};
}
function node(callers) {
  const {calls, cpu_us: micros, p50, p99} = JSON.parse(execFileSync(process.execPath, [join(root, 'bench/lab_load_client.mjs'), callers, seconds, ...server].map(String), {encoding: 'utf8'}));
  return {calls, micros, p50, p99};
}
function bare() {
  const {calls, seconds: took, cpu, p50, p99} = floor();
  return {calls: (calls / took) * seconds, micros: (calls / took) * seconds * cpu, p50, p99};
}
const floor = () => JSON.parse(execFileSync(join(root, 'build/release/bench/lab_load_floor'), ['10000', process.execPath, ...server], {encoding: 'utf8'}));

try {
  const rows = [];
  for (const callers of [1, 16, 64]) {
    const seen = {ours: [], node: [], bare: []}; // the bare pipe waits for each answer: one caller only
    for (let round = 0; round < rounds; ++round) {
      seen.ours.push(await ours(callers));
      seen.node.push(node(callers));
      if (callers === 1) seen.bare.push(bare());
    }
    const rate = (list) => median(list.map(({calls, micros}) => (calls / micros) * 1e6));
    const contenders = [['telltale test, load', seen.ours], ['official SDK, Node', seen.node]];
    if (seen.bare.length > 0) contenders.push(['a bare pipe: write and read, no more', seen.bare]);
    for (const [name, list] of contenders)
      rows.push([callers, name, Math.round(rate(list)), (rate(seen.ours) / rate(list)).toFixed(1), Math.round(median(list.map(({calls}) => calls / seconds))), Math.round(median(list.map(({p50}) => p50))), Math.round(median(list.map(({p99}) => p99)))]);
  }
  table('Calls a CPU second of the client', ['callers', 'client', 'calls / CPU s', 'ours / its', 'calls / s', 'p50 µs', 'p99 µs'], rows);
  const pairs = [];
  for (let round = 0; round < rounds + 2; ++round) pairs.push({bare: floor(), ours: await ours(1)});
  const of = (which, figure) => median(pairs.map((pair) => pair[which][figure]));
  const added = (figure) => median(pairs.map((pair) => pair.ours[figure] - pair.bare[figure]));
  table('Added to a bare pipe, one call at a time', ['', 'p50 µs', 'p99 µs'], [['bare pipe', of('bare', 'p50'), of('bare', 'p99')], ['telltale test, load', of('ours', 'p50').toFixed(1), of('ours', 'p99').toFixed(1)], ['added', added('p50').toFixed(1), added('p99').toFixed(1)]]);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

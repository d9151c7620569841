// What the benchmarks share: CPU time of a process with all its threads, quantiles, tables.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, readdirSync} from 'node:fs';
import {createServer} from 'node:net';

// Microseconds on a core, of the process and, with `family`, of all below it.
export function cpuMicros(pid, family = false) {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
      if (family) for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean)) nanoseconds += cpuMicros(child, true) * 1000;
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error; // a thread ended meanwhile
    }
  }
  return nanoseconds / 1000;
}
// The same by the kernel's ticks, with the threads that have ended: for a server that makes one for each request.
export function cpuTicksMicros(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
export const residentKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  return port;
}

// A peer that is ready when it answers.
export async function startPeer(command, args, url, options = {}) {
  const child = spawn(command, args, {stdio: ['ignore', 'ignore', 'inherit'], ...options});
  for (let i = 0; i < 100; ++i) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    if (await fetch(url).then((answer) => answer.ok, () => false)) return child;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`${command} did not answer at ${url}`);
}

// wrk with one thread: how many were answered, and at which rate.
export function wrk(url, {connections = 64, seconds = 4, headers = {}} = {}) {
  const words = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const text = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, ...words, url], {encoding: 'utf8'});
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (bad) throw new Error(`${bad[1]} bad answers from ${url}`);
  return {requests: Number(/(\d+) requests in/.exec(text)[1]), rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1])};
}

export function table(title, columns, rows) {
  const cells = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  console.log(`\n## ${title}\n`);
  cells.forEach((row, at) => {
    console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
    if (at === 0) console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  });
}

// Those of {name: start} that can be started here, started; of the others it is said why not. The first has to run.
export async function peersThatRun(starts) {
  const running = [];
  for (const [name, start] of Object.entries(starts))
    try {
      running.push({name, ...(await start())});
    } catch (error) {
      if (running.length === 0) throw error;
      console.error(`${name} cannot run: ${error.message}`);
    }
  return running;
}

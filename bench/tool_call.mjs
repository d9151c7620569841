// A tool call REST -> stdio server, observed, recorded and audited, 1 and 16 in flight; against the same call over the raw pipe.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {Agent, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Server, root} from '../tests/support/telltale.mjs';
import {cpuMicros, median, residentKiB, sleep, table} from './lib.mjs';

const program = [join(root, 'tests/support/servers/hostile.mjs'), 'normal'];
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));

async function inFlight(count, total, one) {
  const times = [];
  let left = total;
  await Promise.all(Array.from({length: count}, async () => {
    while (left-- > 0) {
      const began = performance.now();
      await one();
      times.push((performance.now() - began) * 1000);
    }
  }));
  return times;
}

async function rawPipe() {
  const child = spawn(process.execPath, program, {stdio: ['pipe', 'pipe', 'ignore']});
  const waiting = new Map();
  createInterface({input: child.stdout}).on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  let id = 0;
  const ask = (method, params) => new Promise((done) => {
    waiting.set(++id, done);
    child.stdin.write(`${JSON.stringify({jsonrpc: '2.0', id, method, params})}\n`);
  });
  await ask('initialize', {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'bench', version: '0'}});
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  return {call: () => ask('tools/call', {name: 'echo', arguments: {text: 'hello'}}), stop: () => child.kill()};
}

let server, raw;
try {
  const fleet = {};
  for (let i = 0; i < 6; ++i) fleet[`server-${i}`] = {command: process.execPath, args: program, telltale: {health_interval_s: 3600}};
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({mcpServers: fleet}));
  const began = performance.now();
  server = await Server.start({args: ['--mcp-config', join(folder, 'fleet.json'), '--rate-limit-per-minute', '0']});
  const started = performance.now() - began;
  while ((await server.api('/api/servers')).items.some((one) => one.health_status !== 'healthy')) await sleep(50);
  const token = await server.adminToken();
  const idleFrom = cpuMicros(server.child.pid);
  await sleep(5000);
  const idle = (cpuMicros(server.child.pid) - idleFrom) / 5e6;

  const agent = new Agent({keepAlive: true, maxSockets: 64});
  const body = JSON.stringify({arguments: {text: 'hello'}});
  const call = () => new Promise((done, failed) => {
    const asked = request(`${server.origin}/api/servers/server-0/tools/echo/call`, {method: 'POST', agent, headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length}}, (answer) => {
      answer.resume().on('end', () => (answer.statusCode === 200 ? done() : failed(new Error(`a call answered ${answer.statusCode}`))));
    });
    asked.on('error', failed).end(body);
  });
  raw = await rawPipe();
  await inFlight(4, 500, call);
  await inFlight(4, 500, raw.call);
  const rows = [];
  for (const [count, total] of [[1, 2000], [16, 8000]]) {
    const micros = [], p50 = [], rawP50 = [];
    for (let round = 0; round < 3; ++round) {
      const before = cpuMicros(server.child.pid);
      p50.push(median(await inFlight(count, total, call)));
      micros.push((cpuMicros(server.child.pid) - before) / total);
      rawP50.push(median(await inFlight(count, total, raw.call)));
    }
    rows.push([count, median(micros).toFixed(1), Math.round(median(p50)), Math.round(median(rawP50)), Math.round(median(p50) - median(rawP50))]);
  }
  table('A tool call through Telltale to a stdio server', ['in flight', 'CPU µs a call', 'p50 µs', 'p50 µs of the raw pipe', 'added µs'], rows);
  table('One Telltale with 6 servers', ['what', 'value'], [['start to the login link', `${Math.round(started)} ms`], ['resident after it', `${(residentKiB(server.child.pid) / 1024).toFixed(1)} MiB`], ['CPU when idle', `${(idle * 100).toFixed(2)} % of a core`]]);
} finally {
  raw?.stop();
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
}

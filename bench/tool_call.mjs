// A tool call REST -> stdio server, observed, recorded and audited, 1 and 16 in flight; against the same call over the raw pipe and through
// mcp-hub (REST) and mcp-proxy (Streamable HTTP). CPU is the gateway's, without the server behind it.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {Agent, request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Server, root} from '../tests/support/telltale.mjs';
import {cpuMicros, freePort, median, peersThatRun, residentKiB, sleep, startPeer, table} from './lib.mjs';

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

const agent = new Agent({keepAlive: true, maxSockets: 64});

// POST of JSON; the headers and the text of a good answer.
function post(url, message, headers = {}) {
  const body = JSON.stringify(message);
  return new Promise((done, failed) => {
    const asked = request(url, {method: 'POST', agent, headers: {'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers}}, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (data) => (text += data)).on('end', () => {
        if (answer.statusCode < 300) done({headers: answer.headers, text});
        else failed(new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 200)}`));
      }).on('error', failed);
    });
    asked.on('error', failed).end(body);
  });
}
// A gateway may answer before its server does.
async function untilItEchoes(call) {
  for (let left = 100; ; --left) {
    const {text} = await call().catch((error) => ({text: error.message}));
    if (text.includes('hello')) return;
    if (left === 0) throw new Error(`this is no echo: ${text}`);
    await sleep(100);
  }
}

const stop = [];
const inPeers = (...path) => join(root, 'bench/peers/node_modules', ...path);
const hello = {name: 'echo', arguments: {text: 'hello'}};
const contenders = {
  async Telltale() {
    const fleet = {};
    for (let i = 0; i < 6; ++i) fleet[`server-${i}`] = {command: process.execPath, args: program, telltale: {health_interval_s: 3600}};
    writeFileSync(join(folder, 'fleet.json'), JSON.stringify({mcpServers: fleet}));
    const server = await Server.start({args: ['--mcp-config', join(folder, 'fleet.json'), '--rate-limit-per-minute', '0']});
    stop.push(() => server.stop());
    while ((await server.api('/api/servers')).items.some((one) => one.health_status !== 'healthy')) await sleep(50);
    const headers = {authorization: `Bearer ${await server.adminToken()}`};
    return {pid: server.child.pid, call: () => post(`${server.origin}/api/servers/server-0/tools/echo/call`, {arguments: hello.arguments}, headers)};
  },
  async 'a bare loop: HTTP to pipe and back'() {
    const port = await freePort();
    const child = spawn(join(root, 'build/release/bench/tool_call_floor'), [String(port), process.execPath, ...program], {stdio: ['ignore', 'ignore', 'ignore']});
    stop.push(() => child.kill());
    return {pid: child.pid, call: () => post(`http://127.0.0.1:${port}/`, {arguments: hello.arguments})};
  },
  async 'mcp-hub 4.2.1, REST'() {
    const port = await freePort();
    writeFileSync(join(folder, 'hub.json'), JSON.stringify({mcpServers: {'server-0': {command: process.execPath, args: program}}}));
    const child = await startPeer(process.execPath, [inPeers('mcp-hub/dist/cli.js'), '--port', String(port), '--config', join(folder, 'hub.json')], `http://127.0.0.1:${port}/api/health`, {stdio: 'ignore', env: {...process.env, HOME: folder, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder}});
    stop.push(() => child.kill());
    return {pid: child.pid, call: () => post(`http://127.0.0.1:${port}/api/servers/tools`, {server_name: 'server-0', tool: hello.name, arguments: hello.arguments})};
  },
  async 'mcp-proxy 6.7.19, Streamable HTTP'() {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/mcp`;
    const child = await startPeer(process.execPath, [inPeers('mcp-proxy/dist/bin/mcp-proxy.mjs'), '--host', '127.0.0.1', '--port', String(port), '--server', 'stream', '--', process.execPath, ...program], `http://127.0.0.1:${port}/ping`, {stdio: 'ignore'});
    stop.push(() => child.kill());
    const headers = {accept: 'application/json, text/event-stream'};
    const begun = await post(url, {jsonrpc: '2.0', id: 0, method: 'initialize', params: {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'bench', version: '0'}}}, headers);
    Object.assign(headers, {'mcp-session-id': begun.headers['mcp-session-id'], 'mcp-protocol-version': '2025-06-18'});
    await post(url, {jsonrpc: '2.0', method: 'notifications/initialized'}, headers);
    let id = 0;
    return {pid: child.pid, call: () => post(url, {jsonrpc: '2.0', id: ++id, method: 'tools/call', params: hello}, headers)};
  },
};

let raw;
try {
  raw = await rawPipe();
  const all = await peersThatRun(
    Object.fromEntries(
      Object.entries(contenders).map(([name, begin]) => [
        name,
        async () => {
          const one = await begin();
          await untilItEchoes(one.call);
          return one;
        },
      ]),
    ),
  );
  const rows = [];
  for (const [count, total] of [[1, 1000], [16, 4000]]) {
    for (const one of all) Object.assign(one, {micros: [], p50: []});
    const rawP50 = [];
    for (let round = 0; round < 4; ++round) {
      rawP50.push(median(await inFlight(count, total, raw.call)));
      for (const one of all) {
        const before = cpuMicros(one.pid);
        const p50 = median(await inFlight(count, total, one.call));
        if (round === 0) continue; // warming up
        one.p50.push(p50);
        one.micros.push((cpuMicros(one.pid) - before) / total);
      }
    }
    const ours = all[0];
    for (const one of all) rows.push([count, one.name, median(one.micros).toFixed(1), one === ours ? '' : (median(ours.micros) / median(one.micros)).toFixed(2), Math.round(median(one.p50)), Math.round(median(one.p50) - median(rawP50))]);
  }
  table('A tool call through a gateway to a stdio server', ['in flight', 'gateway', 'CPU µs a call', 'ours / its', 'p50 µs', 'added to the raw pipe, µs'], rows);
  table('Resident after the calls', ['gateway', 'MiB'], all.map((one) => [one.name, (residentKiB(one.pid) / 1024).toFixed(1)]));
} finally {
  raw?.stop();
  for (const each of stop.reverse()) await each();
  agent.destroy();
  rmSync(folder, {recursive: true, force: true});
}

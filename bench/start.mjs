// From the start of the process until the port answers, what it uses when nothing happens, and how much memory it holds: with no server
// and with six.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server, adminPassword, binary, root} from '../tests/support/telltale.mjs';
import {cpuMicros, freePort, median, residentKiB, sleep, table} from './lib.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const alive = (port) => new Promise((done) => {
  request({host: '127.0.0.1', port, path: '/healthz'}, (answer) => answer.resume().on('end', () => done(answer.statusCode === 200))).on('error', () => done(false)).end();
});

// Milliseconds until /healthz answers; `state` is a directory of an earlier life, or a new one.
async function start(state, args) {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(binary(), ['serve', '--port', String(port), '--persistence-path', state, ...args], {stdio: 'ignore', env: {PATH: process.env.PATH, HOME: state, TELLTALE_ADMIN_PASSWORD: adminPassword}});
  const ended = new Promise((done) => child.once('exit', done));
  try {
    while (!(await alive(port))) {
      if (child.exitCode !== null || performance.now() - began > 20_000) throw new Error('telltale does not start');
      await sleep(1);
    }
    return {ms: performance.now() - began, cpu: cpuMicros(child.pid) / 1000};
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

try {
  const fleet = {};
  for (let i = 0; i < 6; ++i) fleet[`server-${i}`] = {command: process.execPath, args: [join(root, 'tests/support/servers/hostile.mjs'), 'normal']};
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({mcpServers: fleet}));
  const withFleet = ['--mcp-config', join(folder, 'fleet.json')];
  const rows = [];
  for (const [what, args] of [['no server', []], ['six servers', withFleet]]) {
    const first = [], again = [];
    for (let round = 0; round < 5; ++round) {
      const state = mkdtempSync(join(folder, 'state-'));
      first.push(await start(state, args));
      again.push(await start(state, args));
    }
    const figure = (all) => `${Math.round(median(all.map((one) => one.ms)))} ms (${Math.round(median(all.map((one) => one.cpu)))} of CPU)`;
    const server = await Server.start({args: [...args, '--rate-limit-per-minute', '0']});
    try {
      while ((await server.api('/api/servers')).items.some((one) => one.health_status !== 'healthy')) await sleep(50);
      await sleep(3000);
      const resident = residentKiB(server.child.pid);
      const from = cpuMicros(server.child.pid);
      await sleep(15_000);
      const idle = (cpuMicros(server.child.pid) - from) / 15e6;
      rows.push([what, figure(first), figure(again), `${(idle * 100).toFixed(2)} %`, `${(resident / 1024).toFixed(1)} MiB`]);
    } finally {
      await server.stop();
    }
  }
  table('Start until the port answers, and idle', ['fleet', 'first start', 'on data that is there', 'CPU when idle, of a core', 'resident'], rows);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

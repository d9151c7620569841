// GET /api/servers with 20 running servers, authenticated, 64 keep-alive connections; against the same JSON from FastAPI and from a file
// of nginx. CPU of the server processes for each request; the rounds of all take turns.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server, root} from '../tests/support/telltale.mjs';
import {cpuMicros, freePort, median, sleep, startPeer, table, wrk} from './lib.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const stop = [];
try {
  const fleet = {};
  for (let i = 0; i < 20; ++i) fleet[`server-${i}`] = {command: process.execPath, args: [join(root, 'tests/support/servers/hostile.mjs'), 'normal'], telltale: {health_interval_s: 3600}};
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({mcpServers: fleet}));
  const server = await Server.start({args: ['--mcp-config', join(folder, 'fleet.json'), '--rate-limit-per-minute', '0']});
  stop.push(() => server.stop());
  for (;;) {
    const {items} = await server.api('/api/servers');
    if (items.filter((one) => one.health_status === 'healthy').length === 20) break;
    await sleep(100);
  }
  const token = await server.adminToken();
  const json = await (await server.fetch('/api/servers', {token})).text();
  writeFileSync(join(folder, 'servers.json'), json);

  const python = await freePort();
  const fastapi = await startPeer('/usr/bin/python3', ['-m', 'uvicorn', '--app-dir', join(root, 'bench/peers'), '--port', String(python), '--log-level', 'warning', '--no-access-log', 'fastapi_peer:app'], `http://127.0.0.1:${python}/healthz`, {env: {...process.env, BENCH_JSON: join(folder, 'servers.json'), BENCH_TOKEN: token}});
  stop.push(() => fastapi.kill());
  const web = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; master_process off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error; events {worker_connections 1024;}
http {access_log off; keepalive_requests 100000000; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
server {listen 127.0.0.1:${web}; root ${folder}; default_type application/json;}}`);
  const nginx = await startPeer('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], `http://127.0.0.1:${web}/servers.json`);
  stop.push(() => nginx.kill());

  const headers = {authorization: `Bearer ${token}`};
  const peers = [
    ['Telltale', server.child.pid, `${server.origin}/api/servers`],
    ['FastAPI + uvicorn', fastapi.pid, `http://127.0.0.1:${python}/api/servers`],
    ['nginx, a file', nginx.pid, `http://127.0.0.1:${web}/servers.json`],
  ].map(([name, pid, url]) => ({name, pid, url, micros: [], rates: []}));
  for (let round = 0; round < 4; ++round)
    for (const peer of peers) {
      const before = cpuMicros(peer.pid);
      const {requests, rate} = wrk(peer.url, {headers, seconds: round === 0 ? 1 : 3});
      if (round === 0) continue; // warming up
      peer.micros.push((cpuMicros(peer.pid) - before) / requests);
      peer.rates.push(rate);
    }
  const ours = median(peers[0].micros);
  table(`GET /api/servers, 20 servers, ${json.length} bytes, 64 connections`, ['server', 'CPU µs a request', 'requests a second', 'ours / its'], peers.map((peer) => [peer.name, median(peer.micros).toFixed(1), Math.round(median(peer.rates)), (ours / median(peer.micros)).toFixed(2)]));
} finally {
  for (const each of stop.reverse()) await each();
  rmSync(folder, {recursive: true, force: true});
}

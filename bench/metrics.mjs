// /metrics with 10,000 series: CPU of the server for each answer; against Python's prometheus_client with as many.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server, root} from '../tests/support/telltale.mjs';
import {cpuMicros, cpuTicksMicros, freePort, median, peersThatRun, sleep, startPeer, table} from './lib.mjs';

const servers = 670; // fifteen series each
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const stop = [];
try {
  const fleet = {};
  for (let i = 0; i < servers; ++i) fleet[`server-${i}`] = {command: '/bin/true', disabled: true};
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({mcpServers: fleet}));
  const peers = await peersThatRun({
    async Telltale() {
      const server = await Server.start({args: ['--mcp-config', join(folder, 'fleet.json'), '--rate-limit-per-minute', '0']});
      stop.push(() => server.stop());
      return {cpu: () => cpuMicros(server.child.pid), url: `${server.origin}/metrics`};
    },
    async 'Python prometheus_client'() {
      const port = await freePort();
      const child = await startPeer('/usr/bin/python3', [join(root, 'bench/peers/metrics_peer.py'), String(port), String(servers)], `http://127.0.0.1:${port}/metrics`);
      stop.push(() => child.kill());
      return {cpu: () => cpuTicksMicros(child.pid), url: `http://127.0.0.1:${port}/metrics`};
    },
  });
  await sleep(2000); // what a start does besides
  for (const peer of peers) peer.micros = [];
  for (let round = 0; round < 4; ++round)
    for (const peer of peers) {
      const before = peer.cpu();
      for (let i = 0; i < 20; ++i) peer.text = await (await fetch(peer.url)).text();
      if (round > 0) peer.micros.push((peer.cpu() - before) / 20);
    }
  const ours = median(peers[0].micros);
  table('GET /metrics, one client', ['server', 'series', 'CPU ms a scrape', 'ours / its'], peers.map((peer) => [peer.name, peer.text.split('\n').filter((line) => line && !line.startsWith('#')).length, (median(peer.micros) / 1000).toFixed(2), peer === peers[0] ? '' : (ours / median(peer.micros)).toFixed(3)]));
} finally {
  for (const each of stop.reverse()) await each();
  rmSync(folder, {recursive: true, force: true});
}

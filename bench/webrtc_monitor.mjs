// What watching 2,000 WebRTC connections costs: a poll of each every 2 s with scores and timeline, each poll an event, and a dashboard's
// WebSocket open that takes them all. The film is paused, so that the difference to the same server with a poll an hour is the monitor's
// and not that of packets (nor of key frames for a picture that stands still: without optimisation). CPU of the server with all its threads. Memory is what the monitor itself counts (monitor_benchmark).
//
//   BENCH_VIEWERS=2000  BENCH_SECONDS=20  BENCH_ROUNDS=3
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server} from '../tests/support/telltale.mjs';
import {cpuMicros, median, residentKiB, sleep, table} from './lib.mjs';
import {Viewers, whep} from './webrtc/viewers.mjs';

const count = Number(process.env.BENCH_VIEWERS ?? 2000);
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
// Small, so that all can join it within a minute.
execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=5:duration=600', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', '60k', '-g', '5', '-movflags', '+faststart', join(folder, 'film.mp4')]);

// Its events, counted as they come.
async function live(server) {
  const {ticket} = await server.api('/api/auth/ticket', {method: 'POST', body: {}});
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/ws?ticket=${ticket}`);
  const counts = {events: 0, gaps: 0};
  await new Promise((done, failed) => {
    socket.addEventListener('open', done);
    socket.addEventListener('error', () => failed(new Error('no WebSocket')));
  });
  socket.send(JSON.stringify({action: 'subscribe', channels: ['webrtc']}));
  socket.addEventListener('message', ({data}) => {
    if (data.includes('"type":"webrtc_stats"')) ++counts.events;
    if (data.includes('"type":"gap"')) ++counts.gaps;
  });
  return {counts, close: () => socket.close()};
}

async function sample(poll) {
  const server = await Server.start({args: ['--poll-interval', String(poll), '--media-folder', folder, '--rate-limit-per-minute', '0', '--webrtc-max-connections', '5000', '--webrtc-max-connections-per-user', '5000', '--disable-webrtc-metrics', '--disable-optimization'], env: {TELLTALE_LOG_LEVEL: 'error'}});
  const viewers = Viewers.start();
  let socket;
  try {
    const resident = residentKiB(server.child.pid);
    await viewers.join(count, whep(`${server.origin}/whep/file:film.mp4`, await server.adminToken()));
    const {items: [one]} = await server.api('/api/webrtc/connections?limit=1');
    await server.api(`/api/webrtc/connections/${one.id}/pause`, {method: 'POST', body: {paused: true}});
    socket = await live(server);
    await sleep(2 * Math.min(poll, 5) * 1000);
    const {packets: before} = await viewers.ask('mark');
    const [cpu, began, events] = [cpuMicros(server.child.pid), performance.now(), socket.counts.events];
    await sleep(seconds * 1000);
    const elapsed = (performance.now() - began) / 1000;
    const load = (cpuMicros(server.child.pid) - cpu) / elapsed / 1e6;
    const {packets: after, closed} = await viewers.ask('mark');
    if (closed > 0) throw new Error(`${closed} viewers fell away`);
    return {load, events: (socket.counts.events - events) / elapsed, packets: (after - before) / elapsed, gaps: socket.counts.gaps, memory: (residentKiB(server.child.pid) - resident) / count};
  } finally {
    socket?.close();
    await viewers.stop();
    await server.stop();
  }
}

try {
  const samples = {2: [], 3600: []};
  for (let round = 0; round < rounds; ++round) for (const poll of [2, 3600]) samples[poll].push(await sample(poll));
  const of = (poll, field) => median(samples[poll].map((one) => one[field]));
  const percent = (value) => `${(value * 100).toFixed(2)} %`;
  const row = (name, poll) => [name, percent(of(poll, 'load')), of(poll, 'events').toFixed(0), of(poll, 'gaps'), of(poll, 'packets').toFixed(0), `${of(poll, 'memory').toFixed(0)} KiB`];
  table(`${count} connections of a paused film, one WebSocket (medians of ${rounds} rounds of ${seconds} s in turns)`, ['poll', 'of a core', 'webrtc_stats/s', 'gaps', 'RTP packets/s', 'resident a connection'], [row('2 s', 2), row('3,600 s', 3600)]);
  console.log(`the monitor: ${percent(of(2, 'load') - of(3600, 'load'))} of a core (aim: 5 %)`);
  if (of(2, 'events') < (count / 2) * 0.9) console.log(`not valid: ${of(2, 'events').toFixed(0)} of ${count / 2} events a second came`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

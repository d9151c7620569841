// What an RTP packet to a viewer costs a server, with everything around it (RTCP, NACK, feedback, pacing, statistics), SRTP by AES-GCM
// where the server has it: our `telltale` passing on what is published, the floor (AES-GCM by EVP and GSO of the same bytes), Janus fed by RTP, aiortc
// and webrtcbin passing the same film on. The viewers are the same for all. Then what only ours is asked: how late packets leave, memory of
// a viewer, how long a connect takes, what a join costs. Loopback; the server has one core, all else the other.
//
//   BENCH_VIEWERS=200,1000:1500,2000:600  BENCH_ROUNDS=3  BENCH_SECONDS=10  BENCH_PEERS='Telltale|Janus'  BENCH_CONNECTS=500
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {root} from '../tests/support/telltale.mjs';
import {cpuMicros, median, residentKiB, sleep, table} from './lib.mjs';
import {aiortc, janusWith, telltale, webrtcbin} from './webrtc/peers.mjs';
import {Viewers, pinned, serverCore} from './webrtc/viewers.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.BENCH_SECONDS ?? 10);
const connects = Number(process.env.BENCH_CONNECTS ?? 500);
const only = new RegExp(process.env.BENCH_PEERS ?? '.');
const counts = (process.env.BENCH_VIEWERS ?? '200,1000,1300,2000:600').split(',').map((one) => {
  const [viewers, kbps = '1500'] = one.split(':');
  return {viewers: Number(viewers), kbps: Number(kbps)};
});
const folder = join(tmpdir(), 'telltale-bench-webrtc');
const settle = 5000;
const peers = {Telltale: telltale, 'Janus, event_loops=2': janusWith(2), 'Janus, as it comes': janusWith(0), 'aiortc 1.4, passed on': aiortc, 'webrtcbin 1.22': webrtcbin};
// Beyond that they have nothing to show: aiortc and webrtcbin are measured with as many as they carry, Janus with what its core carries.
const most = {'Janus, event_loops=2': 1000, 'Janus, as it comes': 1000, 'aiortc 1.4, passed on': 200, 'webrtcbin 1.22': 200};
const threads = (pid) => Number(/Threads:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

// A server from start to stop with its viewers: one sample.
async function sample(start, {viewers: wanted, kbps}) {
  const peer = await start({folder, kbps});
  const viewers = Viewers.start(peer.address);
  try {
    const count = Math.min(wanted, peer.most ?? wanted);
    const idle = cpuMicros(peer.pid);
    await sleep(1000);
    const perSecond = cpuMicros(peer.pid) - idle;
    const resident = residentKiB(peer.pid);
    await viewers.join(count, peer.signal);
    await sleep(settle);
    const late = await lateOf(peer);
    const [from, cpu, began] = [await viewers.ask('mark'), cpuMicros(peer.pid), performance.now()];
    await sleep(seconds * 1000);
    const [to, used, elapsed] = [await viewers.ask('mark'), cpuMicros(peer.pid) - cpu, (performance.now() - began) / 1000];
    const lateEnd = await lateOf(peer);
    if (to.playing !== count) throw new Error(`${count - to.playing} of ${count} viewers fell away`);
    const packets = to.packets - from.packets;
    return {
      count,
      cost: (used - perSecond * elapsed) / packets,
      rate: packets / elapsed,
      load: used / elapsed / 1e6,
      frames: (to.frames - from.frames) / elapsed / count,
      gaps: to.gaps - from.gaps,
      repeated: (to.retransmitted - from.retransmitted) / packets,
      viewers: (to.cpu_us - from.cpu_us) / packets,
      late: late && (lateEnd.late - late.late) / (lateEnd.sent - late.sent),
      memory: (residentKiB(peer.pid) - resident) / count,
      threads: threads(peer.pid),
    };
  } finally {
    await viewers.stop();
    await peer.stop();
  }
}

// Packets that left more than 20 ms after they were due, of those that left; only ours can say.
async function lateOf(peer) {
  if (!peer.server) return undefined;
  const sum = {late: 0, sent: 0};
  for (const connection of (await peer.server.api('/api/webrtc/connections?limit=10000')).items)
    for (const stream of connection.stats.outboundRtp) {
      sum.late += stream.latePackets;
      sum.sent += stream.packetsSent;
    }
  return sum;
}

const microseconds = (value) => value.toFixed(2);
const percent = (value) => `${(value * 100).toFixed(3)} %`;

// The floor of the same run, on the same core.
function floorOf(viewers) {
  const [command, args] = pinned(serverCore, join(root, 'build/release/src/rtc_benchmark'), ['--benchmark_filter=packet_floor', '--benchmark_format=json']);
  const text = execFileSync(command, args, {encoding: 'utf8', env: {...process.env, RTC_VIEWERS: String(viewers)}, stdio: ['ignore', 'pipe', 'ignore']});
  return JSON.parse(text).benchmarks[0].us_per_packet;
}

async function costs(count) {
  const running = Object.entries(peers).filter(([name]) => only.test(name) && count.viewers <= (most[name] ?? Infinity));
  const samples = Object.fromEntries(running.map(([name]) => [name, []]));
  const floors = [];
  for (let round = 0; round < rounds; ++round) {
    floors.push(floorOf(count.viewers));
    for (const [name, start] of running)
      try {
        samples[name].push(await sample(start, count));
      } catch (error) {
        console.error(`${name} with ${count.viewers} viewers: ${error.message}`);
        if (name === 'Telltale') throw error;
      }
  }
  const of = (name, field) => median(samples[name].map((one) => one[field]));
  const floor = median(floors);
  const rows = [['the floor: EVP AES-GCM, GSO', count.viewers, microseconds(floor), '1.0', '', '', '', '', '', '', '']];
  for (const [name] of running)
    if (samples[name].length > 0)
      rows.push([name, of(name, 'count'), microseconds(of(name, 'cost')), (of(name, 'cost') / floor).toFixed(1), Math.round(of(name, 'rate')), percent(of(name, 'load')), of(name, 'frames').toFixed(1),
        percent(of(name, 'repeated')), of(name, 'gaps'), of(name, 'late') === undefined ? '' : percent(of(name, 'late')), `${of(name, 'memory').toFixed(0)} KiB, ${of(name, 'threads')} threads`]);
    else rows.push([name, count.viewers, 'did not hold', '', '', '', '', '', '', '', '']);
  table(`CPU of the server for an RTP packet, ${count.viewers} viewers of ${count.kbps} kbit/s (medians of ${rounds} rounds of ${seconds} s in turns)`,
    ['server', 'viewers', 'µs a packet', 'of the floor', 'packets/s', 'load of its core', 'frames/s a viewer', 'sent again', 'gaps', 'late over 20 ms', 'memory a viewer'], rows);
  for (const [name] of running) if (samples[name].length > 0) doubt(name, of(name, 'count'), of(name, 'frames'));
}

// A server cannot be judged by packets that it did not get in time, or that viewers did not take in time.
function doubt(name, viewers, frames) {
  if (frames < 28) console.log(`not valid: ${name} with ${viewers} viewers: ${frames.toFixed(1)} of 30 frames a second came through; is the machine busy (load, steal)?`);
}

// How fast one gets in, what it costs, what it holds.
async function joins() {
  const peer = await telltale({folder, kbps: 1500});
  const rows = [];
  try {
    const patient = Viewers.start(peer.address);
    await patient.join(1, peer.signal); // the film plays
    const viewers = Viewers.start(peer.address);
    const times = await viewers.connect(connects, peer.signal);
    const spread = (field) => {
      const sorted = times.map((one) => one[field]).sort((a, b) => a - b);
      return `${sorted[Math.floor(sorted.length / 2)].toFixed(1)} / ${sorted[Math.floor(sorted.length * 0.99)].toFixed(1)} ms`;
    };
    for (const [field, what] of [['ice', 'ICE'], ['dtls', 'ICE and DTLS'], ['packet', 'the first packet of media'], ['frame', 'the first key frame, whole']])
      rows.push([`from the answer to ${what}, p50 / p99 of ${connects} connects`, spread(field)]);
    await viewers.stop();
    await patient.stop();
  } finally {
    await peer.stop();
  }
  for (const data of [false, true]) rows.push(...(await crowd(data)));
  table('Joining ours', ['what', 'figure'], rows);
}

// All share the journal (10,000 events, docs/websocket.md) and SQLite's cache: they are to be full before others come, or what fills them
// would be taken for theirs.
async function journalFull(server) {
  while ((await server.api('/api/system')).events_seq < 10_000) await sleep(500);
}

// As many as come at once. What is sent to them is taken off at its price.
async function crowd(data) {
  const count = 500;
  const peer = await telltale({folder, kbps: 1500});
  const first = Viewers.start(peer.address);
  const viewers = Viewers.start(peer.address);
  try {
    await first.join(1, peer.signal);
    const [cpu, began] = [cpuMicros(peer.pid), performance.now()];
    await viewers.join(count, peer.signal, {data});
    const [used, elapsed, sent] = [cpuMicros(peer.pid) - cpu, (performance.now() - began) / 1000, (await viewers.ask('mark')).packets];
    await sleep(settle);
    const [mark, steady] = [await viewers.ask('mark'), cpuMicros(peer.pid)];
    await sleep(5000);
    const price = (cpuMicros(peer.pid) - steady) / ((await viewers.ask('mark')).packets - mark.packets);
    await journalFull(peer.server);
    const before = residentKiB(peer.pid);
    await viewers.join(count, peer.signal, {data});
    await sleep(settle);
    const memory = (residentKiB(peer.pid) - before) / count;
    const what = data ? 'with a data channel' : 'without a data channel';
    return [
      [`joins a second, ${what} (WHEP to the first key frame; viewers and script share the other core)`, Math.round(count / elapsed)],
      [`CPU of a join with its HTTP request, ${what}`, `${(used / count / 1000).toFixed(2)} ms, ${((used - sent * price) / count / 1000).toFixed(2)} ms without the media sent meanwhile`],
      [`resident memory of a viewer, ${what}, beyond the first ${count}`, `${memory.toFixed(1)} KiB`],
    ];
  } finally {
    await first.stop();
    await viewers.stop();
    await peer.stop();
  }
}

for (const count of counts) await costs(count);
if (connects > 0 && only.test('Telltale')) await joins();

// One event to many clients: CPU of the server for each delivery of 300 bytes, to 1,000 and to 5,000 clients, published one by one and 16
// at once; how late deliveries are; CPU of a connect with its token check, memory of an idle connection; 10,000 clients held. Peers in the
// same run, with the same load (fan_out_client): a bare send() loop, nginx with Nchan, NATS, Node ws, FastAPI.
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {Server, root} from '../tests/support/telltale.mjs';
import {cpuMicros, freePort, median, residentKiB, sleep, startPeer, table} from './lib.mjs';

const programs = process.env.BENCH_PROGRAMS ?? join(root, 'build/release/bench');
const counts = (process.env.BENCH_CLIENTS ?? '1000,5000').split(',').map(Number);
const only = new RegExp(process.env.BENCH_PEERS ?? '.');
const rounds = 3;
const bytes = 300;
const stamp = `@@${'0'.repeat(20)}`;
const padded = stamp.padEnd(bytes, 'x');
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const fileOf = (text) => {
  fileOf.count = (fileOf.count ?? 0) + 1;
  const path = join(folder, `say-${fileOf.count}`);
  writeFileSync(path, text);
  return path;
};

// A client frame; its mask is zero.
function frame(text) {
  const length = text.length < 126 ? [128 | text.length] : [128 | 126, text.length >> 8, text.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), Buffer.from(text)]);
}
const upgrade = (path, headers = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;
const post = (path, body, headers = '') => `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
const lines = (count) => Array(count).fill(padded).join('\n');

// The program that plays the clients.
class Load {
  constructor(port, speech) {
    this.child = spawn(join(programs, 'fan_out_client'), [String(port), speech], {stdio: ['pipe', 'pipe', 'inherit']});
    this.answers = createInterface({input: this.child.stdout})[Symbol.asyncIterator]();
  }
  async ask(...words) {
    this.child.stdin.write(`${words.join(' ')}\n`);
    let timer;
    const late = new Promise((_, failed) => {
      timer = setTimeout(() => failed(new Error(`fan_out_client did not answer ${words[0]}`)), 180_000);
    });
    const {value, done} = await Promise.race([this.answers.next(), late]).finally(() => clearTimeout(timer));
    if (done) throw new Error(`fan_out_client ended at ${words[0]}`);
    return JSON.parse(value);
  }
  stop() {
    this.child.kill('SIGKILL');
  }
}

// How each server is started and spoken to.
const peers = {
  async Telltale() {
    const server = await Server.start({args: ['--rate-limit-per-minute', '0']});
    const token = await server.adminToken();
    const port = Number(new URL(server.origin).port);
    const report = (count, pad) => {
      const message = {direction: 'to_server', time: '2026-11-21T00:00:00Z', method: stamp + 'x'.repeat(pad), id: '', kind: 'notification', bytes};
      return post('/api/taps', JSON.stringify({tap: 'bench', messages: Array(count).fill(message)}), `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`);
    };
    // So much that an event has 300 bytes.
    const load = new Load(port, 'websocket');
    const talk = {request: upgrade('/ws', `Authorization: Bearer ${token}\r\n`), hello: frame('{"action":"subscribe","channels":["events"]}'), ready: '"subscribed"'};
    await load.ask('connect', 1, fileOf(talk.request), fileOf(talk.hello), talk.ready);
    await load.ask('publisher', '-');
    const probe = await load.ask('run', 1, fileOf(report(1, 0)), 1);
    load.stop();
    return {port, pid: server.child.pid, speech: 'websocket', ...talk, publish: (count) => report(count, bytes + 4 - probe.bytes), stop: () => server.stop()};
  },
  async 'a bare send() loop'() {
    const port = await freePort();
    const child = spawn(join(programs, 'fan_out_floor'), [String(port)], {stdio: ['ignore', 'ignore', 'inherit']});
    await sleep(300);
    return {port, pid: child.pid, speech: 'websocket', request: upgrade('/'), publish: (count) => `${count} ${bytes}\n${padded.repeat(count)}`, stop: () => child.kill()};
  },
  async 'nginx + Nchan'() {
    const port = await freePort();
    const home = join(folder, 'nchan');
    mkdirSync(home, {recursive: true});
    writeFileSync(join(home, 'nginx.conf'), `load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off; user root; worker_processes 1; worker_rlimit_nofile 20000; pid ${home}/nginx.pid; error_log stderr error; events {worker_connections 12000;}
http {access_log off; keepalive_requests 100000000; client_body_temp_path ${home}; proxy_temp_path ${home}; fastcgi_temp_path ${home}; uwsgi_temp_path ${home}; scgi_temp_path ${home};
server {listen 127.0.0.1:${port} backlog=4096;
 location = / {return 200 "{}";}
 location = /sub {nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest;}
 location = /pub {nchan_publisher http; nchan_channel_id bench; nchan_message_buffer_length 64; nchan_message_timeout 10s;}}}`);
    const child = await startPeer('nginx', ['-c', join(home, 'nginx.conf'), '-p', home], `http://127.0.0.1:${port}/`);
    return {port, pid: child.pid, family: true, speech: 'websocket', request: upgrade('/sub'), publish: (count) => post('/pub', padded).repeat(count), stop: () => child.kill()};
  },
  async 'NATS (its own protocol)'() {
    const port = await freePort();
    const watch = await freePort();
    const child = await startPeer('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-m', String(watch)], `http://127.0.0.1:${watch}/varz`, {stdio: 'ignore'});
    const connect = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
    return {port, pid: child.pid, speech: 'lines', request: `${connect}SUB bench 1\r\nPING\r\n`, ready: 'PONG', publisher: connect, publish: (count) => `PUB bench ${bytes}\r\n${padded}\r\n`.repeat(count), stop: () => child.kill()};
  },
  async 'Node ws'() {
    const port = await freePort();
    const child = await startPeer(process.execPath, [join(root, 'bench/peers/ws_peer.mjs'), String(port), 'secret'], `http://127.0.0.1:${port}/`);
    return {port, pid: child.pid, speech: 'websocket', request: upgrade('/', 'Authorization: Bearer secret\r\n'), publish: (count) => post('/', lines(count)), stop: () => child.kill()};
  },
  async 'FastAPI + uvicorn'() {
    const port = await freePort();
    const child = await startPeer('/usr/bin/python3', ['-m', 'uvicorn', '--app-dir', join(root, 'bench/peers'), '--port', String(port), '--ws', 'websockets', '--timeout-keep-alive', '600', '--log-level', 'error', '--no-access-log', 'fan_out_peer:app'], `http://127.0.0.1:${port}/`, {env: {...process.env, BENCH_TOKEN: 'secret'}});
    return {port, pid: child.pid, speech: 'websocket', request: upgrade('/ws', 'Authorization: Bearer secret\r\n'), publish: (count) => post('/', lines(count)), stop: () => child.kill()};
  },
};

async function begin(name) {
  const peer = await peers[name]();
  peer.name = name;
  peer.cpu = () => cpuMicros(peer.pid, peer.family);
  peer.connect = async (load, count) => {
    const before = peer.cpu();
    const answer = await load.ask('connect', count, fileOf(peer.request), peer.hello ? fileOf(peer.hello) : '-', peer.ready ?? '-');
    if (answer.ready < count) throw new Error(`${name}: ${answer.ready} of ${count} clients connected`);
    await sleep(100);
    return (peer.cpu() - before) / count;
  };
  return peer;
}
const memory = (peer) => (peer.family ? residentFamily(peer.pid) : residentKiB(peer.pid));
function residentFamily(pid) {
  let sum = residentKiB(pid);
  for (const task of children(pid)) sum += residentFamily(task);
  return sum;
}
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

async function fanOut(clients) {
  const all = [];
  const loads = [];
  try {
    for (const name of Object.keys(peers).filter((one) => only.test(one))) {
      let peer;
      try {
        peer = await begin(name);
        all.push(peer);
        const load = new Load(peer.port, peer.speech);
        loads.push(load);
        Object.assign(peer, {load, single: [], joined: [], p50: [], p99: []});
        peer.connectMicros = await peer.connect(load, clients);
        await load.ask('publisher', peer.publisher ? fileOf(peer.publisher) : '-');
      } catch (error) {
        console.error(`${name} cannot run: ${error.message}`);
        if (all.at(-1) === peer) await all.pop()?.stop();
      }
    }
    for (let round = 0; round <= rounds; ++round)
      for (const peer of all.filter((one) => !one.lost))
        for (const pending of [1, 16]) {
          const publications = Math.max(3, Math.round((round === 0 ? 10_000 : 60_000) / clients / (pending === 1 ? 1 : 8)));
          const before = peer.cpu();
          const answer = await peer.load.ask('run', publications, fileOf(peer.publish(pending)), pending);
          const micros = (peer.cpu() - before) / answer.deliveries;
          if (answer.missing) {
            console.error(`${peer.name} lost ${answer.missing} deliveries of ${pending} at once to ${clients} clients and is left out`);
            peer.lost = true;
            break;
          }
          if (round === 0) continue; // warming up
          (pending === 1 ? peer.single : peer.joined).push(micros);
          if (pending === 1) peer.p50.push(answer.p50_us), peer.p99.push(answer.p99_us);
        }
    const ours = all[0];
    const ratio = (values, peer) => (peer === ours ? '' : (median(ours[values]) / median(peer[values])).toFixed(2));
    table(
      `One event of ${bytes} bytes to ${clients} clients`,
      ['server', 'CPU µs a delivery', 'ours / its', 'CPU µs, 16 pending', 'ours / its', 'p50 ms', 'p99 ms', 'CPU µs a connect'],
      all.filter((one) => !one.lost).map((peer) => [peer.name, median(peer.single).toFixed(2), ratio('single', peer), median(peer.joined).toFixed(2), ratio('joined', peer), (median(peer.p50) / 1000).toFixed(1), (median(peer.p99) / 1000).toFixed(1), peer.connectMicros.toFixed(0)]),
    );
  } finally {
    for (const load of loads) load.stop();
    for (const peer of all) await peer.stop();
  }
}

async function idle(clients) {
  const rows = [];
  for (const name of Object.keys(peers).filter((one) => only.test(one))) {
    let peer, load;
    try {
      peer = await begin(name);
      load = new Load(peer.port, peer.speech);
      await peer.connect(load, 200); // what the first ones allocate is not theirs alone
      const before = memory(peer);
      const connect = await peer.connect(load, clients - 200);
      await load.ask('hold', 3);
      const each = ((memory(peer) - before) / (clients - 200)).toFixed(2);
      const from = peer.cpu();
      const held = await load.ask('hold', 10);
      rows.push([name, clients, clients - held.gone, connect.toFixed(1), each, ((peer.cpu() - from) / 1e5).toFixed(2)]);
    } catch (error) {
      rows.push([name, clients, `cannot run: ${error.message}`, '', '', '']);
    } finally {
      load?.stop();
      await peer?.stop();
    }
  }
  table('Idle connections, with a token check and a subscription', ['server', 'clients', 'held', 'CPU µs a connect', 'KiB each', 'CPU of a core while idle, %'], rows);
}

try {
  for (const clients of counts) await fanOut(clients);
  const held = Number(process.env.BENCH_IDLE ?? 10_000);
  if (held > 0) await idle(held);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

// Real packets through the relay: counts, echo, and the same fates for the same seed. node check.mjs PROGRAM
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';

const program = process.argv[2];
const packets = 400;

async function run(options, command = '') {
  const echo = createSocket('udp4').on('message', (bytes, from) => echo.send(bytes, from.port, from.address));
  echo.bind(0, '127.0.0.1');
  await once(echo, 'listening');
  echo.setRecvBufferSize(4 << 20);
  const relay = spawn(program, ['--to', `127.0.0.1:${echo.address().port}`, ...options], {stdio: ['pipe', 'pipe', 'inherit']});
  let output = '';
  relay.stdout.setEncoding('utf8').on('data', (text) => { output += text; });
  while (!output.includes('\n')) await once(relay.stdout, 'data');
  const {port} = JSON.parse(output);
  output = '';
  if (command) {
    relay.stdin.write(`${command}\ncounts\n`);
    while (!output.includes('\n')) await once(relay.stdout, 'data');
    assert.equal(JSON.parse(output).there.offered, 0, 'the counts so far');
    output = '';
  }
  const client = createSocket('udp4');
  const back = [];
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
  client.setRecvBufferSize(4 << 20);
  let last = Date.now();
  client.on('message', (bytes) => { back.push(bytes.readUInt16BE(0)); last = Date.now(); });
  for (let i = 0; i < packets; ++i) {
    const bytes = Buffer.alloc(200);
    bytes.writeUInt16BE(i);
    client.send(bytes, port, '127.0.0.1');
    if (i % 50 === 49) await new Promise((done) => setImmediate(done));
  }
  while (Date.now() - last < 400) await new Promise((done) => setTimeout(done, 20));
  relay.stdin.end();
  await once(relay, 'close');
  client.close();
  echo.close();
  return {back, counts: JSON.parse(output)};
}

const clean = await run([]);
assert.deepEqual(clean.back, [...Array(packets).keys()], 'a clean link changes nothing');
assert.equal(clean.counts.there.lost, 0);

const bad = ['--seed', '7', '--delay-ms', '20', '--jitter-ms', '5', '--loss', '0.1', '--burst-start', '0.01', '--burst-packets', '3', '--duplicate', '0.05'];
const first = await run(bad);
assert.equal(first.counts.there.offered, packets);
assert.equal(first.counts.back.delivered, first.back.length, 'what it says is what came');
assert.ok(first.counts.there.lost > 20 && first.counts.there.lost < 90, `lost ${first.counts.there.lost}`);
assert.ok(first.counts.there.duplicated > 5);
const again = await run(bad);
assert.deepEqual(again.counts.there, first.counts.there, 'the same seed, the same fates');
const other = await run(['--seed', '8', ...bad.slice(2)]);
assert.notDeepEqual(other.back, first.back);

const narrow = await run(['--rate-kbps', '1000', '--queue-ms', '100']);
assert.ok(narrow.counts.there.overflowed > 100, 'the queue is bounded');
assert.ok(narrow.counts.there.queue_ms_max <= 101);

const changed = await run(['--rate-kbps', '100000', '--queue-ms', '100'], 'rate-kbps 1000\nforget');
assert.ok(changed.counts.there.overflowed > 100, 'the rate can change while it runs');
const opened = await run(['--loss', '1'], 'loss 0');
assert.equal(opened.counts.there.lost, 0, 'so can its loss');
console.log('lossy_link: ok');

// The process that plays viewers (bench/webrtc_viewers.cpp), and how its offers reach each kind of server.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {networkInterfaces} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {root} from '../../tests/support/telltale.mjs';

const programs = process.env.BENCH_PROGRAMS ?? join(root, 'build/release/bench');
const atOnce = 32;

// With two cores the server has the first to itself; everything else runs on the others.
export const serverCore = '0';
export const otherCores = process.env.BENCH_CORES ?? '1';
export const pinned = (cores, command, args) => ['taskset', ['-c', cores, command, ...args]];

// Janus, aiortc and webrtcbin offer no loopback address: packets to an address of this machine take the same way through the kernel.
export const ownAddress = () => Object.values(networkInterfaces()).flat().find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';

export class Viewers {
  static start(address = '127.0.0.1') {
    const viewers = new Viewers();
    viewers.child = spawn(...pinned(otherCores, join(programs, 'webrtc_viewers'), [address]), {stdio: ['pipe', 'pipe', 'inherit']});
    viewers.exited = once(viewers.child, 'exit');
    viewers.answers = createInterface({input: viewers.child.stdout})[Symbol.asyncIterator]();
    return viewers;
  }
  async ask(words, body) {
    this.child.stdin.write(`${words}\n${body === undefined ? '' : `${JSON.stringify(body)}\n`}`);
    const {value, done} = await this.answers.next();
    if (done) throw new Error(`webrtc_viewers ended at ${words}`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(`${words}: ${answer.error}`);
    return answer;
  }
  // `count` more, some at once; returns when each has a picture. `signal`: an offer in, an answer out.
  async join(count, signal, {data = false, seconds = 60} = {}) {
    for (let left = count; left > 0; left -= atOnce) {
      const {viewers} = await this.ask(`offer ${Math.min(atOnce, left)}${data ? ' data' : ''}`);
      const answers = await Promise.all(viewers.map(async ({id, sdp}) => ({id, sdp: await signal(sdp)})));
      const {accepted} = await this.ask('accept', answers);
      if (accepted !== answers.length) throw new Error(`${answers.length - accepted} answers were not taken`);
    }
    const {all} = await this.ask(`wait ${seconds}`);
    const {playing, closed} = await this.ask('mark');
    if (!all || closed > 0) throw new Error(`${playing} of ${count} viewers play, ${closed} ended`);
  }
  // One after the other: each from its answer to its first packet.
  async connect(count, signal) {
    for (let i = 0; i < count; ++i) {
      const {viewers: [{id, sdp}]} = await this.ask('offer 1');
      await this.ask('accept', [{id, sdp: await signal(sdp)}]);
      if (!(await this.ask(`connect ${id}`)).all) throw new Error(`viewer ${id} got no packet`);
    }
    return this.ask('times');
  }
  // Instead of viewing: sends the film.
  async publish(file, signal) {
    const {id, sdp} = await this.ask('offer_to_publish');
    await this.ask('accept', [{id, sdp: await signal(sdp)}]);
    if (!(await this.ask('wait 20')).all) throw new Error('the publisher does not connect');
    await this.ask(`publish ${file}`);
  }
  async stop() {
    this.child.stdin.end();
    await this.exited;
  }
}

async function post(url, body, headers = {}) {
  const answer = await fetch(url, {method: 'POST', body, headers});
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return text;
}

// WHEP, as we, aiortc's and webrtcbin's peer speak it.
export const whep = (url, token) => (sdp) => post(url, sdp, {'content-type': 'application/sdp', ...(token ? {authorization: `Bearer ${token}`} : {})});

// Janus offers and its viewers answer, over HTTP with long polls. Our viewers offer: each side is given what the other said in the
// form it expects. Payload types are the same on both sides; of the extensions only abs-send-time has one id on both.
const line = (sdp, start) => sdp.split('\r\n').filter((one) => one.startsWith(start));
const shared = 'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const codec = ['a=rtpmap:96 H264/90000', 'a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f', 'a=rtcp-fb:96 nack', 'a=rtcp-fb:96 nack pli',
  'a=rtcp-fb:96 ccm fir', 'a=rtcp-fb:96 goog-remb', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'];
const answerOf = (sdp, mid, setup, direction, candidates) => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${mid}`, ...line(sdp, 'a=ice-lite'),
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97', 'c=IN IP4 127.0.0.1', `a=mid:${mid}`, line(sdp, 'a=ice-ufrag')[0], line(sdp, 'a=ice-pwd')[0], line(sdp, 'a=fingerprint')[0],
  `a=setup:${setup}`, ...candidates, 'a=end-of-candidates', shared, `a=${direction}`, 'a=rtcp-mux', 'a=rtcp-rsize', ...codec, ...line(sdp, 'a=ssrc'), ''].join('\r\n');

export function janus(url, alive) {
  const ask = async (path, body) => JSON.parse(await post(url + path, JSON.stringify({transaction: 'bench', ...body})));
  return async (offer) => {
    const session = (await ask('', {janus: 'create'})).data.id;
    const handle = `/${session}/${(await ask(`/${session}`, {janus: 'attach', plugin: 'janus.plugin.streaming'})).data.id}`;
    const event = async () => (await fetch(`${url}/${session}?maxev=1`)).json();
    await ask(handle, {janus: 'message', body: {request: 'watch', id: 1}});
    let offered;
    do offered = await event(); while (!offered.jsep);
    const theirs = offered.jsep.sdp;
    const ours = answerOf(offer, line(theirs, 'a=mid')[0].slice(6), 'active', 'recvonly', line(offer, 'a=candidate'));
    await ask(handle, {janus: 'message', body: {request: 'start'}, jsep: {type: 'answer', sdp: ours}});
    alive.add(session); // needs a word each minute
    return answerOf(theirs, '0', 'passive', 'sendonly', line(theirs, 'a=candidate').filter((one) => / udp \d+ [\d.]+ /.test(one)));
  };
}
export const keepAlive = (url, session) => post(`${url}/${session}`, JSON.stringify({janus: 'keepalive', transaction: 'bench'}));

// The servers of bench/webrtc.mjs, each on the core that is the server's, playing the same film: ours, Janus, aiortc, webrtcbin.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Server, root} from '../../tests/support/telltale.mjs';
import {freePort, sleep, startPeer} from '../lib.mjs';
import {Viewers, janus, keepAlive, otherCores, ownAddress, pinned, serverCore, whep} from './viewers.mjs';

const filmSeconds = 20;
const films = {1500: {size: '1280x720', rate: '1500k'}, 600: {size: '640x360', rate: '600k'}};

// Constrained baseline at a constant rate, a key frame each two seconds; nine times over, so that nobody has to loop.
export function makeFilm(folder, kbps) {
  const {size, rate} = films[kbps];
  mkdirSync(folder, {recursive: true});
  const film = join(folder, `film-${kbps}.mp4`);
  if (existsSync(film)) return film;
  const ffmpeg = (...words) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...words]);
  const short = join(folder, `short-${kbps}.mp4`);
  ffmpeg('-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${filmSeconds}`, '-vf', 'noise=alls=12:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'baseline',
    '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate,
    '-x264-params', 'nal-hrd=cbr:keyint=60:min-keyint=60:scenecut=0:sliced-threads=0', short);
  writeFileSync(join(folder, 'list'), `file ${short}\n`.repeat(9));
  ffmpeg('-f', 'concat', '-safe', '0', '-i', join(folder, 'list'), '-c', 'copy', '-movflags', '+faststart', film);
  ffmpeg('-i', film, '-c', 'copy', '-f', 'mpegts', join(folder, `film-${kbps}.ts`)); // for aiortc and webrtcbin
  ffmpeg('-i', short, '-c', 'copy', '-bsf:v', 'h264_mp4toannexb,h264_metadata=aud=insert', join(folder, `film-${kbps}.h264`)); // for us: played again and again
  return film;
}

const ended = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exit;
  clearTimeout(timer);
};

// Fed as Janus is, by somebody who publishes (WHIP): what comes is passed on.
export async function telltale({folder, kbps}) {
  makeFilm(folder, kbps);
  const server = await Server.start({args: ['--loops', '1', '--rate-limit-per-minute', '0', '--webrtc-max-connections', '5000', '--webrtc-max-connections-per-user', '5000']});
  execFileSync('taskset', ['-a', '-c', '-p', serverCore, String(server.child.pid)], {stdio: 'ignore'});
  const token = await server.adminToken();
  const feed = Viewers.start();
  await feed.publish(join(folder, `film-${kbps}.h264`), whep(`${server.origin}/whip/film`, token));
  return {
    pid: server.child.pid,
    server,
    address: '127.0.0.1',
    signal: whep(`${server.origin}/whep/film`, token),
    stop: async () => {
      await feed.stop();
      await server.stop();
    },
  };
}

export const janusWith = (eventLoops) => async ({folder, kbps}) => {
  makeFilm(folder, kbps);
  const [http, rtp] = [await freePort(), await freePort()];
  const config = join(folder, `janus-${eventLoops}`);
  const library = '/usr/lib/x86_64-linux-gnu/janus';
  mkdirSync(config, {recursive: true});
  const others = (names) => names.map((name) => `libjanus_${name}.so`).join(',');
  writeFileSync(join(config, 'janus.jcfg'), `general: { configs_folder = "${config}" plugins_folder = "${library}/plugins" transports_folder = "${library}/transports"
    events_folder = "${library}/events" loggers_folder = "${library}/loggers" debug_level = ${process.env.JANUS_DEBUG ?? 2} ${eventLoops ? `event_loops = ${eventLoops}` : ''} }
nat: { ice_lite = true }
plugins: { disable = "${others(['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'recordplay', 'sip', 'textroom', 'videocall', 'videoroom', 'voicemail'])}" }
transports: { disable = "${others(['mqtt', 'nanomsg', 'pfunix', 'rabbitmq', 'websockets'])}" }
loggers: { disable = "libjanus_jsonlog.so" }\n`);
  writeFileSync(join(config, 'janus.transport.http.jcfg'), `general: { json = "compact" base_path = "/janus" http = true ip = "127.0.0.1" port = ${http} https = false }\nadmin: { admin_http = false }\n`);
  writeFileSync(join(config, 'janus.plugin.streaming.jcfg'), `film: { type = "rtp" id = 1 audio = false video = true videoport = ${rtp} videopt = 96 videocodec = "h264"
    videofmtp = "profile-level-id=42e01f;packetization-mode=1" }\n`);
  const url = `http://127.0.0.1:${http}/janus`;
  const child = await startPeer(...pinned(serverCore, 'janus', ['-F', config, '-C', join(config, 'janus.jcfg')]), `${url}/info`, {stdio: ['ignore', process.env.JANUS_DEBUG ? 'inherit' : 'ignore', 'ignore']});
  const feed = spawn(...pinned(otherCores, 'ffmpeg', ['-v', 'fatal', '-re', '-i', join(folder, `film-${kbps}.ts`), '-c', 'copy', '-f', 'rtp', '-payload_type', '96', `rtp://127.0.0.1:${rtp}?pkt_size=1150`]), {stdio: ['ignore', 'ignore', 'inherit']});
  const alive = new Set();
  const words = setInterval(() => alive.forEach((session) => keepAlive(url, session).catch(() => {})), 25_000);
  return {
    pid: child.pid,
    address: ownAddress(),
    signal: janus(url, alive),
    stop: async () => {
      clearInterval(words);
      await ended(feed);
      await ended(child);
    },
  };
};

// webrtcbin leaves the profile out of its answer, which then means another one (RFC 6184 section 8.1).
const profiled = (sdp) => sdp.replace(/^a=fmtp:96 (?!.*profile-level-id)(.*)$/m, 'a=fmtp:96 profile-level-id=42e01f;$1');

// Peers of a script of ours each (bench/peers), which answers POST /whep.
const scripted = (script, most) => async ({folder, kbps}) => {
  makeFilm(folder, kbps);
  const port = await freePort();
  const child = await startPeer(...pinned(serverCore, '/usr/bin/python3', [join(root, 'bench/peers', script), String(port), join(folder, `film-${kbps}.ts`)]), `http://127.0.0.1:${port}/`, {stdio: 'ignore'});
  await sleep(500);
  return {pid: child.pid, most, address: ownAddress(), signal: async (sdp) => profiled(await whep(`http://127.0.0.1:${port}/whep`)(sdp)), stop: () => ended(child)};
};
export const aiortc = scripted('webrtc_aiortc_peer.py', 20);
export const webrtcbin = scripted('webrtc_gstreamer_peer.py', 40);

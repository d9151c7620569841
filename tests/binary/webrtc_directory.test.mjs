// A film out of a directory: "CID/a/b.mp4" by stream and by WHEP, to real viewers that count its pictures.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, adminPassword, command, root} from '../support/telltale.mjs';

const offer = readFileSync(join(root, 'src/rtc/sdp/offers/chromium_receive.sdp'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'telltale-directory-'));
let server, token, cid;
const run = (...args) => command(args, {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});

before(async () => {
  mkdirSync(join(folder, 'films/a'), {recursive: true});
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=3', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', '-pix_fmt', 'yuv420p', join(folder, 'films/a/b.mp4')]);
  server = await Server.start({});
  token = await server.adminToken();
  const added = await run('content', 'add', join(folder, 'films'), '--url', server.origin);
  assert.equal(added.code, 0, added.stderr);
  cid = added.stdout.trim();
});
after(async () => {
  await server?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const plays = async (id) => {
  const shown = await server.api(`/api/webrtc/connections/${id}`);
  assert.equal(Math.round(shown.playing.duration_seconds), 3, JSON.stringify(shown.playing));
  return shown;
};

test('by stream, and by WHEP with the path in the address', async () => {
  const streamed = await server.api('/api/v0/webrtc/stream', {method: 'POST', body: {cid: `${cid}/a/b.mp4`, quality: 'low', sdp: offer}});
  assert.equal((await plays(streamed.connection_id)).source, `${cid}/a/b.mp4`);
  const whep = await fetch(`${server.origin}/whep/${encodeURIComponent(`${cid}/a/b.mp4`)}`, {method: 'POST', headers: {authorization: `Bearer ${token}`, 'content-type': 'application/sdp'}, body: offer});
  assert.equal(whep.status, 201, await whep.clone().text());
  await plays(whep.headers.get('location').split('/').at(-1));
});

test('its pictures arrive', async () => {
  const {code, stdout, stderr} = await run('simulate', '--url', server.origin, '--source', `${cid}/a/b.mp4`, '--viewers', '1', '--duration', '4', '--ramp', '0', '--stay', '0', '--settled', '0', '--json', '--objective', 'frames_per_second>=10');
  assert.equal(code, 0, stdout + stderr);
});

test('what is not in it is named', async () => {
  for (const path of ['a/none.mp4', 'a', 'b.mp4']) {
    const answer = await server.fetch('/api/v0/webrtc/stream', {method: 'POST', token, body: {cid: `${cid}/${path}`, sdp: offer}});
    assert.ok([404, 422].includes(answer.status), `${path}: ${answer.status}`);
  }
});

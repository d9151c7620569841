// Reports over the real binary: made in every format, kept, sent by mail to a real SMTP server, refused.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {Server, adminPassword, command, root, within} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-reporting-'));
const file = (name) => join(folder, name);
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key.pem'), '-out', file('cert.pem')], {stdio: 'ignore'});

class MailServer {
  static async start(mode) {
    const one = new MailServer();
    one.child = spawn('/usr/bin/python3', [join(root, 'tests/support/smtp_server.py'), mode, file('cert.pem'), file('key.pem')], {stdio: ['pipe', 'pipe', 'inherit']});
    one.lines = createInterface({input: one.child.stdout})[Symbol.asyncIterator]();
    one.port = Number((await within(20_000, 'the mail server', one.lines.next())).value);
    return one;
  }
  async letter() {
    return JSON.parse((await within(20_000, 'a letter', this.lines.next())).value);
  }
  stop() {
    this.child.kill('SIGKILL');
  }
}

let mail;
let server;
before(async () => {
  mail = await MailServer.start('starttls');
  const memory = join(root, 'examples/demo/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
  writeFileSync(file('fleet.json'), JSON.stringify({mcpServers: {'mémoire <b>': {command: process.execPath, args: [memory], env: {MEMORY_FILE_PATH: file('memory.jsonl')}}}}));
  server = await Server.start({
    args: ['--mcp-config', file('fleet.json'), '--smtp-url', `smtp://127.0.0.1:${mail.port}`, '--smtp-from', 'Télltale <hub@example.org>', '--smtp-username', 'telltale', '--smtp-ca', file('cert.pem')],
    env: {TELLTALE_SMTP_PASSWORD: 'sesame, open'},
  });
  await server.api('/api/servers/mémoire <b>/test', {method: 'POST'}).catch(() => {});
});
after(async () => {
  await server?.stop();
  mail?.stop();
  rmSync(folder, {recursive: true, force: true});
});

const ask = async (path, options = {}) => {
  const answer = await server.fetch(path, {token: await server.adminToken(), ...options});
  return {status: answer.status, type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer())};
};
const post = async (path, body) => {
  const {status, bytes} = await ask(path, {method: 'POST', body});
  return {status, body: JSON.parse(bytes)};
};
const generate = (body) => post('/api/reports/generate', body);

test('every format of every kind that this server makes; kept, read, removed', async () => {
  const formats = ['html', 'json', 'pdf', 'csv', 'markdown'];
  for (const more of [{kind: 'fleet_health'}, {kind: 'incident', server: 'mémoire <b>'}, {kind: 'webrtc'}]) {
    const {status, body} = await generate({...more, formats});
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual(body.files.map(({format}) => format), [...formats].sort());
    const read = async (format) => ask(`/api/reports/${body.id}?format=${format}`);
    const pdf = await read('pdf');
    assert.equal(pdf.type, 'application/pdf');
    writeFileSync(file('a.pdf'), pdf.bytes);
    assert.match(execFileSync('pdftotext', [file('a.pdf'), '-'], {encoding: 'utf8'}), more.kind === 'webrtc' ? /WebRTC connections/ : /mémoire <b>|Fleet health/);
    const html = await read('html');
    assert.match(html.type, /^text\/html/);
    assert.ok(!html.bytes.includes('mémoire <b>'), 'escaped');
    assert.ok(gzipSync(html.bytes).length <= 120 * 1024, 'the size budget of an offline report');
    assert.equal(JSON.parse((await read('json')).bytes).kind, more.kind);
    assert.match((await read('markdown')).bytes.toString(), /^# /);
    assert.match((await read('csv')).type, /^text\/csv/);
    assert.equal(JSON.parse((await ask(`/api/reports/${body.id}`)).bytes).kind, more.kind);
    assert.equal((await ask(`/api/reports/${body.id}`, {method: 'DELETE'})).status, 200);
    assert.equal((await read('pdf')).status, 404);
  }
  assert.deepEqual(JSON.parse((await ask('/api/reports')).bytes).items, []);
});

test('what is wrong is named; what is not there is said', async () => {
  const wrong = [
    [{kind: 'nonsense'}, '/kind'], [{formats: ['exe']}, '/formats/0'], [{formats: []}, '/formats'], [{formats: 'pdf'}, '/formats'],
    [{from: 'yesterday'}, '/from'], [{to: 'tomorrow'}, '/to'], [{from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z'}, '/from'], [{from: '2001-01-01T00:00:00Z'}, '/from'],
    [{server: 'x'}, '/server'], [{kind: 'incident'}, '/server'], [{email: ['a@b.c\r\nBcc: d@e.f']}, '/email/0'], [{email: 'a@b.c'}, '/email'], [{nosuch: 1}, '/nosuch'],
  ];
  for (const [change, field] of wrong) {
    const {status, body} = await generate({kind: 'fleet_health', ...change});
    assert.ok(status === 400 || status === 422, `${JSON.stringify(change)}: ${status}`);
    assert.deepEqual(body.errors?.map(({pointer}) => pointer), [field], JSON.stringify([change, body]));
  }
  assert.equal((await generate({kind: 'incident', server: 'nosuch'})).status, 404);
  const served = await Server.start({args: ['--disable-webrtc-monitor']});
  try {
    const answer = await served.fetch('/api/reports/generate', {method: 'POST', token: await served.adminToken(), body: {kind: 'webrtc'}});
    assert.equal(answer.status, 501);
  } finally {
    await served.stop();
  }
  for (const id of ['nosuch', '..%2f..%2fetc%2fpasswd', 'rep_00000000000000000000000000']) for (const format of ['', '?format=pdf']) assert.equal((await ask(`/api/reports/${id}${format}`)).status, 404);
});

test('a letter by STARTTLS and a login, with the PDF attached', async () => {
  const {status, body} = await generate({kind: 'fleet_health', formats: ['pdf'], email: ['ada@example.org', 'bob@example.org'], subject: 'Wöchentlich 报告'});
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(body.sent_to, ['ada@example.org', 'bob@example.org']);
  const letter = await mail.letter();
  assert.deepEqual([letter.from, letter.to, letter.tls, letter.user], ['hub@example.org', ['ada@example.org', 'bob@example.org'], true, 'telltale']);
  writeFileSync(file('letter'), letter.content);
  // Read back by another's parser.
  const parsed = JSON.parse(execFileSync('python3', ['-c', `
import email, email.policy, hashlib, json, sys
m = email.message_from_file(open(sys.argv[1], newline=''), policy=email.policy.default)
a = list(m.iter_attachments())
print(json.dumps({'subject': m['subject'], 'from': str(m['from']), 'names': [x.get_filename() for x in a], 'head': a[0].get_content()[:5].decode(), 'hash': hashlib.sha256(a[0].get_content()).hexdigest(), 'defects': [str(d) for d in m.defects]}))`, file('letter')], {encoding: 'utf8'}));
  assert.deepEqual([parsed.subject, parsed.from, parsed.names, parsed.head, parsed.defects], ['Wöchentlich 报告', 'Télltale <hub@example.org>', ['fleet_health.pdf'], '%PDF-', []]);
  const kept = await ask(`/api/reports/${body.id}?format=pdf`);
  const {createHash} = await import('node:crypto');
  assert.equal(parsed.hash, createHash('sha256').update(kept.bytes).digest('hex'));
  const again = await post(`/api/reports/${body.id}/email`, {to: ['eve@example.org'], message: 'Look.'});
  assert.equal(again.status, 200, JSON.stringify(again.body));
  assert.deepEqual((await mail.letter()).to, ['eve@example.org']);
  const wrong = await post(`/api/reports/${body.id}/email`, {to: ['eve@example.org'], formats: ['csv']});
  assert.deepEqual(wrong.body.errors.map(({pointer}) => pointer), ['/formats']);
});

test('a wrong password, a certificate nobody trusts and no mail server are said; the password is shown nowhere', async () => {
  const base = ['--smtp-url', `smtp://127.0.0.1:${mail.port}`, '--smtp-from', 'hub@example.org', '--smtp-username', 'telltale'];
  const tls = await MailServer.start('tls');
  const tries = [
    [['--smtp-url', `smtps://127.0.0.1:${tls.port}`, '--smtp-from', 'hub@example.org', '--smtp-username', 'telltale', '--smtp-ca', file('cert.pem')], {TELLTALE_SMTP_PASSWORD: 'sesame, open'}, 201, /"sent_to":\["ada@example.org"\]/],
    [[...base, '--smtp-ca', file('cert.pem')], {TELLTALE_SMTP_PASSWORD: 'guessed wrong'}, 502, /refused the login/],
    [base, {TELLTALE_SMTP_PASSWORD: 'sesame, open'}, 502, /certificate is not trusted/],
    [[], {}, 503, /TELLTALE_SMTP_URL/],
  ];
  for (const [args, env, status, words] of tries) {
    const other = await Server.start({args, env});
    try {
      const answer = await other.fetch('/api/reports/generate', {method: 'POST', token: await other.adminToken(), body: {kind: 'fleet_health', email: ['ada@example.org']}});
      const text = await answer.text();
      assert.equal(answer.status, status, text);
      assert.match(text, words);
      assert.ok(!`${text}${other.log}${other.out}`.includes('guessed'));
    } finally {
      await other.stop();
    }
  }
  assert.equal((await tls.letter()).user, 'telltale');
  tls.stop();
});

test('a badge is for those who see the server, or for anybody where the settings say so', async () => {
  const path = `/api/badges/server/${encodeURIComponent('mémoire <b>')}.svg`;
  assert.equal((await server.fetch(path)).status, 401);
  const badge = await ask(path);
  assert.equal(badge.type, 'image/svg+xml');
  assert.match(badge.bytes.toString(), /mémoire &lt;b&gt;/);
  const open = await Server.start({args: ['--mcp-config', file('fleet.json'), '--public-badges']});
  try {
    const answer = await open.fetch(path);
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'max-age=60']);
    assert.equal((await open.fetch('/api/badges/server/nosuch.svg')).status, 404);
  } finally {
    await open.stop();
  }
});

test('telltale report writes a file', async () => {
  const out = file('week.pdf');
  const done = await command(['report', 'fleet_health', '--format', 'pdf', '--output', out, '--url', server.origin], {env: {TELLTALE_PASSWORD: adminPassword}});
  assert.equal(done.code, 0, done.stderr);
  assert.equal(readFileSync(out).subarray(0, 5).toString(), '%PDF-');
  const bad = await command(['report', 'incident', '--url', server.origin], {env: {TELLTALE_PASSWORD: adminPassword}});
  assert.notEqual(bad.code, 0);
  assert.match(bad.stderr, /server/);
});

// The docs say what the binary does: every flag, endpoint, event, metric and command is in the docs, and nothing that is not there.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Server, command, root, within} from '../support/telltale.mjs';

const page = (name) => readFileSync(join(root, name), 'utf8');
const rows = (text) => text.split('\n').filter((line) => line.startsWith('|'));
const firstCell = (row) => row.split('|')[1];
const codes = (text) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

function same(actual, documented, file, what) {
  const missing = [...actual].filter((one) => !documented.has(one)).sort();
  const invented = [...documented].filter((one) => !actual.has(one)).sort();
  assert.deepEqual({missing, invented}, {missing: [], invented: []}, `${what} of the binary and of ${file} differ`);
}

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

test('every flag of serve is in docs/configuration.md', async () => {
  const {stdout, code} = await command(['serve', '--help']);
  assert.equal(code, 0);
  const actual = new Set([...stdout.matchAll(/^ {2}(?:-\w,)?(--[\w-]+)/gm)].map(([, flag]) => flag));
  actual.delete('--help');
  const flags = rows(page('docs/configuration.md')).flatMap((row) => codes(firstCell(row))).map((code) => code.split(' ')[0]);
  same(actual, new Set(flags.filter((one) => one.startsWith('--'))), 'docs/configuration.md', 'the flags');
});

test('every endpoint of /openapi.json is in docs/api.md', async () => {
  const {paths} = await (await server.fetch('/openapi.json')).json();
  const actual = new Set(Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)));
  const documented = new Set();
  const text = page('docs/api.md').replaceAll(/```[^`]*```/g, '');
  for (const code of codes(text)) {
    const found = /^((?:(?:GET|POST|PUT|PATCH|DELETE) )+)(\/[^\s?]*)/.exec(code);
    if (found) for (const method of found[1].trim().split(' ')) documented.add(`${method} ${found[2]}`);
  }
  documented.delete('GET /docs'); // a page of the dashboard
  same(actual, documented, 'docs/api.md', 'the endpoints');
});

test('every endpoint of /openapi.json answers, and never with a page of the dashboard', async () => {
  const {paths} = await (await server.fetch('/openapi.json')).json();
  const wrong = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const [type = 'application/json'] = Object.keys(methods[method].requestBody?.content ?? {});
      const answer = await server.fetch(path.replaceAll(/\{\w+\}/g, 'nosuch'), {method: method.toUpperCase(), headers: {'content-type': type}, body: /json/.test(type) ? undefined : 'v=0'});
      const open = methods[method].security?.length === 0;
      if (!open && answer.status !== 401) wrong.push(`${method} ${path} without a login answered ${answer.status}`);
      if (path.startsWith('/api') && /html/.test(answer.headers.get('content-type') ?? '')) wrong.push(`${method} ${path} answered a page`);
      await answer.arrayBuffer();
    }
  }
  assert.deepEqual(wrong, []);
});

test('every metric is in docs/metrics.md with its type', async () => {
  const text = await (await server.fetch('/metrics')).text();
  const actual = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`));
  const documented = new Set(rows(page('docs/metrics.md')).filter((row) => /`\w+`/.test(firstCell(row))).map((row) => `${codes(row)[0]} ${row.split('|')[2].trim()}`));
  same(actual, documented, 'docs/metrics.md', 'the metrics');
});

test('every event of get_metadata is in docs/websocket.md with its channel', async () => {
  const {ticket} = await server.api('/api/auth/ticket', {method: 'POST', body: {}});
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/ws/mcp-status?ticket=${ticket}`);
  const metadata = within(10_000, 'the metadata', new Promise((done, failed) => {
    socket.addEventListener('open', () => socket.send('{"action":"get_metadata"}'));
    socket.addEventListener('error', () => failed(new Error('the WebSocket failed')));
    socket.addEventListener('message', ({data}) => {
      const message = JSON.parse(data);
      if (message.type === 'metadata') done(message.data);
    });
  }));
  try {
    const actual = new Set((await metadata).categories.flatMap(({id, events}) => events.map((event) => `${event.id} ${id}`)));
    const table = page('docs/websocket.md').split('## Server to client')[1].split('\n## ')[0];
    const documented = new Set(rows(table).filter((row) => /`\w+`/.test(firstCell(row))).map((row) => `${codes(row)[0]} ${row.split('|')[2].trim()}`).filter((one) => !one.endsWith(' -')));
    same(actual, documented, 'docs/websocket.md', 'the events');
  } finally {
    socket.close();
  }
});

test('every command is in README.md', async () => {
  const {stdout} = await command(['--help']);
  const commands = [...stdout.split('Subcommands:')[1].matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
  const readme = page('README.md');
  assert.ok(commands.length > 5);
  assert.deepEqual(commands.filter((name) => !new RegExp(`telltale ${name}\\b`).test(readme)), [], 'commands that README.md does not show');
});

test('every link between the docs leads somewhere', async () => {
  const {execFileSync} = await import('node:child_process');
  const {existsSync} = await import('node:fs');
  const {dirname} = await import('node:path');
  const files = execFileSync('git', ['ls-files', '*.md'], {cwd: root, encoding: 'utf8'}).trim().split('\n');
  const broken = files.flatMap((file) =>
    [...page(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)))
      .map((target) => `${file}: ${target}`),
  );
  assert.deepEqual(broken, []);
});

// Promises of the programs before us that no other test shows (docs/requirements.md): flags, keys of the monitor's configuration, records of what plays.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {networkInterfaces, tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {Server, adminPassword, command, root, until} from '../support/telltale.mjs';

const folder = mkdtempSync(join(tmpdir(), 'telltale-requirements-'));
after(() => rmSync(folder, {recursive: true, force: true}));

async function serving(options, look) {
  const server = await Server.start(options);
  try {
    await look(server);
  } finally {
    await server.stop();
  }
  return server;
}
// One viewer of the test pattern for so many seconds, until it has left.
const watch = async (server, seconds) => {
  const {code, stdout, stderr} = await command(['simulate', '--url', server.origin, '--viewers', '1', '--ramp', '0', '--duration', String(seconds), '--stay', '0', '--settled', '0'], {env: {TELLTALE_PASSWORD: adminPassword}, ms: 60_000});
  assert.equal(code, 0, stdout + stderr);
};
const configuration = (name, what) => {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(what));
  return path;
};

test('the defaults are those of the documents', async () => {
  const {stdout} = await command(['serve', '--help'], {env: {COLUMNS: '200'}});
  for (const [flag, value] of [['host', '127.0.0.1'], ['port', '8000'], ['log-level', 'info'], ['metrics-path', '/metrics'], ['webrtc-metrics-port', '9090'], ['poll-interval', '2'], ['report-path', './webrtc_reports']])
    assert.match(stdout, new RegExp(`--${flag} [^\\n]*=${value.replaceAll('.', '\\.')} \\(`), flag);
  await serving({}, async (server) => {
    const {config} = await server.api('/api/webrtc/monitor');
    assert.equal(config.visualization.dashboard_update_interval, 30);
    assert.equal(config.reporting.interval, 300);
  });
});

test('--host is the only address it listens on', () =>
  serving({args: ['--host', '127.0.0.2']}, async (server) => {
    const {hostname, port} = new URL(server.origin);
    assert.equal(hostname, '127.0.0.2');
    assert.equal((await fetch(`${server.origin}/healthz`)).status, 200);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  }));

test('--isolation keeps nothing', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  await serving({args: ['--isolation'], env: {TMPDIR: temporary}}, async (server) => {
    const [own] = readdirSync(temporary).filter((name) => name.startsWith('telltale-'));
    assert.ok(existsSync(join(temporary, own, 'telltale.db')));
    assert.ok(!existsSync(join(server.state, 'telltale.db')), 'not even where --persistence-path says');
  });
  assert.deepEqual(readdirSync(temporary), []);
});

test('--open-browser opens the login link', async () => {
  const opened = join(folder, 'opened');
  const program = join(folder, 'xdg-open');
  writeFileSync(program, `#!/bin/sh\nprintf '%s' "$1" >'${opened}.part' && mv '${opened}.part' '${opened}'\n`);
  chmodSync(program, 0o755);
  await serving({args: ['--open-browser'], env: {PATH: `${folder}:${process.env.PATH}`}}, async (server) => {
    await until('the browser is opened', () => existsSync(opened));
    assert.equal(readFileSync(opened, 'utf8'), server.loginLink);
  });
});

test('--debug is said, --log-level takes the names in capitals, what else is named is refused', async () => {
  await serving({args: ['--debug']}, async (server) => assert.equal((await server.api('/api/v0/mcp/monitor/webrtc/summary')).debug_mode, true));
  const quiet = await serving({args: ['--log-level', 'ERROR']}, async (server) => assert.equal((await server.api('/api/v0/mcp/monitor/webrtc/summary')).debug_mode, false));
  const usual = await serving({args: ['--log-level', 'INFO']}, () => {});
  assert.match(usual.log, /shutting down/);
  assert.doesNotMatch(quiet.log, /shutting down/);
  const {code, stderr} = await command(['serve', '--port', '0', '--isolation', '--log-level', 'LOUD']);
  assert.equal(code, 1);
  assert.match(stderr, /log level must be debug, info, warning, error or off/);
});

test('the old path of the dashboard leads to its page', () =>
  serving({}, async (server) => {
    const page = await server.fetch('/api/v0/webrtc/dashboard', {token: await server.adminToken()});
    assert.equal(page.status, 200);
    assert.equal(new URL(page.url).pathname, '/webrtc');
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(await page.text(), /<script[^>]+src=/);
  }));

test('the record of one that plays has its tracks, its channels and what was measured', () =>
  serving({args: ['--test-client', '--poll-interval', '0.2']}, async (server) => {
    const one = await until('one that plays', async () => (await server.api('/api/v0/webrtc/connections')).connections.find((at) => at.status === 'active' && at.tracks.length === 2 && at.data_channels.length > 0 && at.stats.bandwidth.outbound.kbps > 0));
    const {connection} = await server.api(`/api/v0/mcp/monitor/webrtc/connections/${one.connection_id}`);
    assert.deepEqual(connection.tracks.map(({kind}) => kind).sort(), ['audio', 'video']);
    assert.ok(connection.tracks.every(({direction, codec}) => direction === 'sendonly' && codec));
    assert.equal(connection.data_channels[0].state, 'open');
    assert.equal(connection.ice_state, 'connected');
    assert.equal(connection.connection_state, 'connected');
    const {stats} = await server.api(`/api/v0/mcp/webrtc/connections/${one.connection_id}/stats`);
    assert.ok(stats.bandwidth.outbound.kbps > 0);
    const summary = await server.api('/api/v0/mcp/monitor/webrtc/summary');
    assert.ok(summary.connection_states.connected >= 1);
  }));

test('tasks that run and tasks that ended are listed; an operation has its duration and its result', () =>
  serving({}, async (server) => {
    const done = await server.api('/api/v0/mcp/monitor/webrtc/test/async_close', {method: 'POST', body: {}});
    const {tasks} = await server.api('/api/v0/webrtc/tasks');
    const closing = tasks.find(({task_id}) => task_id === done.task.task_id);
    assert.equal(closing.completed, true);
    assert.ok(closing.completed_at >= closing.created_at);
    assert.ok(tasks.some(({completed, completed_at}) => completed === false && completed_at === null));
    const operation = await until('the operation', async () => (await server.api('/api/v0/webrtc/operations')).operations.find(({operation_id, status}) => operation_id === done.operation_id && status === 'completed'));
    assert.ok(operation.duration > 0 && operation.end_time >= operation.start_time);
    assert.equal(operation.result.connection_id, done.connection_id);
  }));

test('a connection that is not there is 404, by both prefixes', () =>
  serving({}, async (server) => {
    for (const path of ['/api/v0/mcp/monitor/webrtc/connections/nosuch', '/api/v0/mcp/webrtc/connections/nosuch/stats', '/api/webrtc/connections/nosuch']) {
      const answer = await server.fetch(path, {token: await server.adminToken()});
      assert.equal(answer.status, 404, path);
      const {success, error} = await answer.json();
      assert.equal(success, false);
      assert.match(error, /nosuch/);
    }
  }));

test('a port 9090 that somebody has is a warning, no more', () =>
  serving({}, (first) => serving({}, async (second) => {
    // The first has it, unless it was taken before; the second cannot have it.
    const missed = async (one) => (await (await one.fetch('/readyz')).json()).webrtc_monitor ?? '';
    assert.match(await missed(second), /port 9090: .*in use/);
    assert.match(second.log, /no WebRTC metrics on port 9090/);
    if (await missed(first)) assert.match(first.log, /no WebRTC metrics on port 9090/);
    else assert.match(await (await fetch('http://127.0.0.1:9090/metrics')).text(), /^webrtc_connections_total/m);
    assert.match(await (await second.fetch('/metrics')).text(), /^webrtc_connections_total/m);
  })));

test('--disable-webrtc-metrics: their port is not even open', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const {port} = probe.address();
  await new Promise((done) => probe.close(done));
  const args = ['--webrtc-metrics-port', String(port)];
  await serving({args}, async () => assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200));
  await serving({args: [...args, '--disable-webrtc-metrics']}, () => assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`)));
});

test('where WebRTC cannot start, everything else does, and log and /readyz say why', async () => {
  const taken = createSocket('udp4').bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const {port} = taken.address();
  try {
    await serving({args: ['--webrtc-port', String(port), '--loops', '1']}, async (server) => {
      assert.match(server.log, new RegExp(`no WebRTC: cannot open UDP 127\\.0\\.0\\.1:${port}`));
      const answer = await server.fetch('/api/v0/webrtc/test_connection', {method: 'POST', body: {}, token: await server.adminToken()});
      assert.equal(answer.status, 503);
      const {success, detail} = await answer.json();
      assert.equal(success, false);
      assert.match(detail, new RegExp(`there is no WebRTC here: .*:${port}`));
      assert.deepEqual((await server.api('/api/v0/webrtc/connections')).connections, []);
      const ready = await server.fetch('/readyz');
      assert.equal(ready.status, 200);
      assert.match((await ready.json()).webrtc, new RegExp(`:${port}: Address already in use`));
    });
  } finally {
    taken.close();
  }
});

test('from another address /metrics takes a login, and the port of the WebRTC metrics is not there', async (t) => {
  const ours = Object.values(networkInterfaces()).flat().find(({family, internal}) => family === 'IPv4' && !internal)?.address;
  if (!ours) return t.skip('this machine has loopback only');
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const {port} = probe.address();
  await new Promise((done) => probe.close(done));
  return serving({args: ['--host', '0.0.0.0', '--allow-host', ours, '--webrtc-metrics-port', String(port)]}, async (server) => {
    const there = `http://${ours}:${new URL(server.origin).port}/metrics`;
    assert.equal((await fetch(there)).status, 401);
    const known = await fetch(there, {headers: {authorization: `Bearer ${await server.adminToken()}`}});
    assert.equal(known.status, 200);
    assert.match(await known.text(), /^telltale_http_requests_total/m);
    assert.equal((await server.fetch('/metrics')).status, 200, 'from loopback without one');
    await assert.rejects(fetch(`http://${ours}:${port}/metrics`));
    assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200);
  });
});

test('--memory-cache-size is the limit of content in memory', () =>
  serving({args: ['--memory-cache-size', '1000000']}, async (server) => {
    const memory = async () => (await server.api('/api/content/status')).memory;
    assert.equal((await memory()).limit_bytes, 1_000_000);
    const added = await fetch(`${server.origin}/api/content`, {method: 'POST', headers: {authorization: `Bearer ${await server.adminToken()}`, 'content-type': 'application/octet-stream'}, body: randomBytes(3_000_000)});
    assert.equal(added.status, 201);
    const {cid} = await added.json();
    const read = await server.fetch(`/api/content/${cid}/bytes`, {token: await server.adminToken()});
    assert.equal((await read.arrayBuffer()).byteLength, 3_000_000);
    const {bytes, misses} = await memory();
    assert.ok(misses > 0 && bytes > 0 && bytes <= 1_000_000, `${bytes} bytes, ${misses} misses`);
  }));

test('--allow-origin: a page of there is taken, one of elsewhere is not', () =>
  serving({args: ['--allow-origin', 'https://friend.example']}, async (server) => {
    const from = async (origin, path, method) => server.fetch(path, {method, headers: {origin}, token: await server.adminToken()});
    assert.equal((await from('https://friend.example', '/api/v0/webrtc/close_all', 'POST')).status, 200);
    assert.equal((await from('https://elsewhere.example', '/api/v0/webrtc/close_all', 'POST')).status, 403);
    const whep = await from('https://friend.example', '/whep/test', 'OPTIONS');
    assert.equal(whep.headers.get('access-control-allow-origin'), 'https://friend.example');
  }));

test('log-dir: the log of the server, and a file for an operation that failed, with its reason', async () => {
  const logs = join(folder, 'logs');
  await serving({args: ['--log-dir', logs]}, async (server) => {
    const refused = await server.fetch('/api/v0/webrtc/close/nosuch', {method: 'POST', body: {}, token: await server.adminToken()});
    assert.equal(refused.status, 404);
    const name = await until('its file', () => readdirSync(join(logs, 'operations')).find((file) => /^\d{8}_\d{6}_close_connection_op\w*\.json$/.test(file)));
    const text = await until('all of it', () => {
      const read = readFileSync(join(logs, 'operations', name), 'utf8');
      return read.endsWith('\n') && read;
    });
    const {status, success, error} = JSON.parse(text);
    assert.deepEqual([status, success], ['failed', false]);
    assert.match(error.detail, /nosuch/);
  });
  assert.match(readFileSync(join(logs, 'telltale.log'), 'utf8'), /shutting down/);
});

test('reporting.enabled and visualization.enabled off: nothing is written unless asked for; --poll-interval and max_history_points', async () => {
  const reports = join(folder, 'off');
  const config = configuration('off', {reporting: {enabled: false, interval: 1}, visualization: {enabled: false, dashboard_update_interval: 1, max_history_points: 10}});
  await serving({args: ['--report-path', reports, '--webrtc-config-path', config, '--poll-interval', '0.1']}, async (server) => {
    await watch(server, 4);
    assert.ok(!existsSync(reports));
    const {items} = await until('its history', async () => {
      const answer = await server.api('/api/webrtc/history');
      return answer.items.length > 0 && answer;
    });
    const told = await server.api(`/api/webrtc/connections/${items[0].connection_id}/timeline`);
    assert.equal(told.samples.length, 10, 'as many as may be kept, of some 40');
    await server.api('/api/webrtc/reports', {method: 'POST', body: {}});
    assert.ok(readdirSync(reports).some((name) => name.startsWith('webrtc_report_')));
  });
  await serving({args: ['--poll-interval', '3600']}, async (server) => {
    await watch(server, 4);
    const {items} = await until('its history', async () => {
      const answer = await server.api('/api/webrtc/history');
      return answer.items.length > 0 && answer;
    });
    const told = await server.api(`/api/webrtc/connections/${items[0].connection_id}/timeline`);
    assert.ok(told.samples.length <= 2, `${told.samples.length} samples in 4 s of a poll each hour`);
  });
});

test('reporting.formats, plot_style and live_update as they are by default', async () => {
  const reports = join(folder, 'json');
  const config = configuration('json', {reporting: {interval: 1, formats: ['json']}, visualization: {dashboard_update_interval: 1}});
  await serving({args: ['--report-path', reports, '--webrtc-config-path', config, '--poll-interval', '0.5']}, async (server) => {
    await watch(server, 4);
    const names = await until('a report by itself', () => existsSync(reports) && readdirSync(reports).some((name) => /^webrtc_report_.*\.json$/.test(name)) && existsSync(join(reports, 'webrtc_dashboard.html')) && readdirSync(reports));
    assert.deepEqual(names.filter((name) => /^webrtc_report_.*\.html$/.test(name)), []);
    const written = names.filter((name) => name.startsWith('webrtc_report_')).map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')));
    assert.ok(written.some(({connections}) => connections[0].timeline.samples.length > 1), 'save_raw_data');
    const page = readFileSync(join(reports, 'webrtc_dashboard.html'), 'utf8');
    assert.doesNotMatch(page, /prefers-color-scheme/, 'dark_background, whatever the reader has');
    assert.doesNotMatch(page, /http-equiv="refresh"/);
    assert.match(page, /<svg/);
  });
});

test('DATABASE_URL and REDIS_URL are said not to be used', async () => {
  const told = await serving({env: {DATABASE_URL: 'postgresql://ada:geheim@127.0.0.1:1/lab', REDIS_URL: 'redis://127.0.0.1:1/0'}}, async (server) => {
    assert.equal((await fetch(`${server.origin}/readyz`)).status, 200);
    assert.ok(existsSync(join(server.state, 'telltale.db')));
  });
  for (const name of ['DATABASE_URL', 'REDIS_URL']) assert.match(told.log, new RegExp(`${name} is not used: the data is in ${told.state}`));
  assert.doesNotMatch(told.log, /geheim/);
  const silent = await serving({}, () => {});
  assert.doesNotMatch(silent.log, /is not used/);
});

// docs/requirements.md, row by row: {line, promise, place, tests, held}.
const promises = () => readFileSync(join(root, 'docs/requirements.md'), 'utf8').split('\n').flatMap((text, i) => {
  if (!text.startsWith('|') || /^\|(---\||\s*promise\s*\|)/.test(text)) return [];
  const cells = text.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
  return [{line: i + 1, cells, promise: cells[0], place: cells[1], tests: cells[2], held: cells[3]}];
});
const named = (text) => [...text.matchAll(/`((?:src|tests|web|deploy|docs|examples|bench|tools)\/[^`\s:]+)(?:: ([^`]+))?`/g)];

test('every row of docs/requirements.md names its test, or says why there is none', () => {
  const rows = promises();
  assert.ok(rows.length > 150, `${rows.length} rows`);
  const faults = rows.flatMap(({line, cells, promise, place, tests, held}) => {
    const fault = (what) => [`line ${line}: ${promise}: ${what}`];
    if (cells.length !== 4 || cells.some((cell) => !cell)) return fault('not four cells with something in each');
    const [word, why] = /^(yes|differently|not yet)(?:[:;] (.+))?$/.exec(held)?.slice(1) ?? [];
    if (!word) return fault(`held is yes, differently or not yet, not "${held}"`);
    if (word !== 'yes' && !why) return fault(`${word}, and not how and why`);
    if (tests === 'no test') return word === 'yes' ? fault('held, and by no test') : [];
    // Nothing but names of tests, one after the other: what is left between them is "; ".
    const rest = named(tests).reduce((left, [span, , name]) => (name ? left.replace(span, '') : left), tests);
    return /^(; )*$/.test(rest) ? [] : fault(`"${rest}" is no test`);
  });
  assert.deepEqual(faults, []);
});

test('every test and file that docs/requirements.md names is there', () => {
  const spans = named(readFileSync(join(root, 'docs/requirements.md'), 'utf8'));
  assert.ok(spans.filter(([, , name]) => name).length > 100);
  const gone = spans.filter(([, path, name]) => {
    if (!existsSync(join(root, path))) return true;
    if (!name) return false;
    const text = readFileSync(join(root, path), 'utf8');
    if (path.endsWith('CMakeLists.txt')) return !new RegExp(`add_test\\(NAME ${name} `).test(text);
    const [suite, one] = name.split('.');
    return path.endsWith('.cpp') ? !new RegExp(`^TEST(_F|_P)?\\(${suite}, ${one}\\)`, 'm').test(text) : !text.split('\n').some((line) => /^\s*(test|story)\(/.test(line) && [`('${name}'`, `(\`${name}\``].some((given) => line.includes(given)));
  });
  assert.deepEqual(gone.map(([span]) => span), []);
  const links = [...readFileSync(join(root, 'docs/requirements.md'), 'utf8').matchAll(/\]\(([^)#]+)/g)].map(([, path]) => path);
  assert.deepEqual(links.filter((path) => !existsSync(join(root, 'docs', path))), []);
});

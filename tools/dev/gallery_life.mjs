// What happens in the gallery's fleet before it is pictured: calls that succeed and fail, a suite with a benchmark run twice, viewers
// behind real links, a user, a token, a schedule, a report, a rule that fires.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {adminPassword, within} from '../../tests/browser/harness.mjs';

const suite = `name: gallery
servers:
  everything:
    fleet: everything
cases:
  - name: echo says it again
    tags: [smoke]
    steps:
      - call: echo
        arguments: {message: hello}
        expect: {contains: "hello"}
      - call: get-sum
        arguments: {a: 2, b: 3}
        expect: {contains: "5"}
  - name: two and three
    steps:
      - call: get-sum
        arguments: {a: 2, b: 3}
        expect: {contains: "6"}
  - name: echo under load
    kind: load
    steps:
      - call: echo
        arguments: {message: again}
    load: {concurrency: 2, duration_s: 6, warm_up_s: 0.5}
`;

const calls = [['everything', 'echo', () => ({message: 'hello'})], ['everything', 'get-sum', (n) => ({a: n, b: 2})], ['everything-http', 'echo', () => ({message: 'over HTTP'})], ['memory', 'read_graph', () => ({})], ['everything', 'trigger-long-running-operation', (n) => ({duration: 0.2 + (n % 7) * 0.1, steps: 2})], ['filesystem', 'read_text_file', () => ({path: '/nowhere'})], ['flaky', 'lookup', (n) => ({word: `word${n}`})], ['flaky', 'divide', (n) => ({a: n, b: n % 3})]];

export async function live(server, browser) {
  const {state} = server;
  const began = Date.now();
  for (const end = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 200))) {
    const {items} = await server.api('/api/servers');
    if (items.filter(({health_status}) => health_status === 'healthy').length >= 5) break;
    if (Date.now() > end) throw new Error('the demo fleet is not healthy');
  }
  let running = true;
  let failed = 0;
  const traffic = (async () => {
    for (let n = 0; running; ++n) {
      const [name, tool, given] = calls[n % calls.length];
      const answer = await server.call(name, tool, given(n)).catch(() => ({is_error: true})); // some are meant to fail, in either way
      if (answer.is_error) failed++;
    }
  })();
  const viewers = spawn(process.env.TELLTALE_BIN, ['simulate', '--viewers', '4', '--duration', '1200', '--ramp', '2', '--stay', '0', '--link', '4g', '--url', server.origin, '--user', 'admin', '--password', adminPassword], {stdio: ['ignore', 'ignore', 'pipe'], env: {PATH: process.env.PATH, HOME: state}});
  let said = '';
  viewers.stderr.on('data', (data) => (said = `${said}${data}`.slice(-2000)));
  const viewersEnded = once(viewers, 'exit');
  const made = await server.api('/api/tests', {method: 'POST', body: {yaml: suite}});
  const runs = [];
  for (let n = 0; n < 2; ++n) runs.push(await server.api('/api/tests/run', {method: 'POST', body: {id: made.id}, wait: 60}));
  await server.api('/api/reports/generate', {method: 'POST', body: {kind: 'fleet_health', formats: ['html', 'pdf']}});
  await server.api('/api/users', {method: 'POST', body: {username: 'ada', email: 'ada@example.org', password: 'a long enough passphrase', role: 'operator'}});
  await server.api('/api/tokens', {method: 'POST', body: {name: 'ci', scopes: ['fleet:read']}});
  const connections = await within(60_000, `viewers connected; ${said}`, (async () => {
    for (;;) {
      const {items} = await server.api('/api/webrtc/connections');
      const open = items.filter(({state: is}) => is === 'connected');
      if (open.length >= 4) return open;
      await new Promise((done) => setTimeout(done, 500));
    }
  })());
  await server.api('/api/servers/sequential-thinking/stop', {method: 'POST', body: {}});
  await new Promise((done) => setTimeout(done, 60_000)); // a minute of life, so that charts have points
  if (failed === 0) throw new Error('no call failed: the page of failures would be empty');
  const facts = {began, suite: made.id, run: runs[0].id ?? runs[0].run?.id, case: 'two and three', connection: connections[0].id};
  return {
    facts,
    async stop() {
      running = false;
      viewers.kill('SIGINT');
      await within(20_000, 'the viewers leave', viewersEnded).finally(() => viewers.kill('SIGKILL'));
      await traffic;
    },
  };
}

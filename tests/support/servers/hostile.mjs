// A stdio server that misbehaves in one chosen way: hostile.mjs BEHAVIOUR [ARGUMENT]. No dependencies. What is not said to be
// different is a good server of 2025-11-25 with the tools echo, sleep, slow_count, fail, fds and fork.
//   normal              nothing is wrong            old-protocol       speaks 2024-11-05 only
//   exit-at-once CODE   ends before the first byte  slow-start MS      answers nothing before that
//   hang-initialize     never answers initialize    hang-call          never answers tools/call
//   exit-on-call        ends in the middle of one   close-stdout       closes stdout after initialize, lives on
//   garbage             binary, half JSON, log lines, a BOM and CRLF around the good lines of stdout
//   long-line BYTES     answers tools/call with one line of that size (20 MiB)
//   wrong-id            answers tools/call with another request's id, then rightly
//   double-answer       answers everything twice    error-answers      answers tools/call with a JSON-RPC error
//   stderr-flood LINES  that many lines on stderr (100000) before it answers initialize
//   ignore-sigterm      only SIGKILL ends it; ignores the end of stdin too
//   fork-grandchild     starts a detached grandchild in a session of its own and writes its pid to GRANDCHILD_PID_FILE
//   changing-tools      after every tools/list another list and tools/list_changed
//   leak-memory BYTES   keeps so much of every call (400 KiB)   leak-fds   opens a descriptor in every call and keeps it
//   chatty              a notification before every answer, as server-everything does
import {spawn} from 'node:child_process';
import {closeSync, openSync, readdirSync, readlinkSync, renameSync, writeFileSync, writeSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';

const [behaviour = 'normal', argument] = process.argv.slice(2);
const is = (name) => behaviour === name;
const known =
  'normal old-protocol exit-at-once slow-start hang-initialize hang-call exit-on-call close-stdout garbage long-line wrong-id ' +
  'double-answer error-answers stderr-flood ignore-sigterm fork-grandchild changing-tools leak-memory leak-fds chatty';
if (!known.split(' ').includes(behaviour)) {
  process.stderr.write(`hostile.mjs: unknown behaviour ${behaviour}; one of: ${known}\n`);
  process.exit(2);
}
if (is('exit-at-once')) process.exit(Number(argument ?? 1));
if (is('ignore-sigterm')) for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.stderr.write(`${signal} ignored\n`));

let stdoutOpen = true;
const raw = (bytes) => {
  if (stdoutOpen) process.stdout.write(bytes);
};
function send(message) {
  const line = JSON.stringify({jsonrpc: '2.0', ...message});
  if (is('garbage')) {
    raw(Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80, 0x0a]));
    raw('{"jsonrpc":"2.0","id":1,"resu\n\n   \r\n[1,2]\n"text"\nINFO  starting up…\n');
    raw(`\ufeff${line}\r\n`);
    return;
  }
  if (is('chatty')) raw('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n');
  raw(`${line}\n`);
  if (is('double-answer') && message.id !== undefined) raw(`${line}\n`);
}

// A grandchild that no longer belongs to our process group: only who looks for descendants finds it.
function forkGrandchild() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {detached: true, stdio: 'ignore'});
  child.unref();
  return child.pid;
}
if (is('fork-grandchild')) {
  const file = process.env.GRANDCHILD_PID_FILE;
  writeFileSync(`${file}.new`, `${forkGrandchild()}\n`);
  renameSync(`${file}.new`, file); // whoever sees the file sees all of it
}

const text = (value) => ({content: [{type: 'text', text: value}]});
const object = (properties = {}, required = []) => ({type: 'object', properties, required});
const cancelled = new Set();
const leaked = [];
const tools = {
  echo: {description: 'Says it again', inputSchema: object({text: {type: 'string'}}, ['text']), run: async ({text: said}) => text(String(said))},
  sleep: {
    description: 'Answers after that many milliseconds',
    inputSchema: object({ms: {type: 'integer', minimum: 0}}, ['ms']),
    run: async ({ms}) => {
      await sleep(ms);
      return text(`slept ${ms} ms`);
    },
  },
  slow_count: {
    description: 'Counts up and reports progress; can be cancelled',
    inputSchema: object({to: {type: 'integer'}, pause_ms: {type: 'integer'}}, ['to', 'pause_ms']),
    run: async ({to, pause_ms: pause}, id, progressToken) => {
      for (let progress = 1; progress <= to; ++progress) {
        await sleep(pause);
        if (cancelled.has(id)) return null;
        if (progressToken !== undefined) send({method: 'notifications/progress', params: {progressToken, progress, total: to}});
      }
      return text(`counted to ${to}`);
    },
  },
  fail: {description: 'Fails as tools do: isError', inputSchema: object(), run: async () => ({...text('failed as asked'), isError: true})},
  fds: {
    description: 'What this process was given: descriptors, names of environment variables, folder, arguments',
    inputSchema: object(),
    run: async () => {
      const fds = {};
      for (const fd of readdirSync('/proc/self/fd')) {
        try {
          fds[fd] = readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          // the descriptor of the listing itself
        }
      }
      const seen = {fds, environment: Object.keys(process.env).sort(), cwd: process.cwd(), argv: process.argv};
      return {...text(JSON.stringify(seen)), structuredContent: seen};
    },
  },
  fork: {description: 'Starts a detached grandchild and says its pid', inputSchema: object(), run: async () => text(String(forkGrandchild()))},
};
let listed = 0;

const versions = is('old-protocol') ? ['2024-11-05'] : ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const handlers = {
  initialize: async ({protocolVersion}) => ({
    protocolVersion: versions.includes(protocolVersion) ? protocolVersion : versions[0],
    capabilities: {tools: {listChanged: true}},
    serverInfo: {name: 'hostile', version: '1.0.0'},
    instructions: `behaves: ${behaviour}`,
  }),
  ping: async () => ({}),
  'tools/list': async () => {
    const list = Object.entries(tools).map(([name, {run, ...tool}]) => ({name, ...tool}));
    if (is('changing-tools')) {
      list.push({name: `extra_${++listed}`, description: 'Another every time', inputSchema: object()});
      setImmediate(() => send({method: 'notifications/tools/list_changed'}));
    }
    return {tools: list};
  },
  'tools/call': async ({name, arguments: given = {}, _meta}, id) => {
    if (is('hang-call')) return null;
    if (is('leak-memory')) leaked.push(Buffer.alloc(Number(argument ?? 400 * 1024), 1));
    if (is('leak-fds')) leaked.push(openSync('/dev/null'));
    if (is('exit-on-call')) process.exit(7);
    if (is('error-answers')) throw {code: -32603, message: 'an error as asked', data: {reason: 'test'}};
    if (is('long-line')) return text('x'.repeat(Number(argument ?? 20 * 2 ** 20)));
    if (is('wrong-id')) send({id: 987654321, result: text('this answers somebody else')});
    const tool = tools[name];
    if (!tool) throw {code: -32602, message: `unknown tool ${name}`};
    return tool.run(given, id, _meta?.progressToken);
  },
};

async function answer(line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return process.stderr.write('a line that is not JSON\n');
  }
  if (message.method === 'notifications/cancelled') return cancelled.add(message.params?.requestId);
  if (message.id === undefined || message.method === undefined) return undefined;
  if (is('hang-initialize')) return undefined;
  const handler = handlers[message.method];
  if (!handler) return send({id: message.id, error: {code: -32601, message: `no method ${message.method}`}});
  try {
    const result = await handler(message.params ?? {}, message.id);
    if (result !== null) send({id: message.id, result});
  } catch (error) {
    send({id: message.id, error: {code: error.code ?? -32603, message: error.message ?? String(error), data: error.data}});
  }
  if (is('close-stdout') && message.method === 'initialize') setImmediate(closeStdout);
  return undefined;
}
function closeStdout() {
  stdoutOpen = false;
  closeSync(1);
}

if (is('slow-start')) await sleep(Number(argument ?? 1000));
if (is('stderr-flood')) for (let i = Number(argument ?? 100000); i > 0; --i) writeSync(2, `flood ${i} ${'.'.repeat(80)}\n`);
process.stderr.write(`hostile is up and behaves: ${behaviour}\n`);
if (is('ignore-sigterm') || is('close-stdout')) setInterval(() => {}, 1e6); // lives on without stdin or stdout
createInterface({input: process.stdin}).on('line', answer).on('close', () => is('ignore-sigterm') || process.exit(0));

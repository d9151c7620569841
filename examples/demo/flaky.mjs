// A stdio MCP server that is flaky on purpose, written for the demo: it answers slowly at times, fails some calls, logs to
// stderr and now and then exits. No dependencies, so that every fault is in plain sight.
//   FLAKY_SEED    seed of its moods (default: the process id)
//   FLAKY_LIFE_S  mean life in seconds, 0 for ever (default 90)
import {createInterface} from 'node:readline';
import {deflateSync} from 'node:zlib';

let seed = Number(process.env.FLAKY_SEED ?? process.pid) >>> 0;
const random = () => {  // mulberry32
  seed = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const log = (level, text) => process.stderr.write(`${level}: ${text}\n`);
const send = (message) => process.stdout.write(JSON.stringify({jsonrpc: '2.0', ...message}) + '\n');
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const text = (value) => ({content: [{type: 'text', text: value}]});

const crc = (bytes) => {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
};
function png(width, height, pixel) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8 + body.length);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), 4 + body.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows.set(pixel(x, y), y * (1 + 3 * width) + 1 + 3 * x);
  const parts = [Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat(parts).toString('base64');
}

const object = (properties, required = []) => ({type: 'object', properties, required});
const cancelled = new Set();
const tools = {
  lookup: {
    description: 'Looks a word up; the time it takes varies',
    inputSchema: object({word: {type: 'string', description: 'any word', minLength: 1}}, ['word']),
    run: async ({word}) => {
      await wait(20 + 600 * random() ** 4);
      if (random() < 0.15) return {...text(`the dictionary is not reachable`), isError: true};
      return text(`${word}: ${word.length} letters`);
    },
  },
  divide: {
    description: 'Divides two numbers; dividing by zero is reported as a tool error',
    inputSchema: object({a: {type: 'number'}, b: {type: 'number'}}, ['a', 'b']),
    run: async ({a, b}) => (b === 0 ? {...text('cannot divide by zero'), isError: true} : text(String(a / b))),
  },
  forecast: {
    description: 'A forecast with structured output',
    inputSchema: object({city: {type: 'string', default: 'Utrecht'}, days: {type: 'integer', minimum: 1, maximum: 7, default: 3}}),
    outputSchema: object({city: {type: 'string'}, days: {type: 'array', items: object({day: {type: 'integer'}, celsius: {type: 'number'}, sky: {type: 'string', enum: ['sun', 'cloud', 'rain']}}, ['day', 'celsius', 'sky'])}}, ['city', 'days']),
    run: async ({city = 'Utrecht', days = 3}) => {
      const list = Array.from({length: days}, (_, i) => ({day: i + 1, celsius: Math.round(random() * 250) / 10, sky: ['sun', 'cloud', 'rain'][Math.floor(random() * 3)]}));
      return {...text(JSON.stringify({city, days: list})), structuredContent: {city, days: list}};
    },
  },
  chart: {
    description: 'A small picture (PNG) of a wave',
    inputSchema: object({waves: {type: 'number', minimum: 1, maximum: 10, default: 3}}),
    run: async ({waves = 3}) => ({content: [{type: 'image', mimeType: 'image/png', data: png(240, 80, (x, y) => (Math.abs(y - 40 - 30 * Math.sin((x / 240) * waves * 2 * Math.PI)) < 1.5 ? [94, 234, 212] : [21, 26, 32]))}]}),
  },
  slow_count: {
    description: 'Counts up and reports progress; can be cancelled',
    inputSchema: object({to: {type: 'integer', minimum: 1, maximum: 200, default: 10}, pause_ms: {type: 'integer', minimum: 10, maximum: 5000, default: 300}}),
    run: async ({to = 10, pause_ms = 300}, {id, token}) => {
      for (let i = 1; i <= to; i++) {
        await wait(pause_ms);
        if (cancelled.has(id)) return null;
        if (token !== undefined) send({method: 'notifications/progress', params: {progressToken: token, progress: i, total: to, message: `counted to ${i}`}});
      }
      return text(`counted to ${to}`);
    },
  },
  hang: {description: 'Never answers', inputSchema: object({}), run: () => new Promise(() => {})},
  crash_now: {
    description: 'Ends the process in the middle of the call',
    inputSchema: object({}),
    run: async () => {
      log('error', 'crashing as asked');
      process.exit(3);
    },
  },
};

const handlers = {
  initialize: async ({protocolVersion}) => ({
    protocolVersion: ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'].includes(protocolVersion) ? protocolVersion : '2025-11-25',
    capabilities: {tools: {}},
    serverInfo: {name: 'flaky', version: '1.0.0', title: 'Flaky on purpose'},
    instructions: 'Nothing here is reliable; that is the point.',
  }),
  ping: async () => {
    await wait(random() < 0.1 ? 400 * random() : 2);
    return {};
  },
  'tools/list': async () => ({tools: Object.entries(tools).map(([name, {run, ...tool}]) => ({name, ...tool}))}),
  'tools/call': async ({name, arguments: given = {}, _meta}, id) => {
    const tool = tools[name];
    if (!tool) throw {code: -32602, message: `unknown tool ${name}`};
    log('info', `call ${name}`);
    return tool.run(given, {id, token: _meta?.progressToken});
  },
};

createInterface({input: process.stdin}).on('line', async (line) => {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return log('warning', 'a line that is no JSON');
  }
  if (message.method === 'notifications/cancelled') return cancelled.add(message.params?.requestId);
  if (message.id === undefined) return;
  const handler = handlers[message.method];
  if (!handler) return send({id: message.id, error: {code: -32601, message: `no method ${message.method}`}});
  try {
    const result = await handler(message.params ?? {}, message.id);
    if (result !== null) send({id: message.id, result});
  } catch (error) {
    send({id: message.id, error: {code: error.code ?? -32603, message: error.message ?? String(error)}});
  }
}).on('close', () => process.exit(0));

log('info', `flaky is up, seed ${seed}`);
const life = Number(process.env.FLAKY_LIFE_S ?? 90);
if (life > 0) {
  const seconds = Math.max(10, -Math.log(1 - random()) * life);
  setTimeout(() => {
    log('error', `giving up after ${seconds.toFixed(0)} s`);
    process.exit(1);
  }, seconds * 1000).unref();
}

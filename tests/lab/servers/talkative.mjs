// A small stdio server whose sessions are worth recording: it logs, reports the time, asks its client for roots, and says what ANSWER
// of its environment says. No dependencies.
import {createInterface} from 'node:readline';

const send = (message) => process.stdout.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`);
const text = (value) => ({content: [{type: 'text', text: value}]});
const waiting = new Map();
let asked = Number(process.env.FIRST_ID ?? 100); // ids differ from run to run, as they may
let answered = 0;

const tools = {
  greet: async ({name}) => text(`${process.env.ANSWER ?? 'hello'} ${name}`),
  now: async () => ({...text(new Date().toISOString()), structuredContent: {time: Date.now(), zone: 'UTC'}}),
  count: async () => text(`call ${++answered}`),
  login: async ({password}) => text(password ? 'in' : 'out'),
  async where() {
    const id = ++asked;
    send({id, method: 'roots/list'});
    const {result} = await new Promise((done) => waiting.set(id, done));
    return text(`${result.roots.length} roots`);
  },
  async loud() {
    const lines = [1, 2, 3].map((n) => ({method: 'notifications/message', params: {level: 'info', data: `line ${n}`}}));
    for (const line of process.env.REVERSE ? lines.reverse() : lines) send(line);
    return text('said');
  },
};
const handlers = {
  initialize: ({protocolVersion}) => ({protocolVersion, capabilities: {tools: {}, logging: {}}, serverInfo: {name: 'talkative', version: '1'}}),
  ping: () => ({}),
  'tools/list': () => ({tools: Object.keys(tools).map((name) => ({name, inputSchema: {type: 'object'}}))}),
  'tools/call': ({name, arguments: given = {}}) => {
    if (!tools[name]) throw Object.assign(new Error(`unknown tool ${name}`), {code: -32602});
    return tools[name](given);
  },
};
createInterface({input: process.stdin}).on('line', async (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) return waiting.get(message.id)?.(message);
  if (message.id === undefined) return undefined;
  try {
    if (!handlers[message.method]) throw Object.assign(new Error('no such method'), {code: -32601});
    send({id: message.id, result: await handlers[message.method](message.params ?? {})});
  } catch (error) {
    send({id: message.id, error: {code: error.code ?? -32603, message: error.message}});
  }
  return undefined;
});

// A stdio MCP server for the fault cells: tools that answer, that take their time, and that write lines to stderr.
import {createInterface} from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`);
const tool = (name) => ({name, description: name, inputSchema: {type: 'object'}});
const text = (value) => ({content: [{type: 'text', text: value}]});

async function call(name, given) {
  if (name === 'wait') await new Promise((done) => setTimeout(done, given.ms));
  if (name === 'flood') process.stderr.write(Array.from({length: given.lines}, (_, i) => `${i} ${'x'.repeat(given.size)}\n`).join(''));
  return text(`${name} done`);
}

createInterface({input: process.stdin}).on('line', async (line) => {
  const {id, method, params} = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') say({id, result: {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'noisy', version: '1'}}});
  else if (method === 'ping') say({id, result: {}});
  else if (method === 'tools/list') say({id, result: {tools: ['echo', 'wait', 'flood'].map(tool)}});
  else if (method === 'tools/call') say({id, result: await call(params.name, params.arguments ?? {})});
  else say({id, error: {code: -32601, message: `no ${method}`}});
}).on('close', () => process.exit(0));

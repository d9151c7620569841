// An MCP server that writes RATE lines a second to stderr.
import {createInterface} from 'node:readline';

const every = 20; // ms
const rate = Number(process.argv[2]);
let n = 0;
let owed = 0;
if (rate > 0) setInterval(() => {
  for (owed += (rate * every) / 1000; owed >= 1; --owed) console.error(`${++n % 50 === 0 ? 'error' : 'info'}: request ${n} took ${(n * 7919) % 1000} ms, user u${n % 97}`);
}, every);
const results = {initialize: {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'chatty', version: '1'}}, ping: {}, 'tools/list': {tools: []}};
createInterface({input: process.stdin}).on('line', (line) => {
  const {id, method} = JSON.parse(line);
  if (id === undefined) return;
  const answer = results[method] ? {result: results[method]} : {error: {code: -32601, message: 'not here'}};
  console.log(JSON.stringify({jsonrpc: '2.0', id, ...answer}));
}).on('close', () => process.exit());

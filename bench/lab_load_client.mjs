// A client on the official SDK that calls echo over stdio as hard as `load` does: COUNT callers, each awaiting its answer. One line of
// JSON: calls and the CPU time of this process alone.   lab_load_client.mjs CALLERS SECONDS SERVER ARGUMENTS…
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {root} from '../tests/support/telltale.mjs';

const require = createRequire(`${root}/examples/demo/package.json`);
const load = async (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/client/${name}`)).href);
const {Client} = await load('index.js');
const {StdioClientTransport} = await load('stdio.js');

const [callers, seconds, server, ...args] = process.argv.slice(2);
const client = new Client({name: 'bench', version: '1.0.0'}, {capabilities: {}});
await client.connect(new StdioClientTransport({command: process.execPath, args: [server, ...args], stderr: 'ignore'}));
const call = () => client.callTool({name: 'echo', arguments: {text: 'hello'}});
for (let i = 0; i < 500; ++i) await call(); // warm, as ours needs not be
const before = process.cpuUsage();
const until = performance.now() + Number(seconds) * 1000;
const micros = [];
await Promise.all(Array.from({length: Number(callers)}, async () => {
  while (performance.now() < until) {
    const began = performance.now();
    const {content} = await call();
    if (content[0].text !== 'hello') throw new Error('this is no echo');
    micros.push((performance.now() - began) * 1000);
  }
}));
const {user, system} = process.cpuUsage(before);
micros.sort((a, b) => a - b);
console.log(JSON.stringify({calls: micros.length, cpu_us: user + system, p50: micros[Math.floor(micros.length * 0.5)], p99: micros[Math.floor(micros.length * 0.99)]}));
await client.close();

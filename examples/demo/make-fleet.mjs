// Prints the demo's fleet file with absolute paths: node make-fleet.mjs PORT
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const port = process.argv[2] ?? '39001';
const here = dirname(fileURLToPath(import.meta.url));
const state = resolve(here, '../../.state/demo');
const node = process.execPath;
const script = (name) => join(here, 'node_modules/@modelcontextprotocol', name, 'dist/index.js');
const own = (description, more = {}) => ({tags: ['demo'], description, health_interval_s: 10, latency_objective_ms: 400, ...more});

const fleet = {
  mcpServers: {
    everything: {command: node, args: [script('server-everything'), 'stdio'], telltale: own('Every feature of the protocol, over stdio')},
    'everything-http': {
      type: 'http',
      url: `http://127.0.0.1:${port}/mcp`,
      command: node,
      args: [script('server-everything'), 'streamableHttp'],
      env: {PORT: port},
      telltale: own('The same over Streamable HTTP; Telltale runs its process too'),
    },
    filesystem: {command: node, args: [script('server-filesystem'), join(state, 'files')], telltale: own('Files below .state/demo/files')},
    memory: {command: node, args: [script('server-memory')], env: {MEMORY_FILE_PATH: join(state, 'memory.jsonl')}, telltale: own('A knowledge graph in a file')},
    'sequential-thinking': {command: node, args: [script('server-sequential-thinking')], telltale: own('One tool, for thinking in steps')},
    flaky: {
      command: node,
      args: [join(here, 'flaky.mjs')],
      env: {FLAKY_LIFE_S: '90'},
      telltale: own('Slow, failing and crashing on purpose', {health_interval_s: 5, latency_objective_ms: 150}),
    },
  },
};
console.log(JSON.stringify(fleet, null, 2));

// A server with the faults that the kinds of cases are there to find, one per tool. No dependency; stdio, 2025-11-25.
import {execSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createInterface} from 'node:readline';

const [once, pause = '0'] = process.argv.slice(2); // a file: it starts only while that is not there; how long an echo takes, ms
if (once && once !== '-') {
  if (existsSync(once)) process.exit(3);
  writeFileSync(once, '');
}

const text = (name, description = name) => ({name, description, annotations: {readOnlyHint: true}, inputSchema: {type: 'object', properties: {path: {type: 'string'}}, required: ['path']}});
const tools = [
  text('read_anything', 'gives any file'),
  {...text('fetch_anything'), inputSchema: {type: 'object', properties: {url: {type: 'string'}}, required: ['url']}},
  {...text('list_by_shell'), inputSchema: {type: 'object', properties: {pattern: {type: 'string'}}, required: ['pattern']}},
  {...text('dies_of_long_texts'), inputSchema: {type: 'object', properties: {text: {type: 'string'}, times: {type: 'integer'}}, required: ['text']}},
  {...text('breaks_its_word'), inputSchema: {type: 'object', properties: {n: {type: 'integer', minimum: -1000, maximum: 1000}}, required: ['n']},
    outputSchema: {type: 'object', properties: {half: {type: 'integer'}}, required: ['half']}},
  {...text('echo'), inputSchema: {type: 'object', properties: {text: {type: 'string'}}}},
];
const said = (value) => ({content: [{type: 'text', text: String(value)}]});
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const bodies = {
  read_anything: ({path}) => said(readFileSync(path.replace('file://', ''), 'utf8')),
  fetch_anything: async ({url}) => said(await (await fetch(url)).text()),
  list_by_shell: ({pattern}) => said(execSync(`ls ${pattern}`, {stdio: ['ignore', 'pipe', 'ignore']})),
  dies_of_long_texts: ({text: given}) => (typeof given === 'string' && given.length >= 5 ? process.exit(7) : said(given)),
  breaks_its_word: ({n}) => ({...said(n / 2), structuredContent: {half: n / 2}}),
  echo: async (given) => (Number(pause) > 0 && (await sleep(Number(pause))), said(JSON.stringify(given))),
};

function refused(tool, given = {}) {
  const {properties, required = []} = tools.find(({name}) => name === tool).inputSchema;
  const type = (value) => (Number.isInteger(value) ? 'integer' : typeof value);
  return required.find((name) => !(name in given)) ?? Object.keys(properties).find((name) => name in given && type(given[name]) !== properties[name].type);
}

async function answer({method, params}) {
  if (method === 'initialize') return {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'careless', version: '1.0.0'}};
  if (method === 'ping') return {};
  if (method === 'tools/list') return {tools};
  if (method !== 'tools/call' || !bodies[params?.name]) throw Object.assign(new Error('no such method'), {code: -32601});
  const wrong = refused(params.name, params.arguments);
  if (wrong) throw Object.assign(new Error(`wrong: ${wrong}`), {code: -32602});
  try {
    return await bodies[params.name](params.arguments);
  } catch (error) {
    return {...said(error.message), isError: true};
  }
}

createInterface({input: process.stdin}).on('line', async (line) => {
  if (line.includes('"method":"completion/complete"') && !line.includes('"ref"')) process.exit(9); // what fuzzing is to find
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return console.log(JSON.stringify({jsonrpc: '2.0', id: null, error: {code: -32700, message: 'no JSON'}}));
  }
  if (message?.id === undefined || !message.method) return;
  const out = await answer(message).then((result) => ({result}), ({code = -32603, message: why}) => ({error: {code, message: why}}));
  console.log(JSON.stringify({jsonrpc: '2.0', id: message.id, ...out}));
});

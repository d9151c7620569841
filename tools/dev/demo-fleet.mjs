// Prepares the demo in a folder: demo-fleet.mjs FOLDER [SERVER=JSON…]
// Writes FOLDER/fleet.json from examples/demo/fleet.template.json with absolute paths (nothing is looked up in PATH at run
// time) and FOLDER/files with the samples. A second run keeps the port of everything-http while it is free. Each
// SERVER=JSON is merged into the environment of that server: flaky='{"FLAKY_LIFE_S":"0"}'.
import {cpSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const demo = resolve(dirname(fileURLToPath(import.meta.url)), '../../examples/demo');

// The free port itself, or none if somebody listens on it. Port 0 finds one.
const free = (port) =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(null));
    probe.listen(port, '127.0.0.1', () => {
      const found = probe.address().port;
      probe.close(() => done(found));
    });
  });

async function choosePort(file) {
  if (existsSync(file)) {
    const previous = Number(new URL(JSON.parse(readFileSync(file, 'utf8')).mcpServers['everything-http'].url).port);
    if (await free(previous)) return previous;
  }
  return free(0);
}

export async function prepareDemo(folder, environments = {}) {
  const state = resolve(folder);
  const file = join(state, 'fleet.json');
  const modules = join(demo, 'node_modules');
  if (!existsSync(modules)) throw new Error(`${modules} is missing: npm ci --ignore-scripts --prefix examples/demo (./dev run does it)`);
  mkdirSync(join(state, 'files'), {recursive: true});
  cpSync(join(demo, 'files'), join(state, 'files'), {recursive: true, force: false});
  const values = {node: process.execPath, demo, modules, state, port: String(await choosePort(file))};
  const fill = (value) => {
    if (typeof value === 'string') return value.replace(/\$\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  const fleet = fill(JSON.parse(readFileSync(join(demo, 'fleet.template.json'), 'utf8')));
  for (const [name, environment] of Object.entries(environments)) {
    if (!fleet.mcpServers[name]) throw new Error(`the demo has no server ${name}`);
    fleet.mcpServers[name].env = {...fleet.mcpServers[name].env, ...environment};
  }
  writeFileSync(file, `${JSON.stringify(fleet, null, 2)}\n`);
  return {file, fleet};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, ...rest] = process.argv.slice(2);
  if (!folder) throw new Error('usage: demo-fleet.mjs FOLDER [SERVER=JSON…]');
  const pairs = rest.map((text) => [text.slice(0, text.indexOf('=')), JSON.parse(text.slice(text.indexOf('=') + 1))]);
  await prepareDemo(folder, Object.fromEntries(pairs));
}

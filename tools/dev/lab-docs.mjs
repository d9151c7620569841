// Writes what the binary knows into docs/lab: the table of rules in conformance.md, and the cards of the five reference servers in
// cards/*.html. node tools/dev/lab-docs.mjs [--rules-only]   TELLTALE_BIN names another binary than build/release/telltale.
import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {referenceServers} from '../../tests/lab/reference.mjs';
import {binary, root} from '../../tests/support/telltale.mjs';

export function ruleTable(listed) {
  const rows = [...listed.matchAll(/^(\S+) +(MUST|SHOULD) +(.+)\n +(.+)$/gm)].map(([, id, level, section, remedy]) => `| \`${id}\` | ${level} | ${section.trim()} | ${remedy} |`);
  return ['| Rule | Level | Section | Remedy |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function writeRules() {
  const path = join(root, 'docs/lab/conformance.md');
  const text = readFileSync(path, 'utf8');
  const head = text.slice(0, text.indexOf('| Rule |') < 0 ? text.length : text.indexOf('| Rule |'));
  writeFileSync(path, head + ruleTable(execFileSync(binary(), ['probe', '--list-rules'], {encoding: 'utf8'})));
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const {port} = listener.address();
  listener.close();
  return port;
}

// The exit code says whether a MUST is broken; the card is written in both cases.
async function writeCard({name, argv, http}) {
  const page = join(root, 'docs/lab/cards', `${name.replaceAll(' ', '-')}.html`);
  const port = http ? await freePort() : 0;
  const child = http && spawn(process.execPath, argv, {stdio: ['ignore', 'ignore', 'pipe'], env: {...process.env, PORT: String(port)}});
  if (child) await once(child.stderr, 'data');
  const target = http ? [`http://127.0.0.1:${port}/mcp`] : ['--', 'node', ...argv];
  const run = spawn(binary(), ['probe', '--html', page, '--timeout', '300', '--request-timeout', '15', ...target], {stdio: 'inherit'});
  const [code] = await once(run, 'exit');
  child?.kill('SIGKILL');
  if (code > 1) throw new Error(`${name} could not be examined`);
  writeFileSync(page, readFileSync(page, 'utf8').replaceAll(root, '.'));
}

if (import.meta.filename === process.argv[1]) {
  writeRules();
  if (!process.argv.includes('--rules-only')) {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-cards-'));
    mkdirSync(join(root, 'docs/lab/cards'), {recursive: true});
    for (const server of referenceServers(folder)) await writeCard(server);
    rmSync(folder, {recursive: true, force: true});
  }
}

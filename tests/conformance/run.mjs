// Runs the official conformance suite's client scenarios against mcp_conformance_client and prints one line for each, then
// "N passed, N failed". A scenario passes when the suite has no failed check and the client ended well. Node 22 or newer.
//   MCP_CONFORMANCE_CLIENT  the program; else it lies beside TELLTALE_BIN, else in build/release or build/debug
//   MCP_CONFORMANCE_DIR     where the suite's packages are; else tests/support/conformance
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

const SCENARIOS = [
  ['0.1', '2025-11-25', 'initialize'],
  ['0.1', '2025-11-25', 'tools_call'],
  ['0.1', '2025-11-25', 'elicitation-sep1034-client-defaults'],
  ['0.1', '2025-11-25', 'sse-retry'],
  ['0.2', '2026-07-28', 'request-metadata'],
  ['0.2', '2026-07-28', 'tools_call'],
  ['0.2', '2026-07-28', 'sep-2322-client-request-state'],
  ['0.2', '2026-07-28', 'http-standard-headers'],
  ['0.2', '2026-07-28', 'http-custom-headers'],
  ['0.2', '2026-07-28', 'http-invalid-tool-headers'],
  ['0.2', '2026-07-28', 'json-schema-ref-no-deref'],
  ['0.2', '2026-07-28', 'json-schema-2020-12-preservation'],
];
const LIMIT_MS = 60_000;

const root = join(import.meta.dirname, '../..');
const fail = (why) => {
  console.error(`conformance: ${why}`);
  process.exit(2);
};

function findClient() {
  const beside = process.env.TELLTALE_BIN && join(dirname(process.env.TELLTALE_BIN), 'mcp_conformance_client');
  const places = [process.env.MCP_CONFORMANCE_CLIENT, beside, join(root, 'build/release/mcp_conformance_client'), join(root, 'build/debug/mcp_conformance_client')];
  return places.find((place) => place && existsSync(place)) ?? fail('mcp_conformance_client is not built (./dev build)');
}

function suite(version) {
  const folder = join(process.env.MCP_CONFORMANCE_DIR ?? join(root, 'tests/support/conformance'), 'node_modules', `conformance-${version}`);
  const program = join(folder, 'dist/index.js');
  return existsSync(program) ? program : fail(`${program} is not there: npm ci in tests/support/conformance (./dev test does it)`);
}

function findChecks(folder) {
  for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true}))
    if (entry.name === 'checks.json') return JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return [];
}

async function play([version, protocol, scenario], client) {
  const out = mkdtempSync(join(tmpdir(), 'telltale-conformance-'));
  try {
    const words = [suite(version), 'client', '--command', client, '--scenario', scenario, '--spec-version', protocol, '-o', out];
    const child = spawn(process.execPath, words, {stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL'});
    let log = '';
    child.stdout.on('data', (data) => (log += data));
    child.stderr.on('data', (data) => (log += data));
    const [code, signal] = await new Promise((done) => child.on('close', (...how) => done(how)));
    const checks = findChecks(out);
    const count = (status) => checks.filter((check) => check.status === status).length;
    const counts = {success: count('SUCCESS'), failure: count('FAILURE'), warning: count('WARNING'), skipped: count('SKIPPED')};
    const failed = checks.filter((check) => check.status === 'FAILURE').map((check) => `${check.id} ${check.name}: ${check.errorMessage ?? ''}`);
    return {ok: code === 0 && counts.failure === 0 && counts.success > 0, code: signal ?? code, log, counts, failed};
  } finally {
    rmSync(out, {recursive: true, force: true});
  }
}

const wanted = process.argv.slice(2);
const chosen = SCENARIOS.filter(([, , name]) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) fail(`no such scenario; one of: ${[...new Set(SCENARIOS.map(([, , name]) => name))].join(' ')}`);
const client = findClient();
let passed = 0;
console.log('suite  protocol    scenario                              checks  failed  warnings  skipped  result');
for (const one of chosen) {
  const {ok, code, log, counts, failed} = await play(one, client);
  passed += ok ? 1 : 0;
  const cells = [counts.success, counts.failure, counts.warning, counts.skipped].map((cell, i) => String(cell).padStart([6, 6, 8, 7][i]));
  console.log(`${one[0].padEnd(5)}  ${one[1]}  ${one[2].padEnd(36)}  ${cells.join('  ')}  ${ok ? 'passed' : `FAILED (${code})`}`);
  if (ok) continue;
  for (const line of failed) console.log(`       ${line}`);
  console.log(log.trimEnd().split('\n').slice(-60).join('\n').replace(/^/gm, '       | '));
}
console.log(`${passed} passed, ${chosen.length - passed} failed`);
process.exit(passed === chosen.length ? 0 : 1);

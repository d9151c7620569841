// Runs the client scenarios of the official suite against our mcp library: node22 tests/conformance/run.mjs
// Needs build/release/mcp_conformance_client and tests/support/conformance/node_modules. Last line: N passed, N failed.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const client = join(process.env.TELLTALE_BIN ? dirname(resolve(process.env.TELLTALE_BIN)) : resolve(here, '../../build/release'), 'mcp_conformance_client');
const suite = (name) => resolve(here, '../support/conformance/node_modules', name, 'dist/index.js');
const sets = [
  ['conformance-0.1', ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry']],
  ['conformance-0.2', ['request-metadata', 'sep-2322-client-request-state', 'http-standard-headers', 'http-custom-headers', 'http-invalid-tool-headers', 'json-schema-ref-no-deref', 'json-schema-2020-12-preservation']],
];
for (const needed of [client, suite('conformance-0.1'), suite('conformance-0.2')])
  if (!existsSync(needed)) {
    console.error(`missing: ${needed} (./dev build; npm ci in tests/support/conformance)`);
    console.log('0 passed, 1 failed');
    process.exit(1);
  }

const only = process.argv[2];
let passed = 0;
let failed = 0;
for (const [version, scenarios] of sets)
  for (const scenario of scenarios) {
    if (only && scenario !== only) continue;
    const out = mkdtempSync(join(tmpdir(), 'conformance-'));
    const run = spawnSync(process.execPath, [suite(version), 'client', '--command', client, '--scenario', scenario, '-o', out], {encoding: 'utf8', timeout: 90_000});
    const files = readdirSync(out, {recursive: true}).filter((name) => name.endsWith('checks.json'));
    const checks = files.flatMap((name) => JSON.parse(readFileSync(join(out, name), 'utf8')));
    const bad = checks.filter((check) => check.status === 'FAILURE');
    const good = checks.filter((check) => check.status === 'SUCCESS');
    const fine = run.status === 0 && bad.length === 0 && good.length > 0;
    fine ? passed++ : failed++;
    console.log(`${fine ? 'ok    ' : 'FAILED'} ${version} ${scenario.padEnd(40)} ${good.length} checks passed, ${bad.length} failed`);
    if (!fine) {
      for (const check of bad) console.log(`       ${check.id}: ${check.errorMessage ?? check.description}`);
      console.log((run.stdout + run.stderr).split('\n').slice(-25).join('\n'));
    }
    rmSync(out, {recursive: true, force: true});
  }
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

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
const flows = ['metadata-default', 'metadata-var1', 'metadata-var2', 'metadata-var3', 'basic-cimd', 'scope-from-www-authenticate', 'scope-from-scopes-supported', 'scope-omitted-when-undefined', 'scope-step-up', 'scope-retry-limit', 'token-endpoint-auth-basic', 'token-endpoint-auth-post', 'token-endpoint-auth-none', 'pre-registration'];
const old = ['2025-03-26-oauth-metadata-backcompat', '2025-03-26-oauth-endpoint-fallback'];
const checked = ['resource-mismatch', 'offline-access-scope', 'offline-access-not-supported'];
const newest = ['authorization-server-migration', 'iss-supported', 'iss-not-advertised', 'iss-supported-missing', 'iss-wrong-issuer', 'iss-unexpected', 'iss-normalized', 'metadata-issuer-mismatch'];
const machines = ['client-credentials-jwt', 'client-credentials-basic'];
const extensions = [...machines, 'enterprise-managed-authorization', 'dpop', 'dpop-nonce', 'wif-jwt-bearer'];
const auth = (...lists) => lists.flat().map((name) => `auth/${name}`);
// Suite, scenarios, the protocol version when it is not the suite's own choice.
const sets = [
  ['conformance-0.1', auth(flows, old, checked, machines, ['cross-app-access-complete-flow'])],
  ['conformance-0.2', auth(flows, checked, newest), '2026-07-28'],
  ['conformance-0.2', auth(flows), '2025-11-25'],
  ['conformance-0.2', auth(old, extensions)],
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
for (const [version, scenarios, protocol] of sets)
  for (const scenario of scenarios) {
    if (only && !scenario.includes(only)) continue;
    const out = mkdtempSync(join(tmpdir(), 'conformance-'));
    const run = spawnSync(process.execPath, [suite(version), 'client', '--command', client, '--scenario', scenario, '-o', out, ...(protocol ? ['--spec-version', protocol] : [])], {encoding: 'utf8', timeout: 90_000});
    const files = readdirSync(out, {recursive: true}).filter((name) => name.endsWith('checks.json'));
    const checks = files.flatMap((name) => JSON.parse(readFileSync(join(out, name), 'utf8')));
    // What a client SHOULD do is a warning of the suite; of authorization we miss none.
    const bad = checks.filter((check) => check.status === 'FAILURE' || (check.status === 'WARNING' && scenario.startsWith('auth/')));
    const good = checks.filter((check) => check.status === 'SUCCESS');
    const fine = run.status === 0 && bad.length === 0 && good.length > 0;
    fine ? passed++ : failed++;
    console.log(`${fine ? 'ok    ' : 'FAILED'} ${version} ${(protocol ?? '').padEnd(10)} ${scenario.padEnd(43)} ${good.length} checks passed, ${bad.length} failed`);
    if (!fine) {
      for (const check of bad) console.log(`       ${check.id}: ${check.errorMessage ?? check.description}`);
      console.log((run.stdout + run.stderr).split('\n').slice(-25).join('\n'));
    }
    rmSync(out, {recursive: true, force: true});
  }
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

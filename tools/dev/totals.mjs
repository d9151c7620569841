// Prints "PASSED FAILED" of one part of ./dev test, read from what its tool wrote:
//   totals.mjs ctest FILE.xml FOLDER   ctest's junit file; a GoogleTest program counts with the cases of its own XML in FOLDER
//   totals.mjs tap FILE                node --test with the tap reporter
//   totals.mjs vitest FILE.json        vitest with the json reporter
//   totals.mjs summary FILE            a log with a line `N passed, N failed` (the last one counts)
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const attributes = (tag) => Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));

function googletest(file) {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const sum = (key) => [...text.matchAll(/<testsuite [^>]*>/g)].reduce((total, [tag]) => total + Number(attributes(tag)[key] ?? 0), 0);
  const failed = sum('failures') + sum('errors');
  return {passed: sum('tests') - failed - sum('disabled') - sum('skipped'), failed};
}

function ctest([file, folder]) {
  let passed = 0;
  let failed = 0;
  for (const [tag] of readFileSync(file, 'utf8').matchAll(/<testcase [^>]*>/g)) {
    const {name, status} = attributes(tag);
    if (status === 'disabled' || status === 'notrun') continue;
    const ok = status === 'run';
    const cases = googletest(join(folder, `${name}_test.xml`)) ?? googletest(join(folder, `${name}.xml`)) ?? {passed: ok ? 1 : 0, failed: 0};
    passed += cases.passed;
    failed += ok ? cases.failed : Math.max(cases.failed, 1);
  }
  return {passed, failed};
}

function tap([file]) {
  const text = readFileSync(file, 'utf8');
  const number = (what) => Number([...text.matchAll(new RegExp(`^# ${what} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  return {passed: number('pass'), failed: number('fail') + number('cancelled')};
}

function vitest([file]) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const brokenFiles = report.testResults.filter((one) => one.status === 'failed' && one.assertionResults.length === 0).length;
  return {passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles};
}

function summary([file]) {
  const last = [...readFileSync(file, 'utf8').matchAll(/^\s*(\d+) passed, (\d+) failed\s*$/gm)].at(-1);
  if (!last) throw new Error(`${file} has no line "N passed, N failed"`);
  return {passed: Number(last[1]), failed: Number(last[2])};
}

const [kind, ...rest] = process.argv.slice(2);
const {passed, failed} = {ctest, tap, vitest, summary}[kind](rest);
console.log(passed, failed);

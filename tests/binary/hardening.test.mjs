// The shipped binary has what the build flags promise (docs/development.md): read from the file itself.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {binary} from '../support/telltale.mjs';

const readelf = (...flags) => execFileSync('readelf', ['-W', ...flags, binary()], {encoding: 'utf8', maxBuffer: 1 << 28});

test('position independent', () => assert.match(readelf('-h'), /Type:\s+DYN \(Position-Independent Executable/));

test('relocations are read-only and bound at the start', () => {
  assert.match(readelf('-l'), /GNU_RELRO/);
  assert.match(readelf('-d'), /FLAGS.*BIND_NOW|FLAGS_1.*NOW/);
});

test('no segment is writable and executable, the stack neither', () => {
  const segments = readelf('-l').split('\n').filter((line) => /^ {2}(LOAD|GNU_STACK) /.test(line));
  assert.ok(segments.some((line) => line.includes('GNU_STACK')));
  assert.deepEqual(segments.filter((line) => /\bRWE\b/.test(line)), []);
});

test('no library is looked for in a folder of the build', () => assert.doesNotMatch(readelf('-d'), /RPATH|RUNPATH/));

test('stack protector and fortified library calls', () => {
  const symbols = readelf('--dyn-syms');
  assert.match(symbols, /__stack_chk_fail/);
  assert.match(symbols, /__\w+_chk@/);
});

// Debian 12's start files carry no IBT mark, so the linked file can't; the code of ours has its landing pads all the same.
test('indirect branches land on endbr64', () => {
  const landings = readFileSync(binary()).toString('latin1').split('\xf3\x0f\x1e\xfa').length - 1;
  assert.ok(landings > 10_000, `${landings} landing pads`);
});

// Every line of the size budget ends the build when it is exceeded: tried with files made for it.
import {spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, expect, test} from 'vitest';

let folder = '';
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const small = {'index.js': 60, 'Chart-1.js': 30, 'Other-1.js': 30, 'style.css': 10, 'geist-latin-wght-normal-1.woff2': 30, 'lens': 3};
// Sizes in KiB of bytes that gzip cannot make smaller.
function measured(sizes) {
  folder = mkdtempSync(join(tmpdir(), 'size-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<script src="/assets/index.js"></script>');
  for (const [name, kib] of Object.entries({...small, ...sizes})) writeFileSync(join(folder, name === 'lens' ? 'telltale-rtc.js' : `assets/${name}`), randomBytes(kib * 1024));
  const {status, stdout} = spawnSync(process.execPath, [new URL('size.mjs', import.meta.url).pathname, folder], {encoding: 'utf8'});
  return {status, over: stdout.split('\n').filter((line) => line.endsWith('OVER')).map((line) => line.slice(0, 24).trim())};
}

test('what is within passes', () => expect(measured({})).toEqual({status: 0, over: []}));
test.each([
  ['first load JavaScript', {'index.js': 115}], ['CSS', {'style.css': 16}], ['fonts', {'geist-mono-latin-wght-normal-1.woff2': 30}], ['largest later chunk', {'Other-1.js': 41}],
  ['all JavaScript', Object.fromEntries(Array.from({length: 10}, (_, index) => [`Part-${index}.js`, 30]))], ['telltale-rtc.js', {lens: 7}],
])('%s over its budget fails', (name, sizes) => expect(measured(sizes)).toEqual({status: 1, over: [name]}));

// The house's rules that a compiler does not check, over `git ls-files`: node tests/tidy/check.mjs
import {execFileSync} from 'node:child_process';
import {readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const files = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'}).split('\0').filter(Boolean);
const cmake = readFileSync(join(root, 'src/CMakeLists.txt'), 'utf8');
const modules = new Map([...cmake.matchAll(/^module\((\w+)(?: DEPS ([\w ]+?))?(?: LIBS [^)]*)?\)/gm)].map(([, name, deps = '']) => [name, deps.split(' ').filter(Boolean)]));
const floors = [['base'], ['net', 'runtime', 'report', 'mail'], ['mcp', 'store', 'bus'], ['fleet', 'audit', 'content', 'rtc', 'media', 'monitor', 'lab', 'series', 'schedule', 'reporting', 'presence', 'alert'], ['catalog', 'auth', 'simulate'], ['api', 'live', 'exposition', 'cli'], ['app']];
const floorOf = (name) => floors.findIndex((floor) => floor.includes(name));

const faults = [];
const rules = [
  {pattern: /#include <boost\/beast/, rooms: ['net'], says: 'Beast stays in net'},
  {pattern: /#include <openssl\/ssl/, rooms: ['net', 'rtc'], says: 'TLS stays in net, DTLS in rtc'},
  {pattern: /#include <usrsctp/, rooms: ['rtc'], says: 'SCTP stays in rtc'},
  {pattern: /#include <sqlite3/, rooms: ['store'], says: 'SQLite stays in store'},
  {pattern: /#include <sodium/, rooms: ['auth'], says: 'libsodium stays in auth'},
  {pattern: /#include <srtp2/, rooms: ['rtc'], says: 'libsrtp2 is the oracle of the tests of rtc'},
  {pattern: /#include <lib(av|sw)/, rooms: ['media'], says: 'FFmpeg stays in media'},
  {pattern: /asio::detached/, rooms: ['runtime'], says: 'tasks start by TaskGroup::spawn'},
  {pattern: /std::mutex\b/, rooms: ['base', 'runtime', 'net', 'store', 'bus'], says: 'no locks here: post to the home loop'},
  {pattern: /(steady|system)_clock::now|std::random_device|std::mt19937|\brand\(\)/, rooms: ['base'], says: 'time and randomness come from base', notInTests: true},
  {pattern: /#include "\.\.\//, rooms: [], says: 'include by module'},
  {pattern: /\b(FIXME|TODO)\b/, rooms: [], says: 'promises belong in an issue'},
];
for (const file of files) {
  if (statSync(join(root, file), {throwIfNoEntry: false})?.size > 400_000) faults.push(`${file}: over 400 kB`);
  const match = /^src\/(\w+)\/.*\.[ch]pp$/.exec(file);
  if (!match) continue;
  const [, module] = match;
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  if (lines.length > 700) faults.push(`${file}: ${lines.length} lines, at most 700`);
  lines.forEach((line, index) => {
    for (const rule of rules) if (rule.pattern.test(line) && !rule.rooms.includes(module) && !(rule.notInTests && file.endsWith('_test.cpp'))) faults.push(`${file}:${index + 1}: ${rule.says}`);
    const included = /^#include "(\w+)\//.exec(line)?.[1];
    if (included && included !== module && modules.has(included) && !modules.get(module)?.includes(included) && !file.endsWith('main.cpp')) faults.push(`${file}:${index + 1}: ${module} does not list ${included}`);
  });
}
for (const [name, deps] of modules) {
  if (floorOf(name) < 0) faults.push(`src/CMakeLists.txt: ${name} has no floor in tests/tidy/check.mjs`);
  for (const dep of deps) if (floorOf(dep) > floorOf(name)) faults.push(`src/CMakeLists.txt: ${name} looks up to ${dep}`);
}
console.log(faults.join('\n') || `tidy: ${files.length} files, ${modules.size} modules`);
process.exit(faults.length ? 1 : 0);

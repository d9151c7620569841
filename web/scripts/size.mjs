// The size budget of dashboard.md, in gzip: first load, any chunk, all chunks, CSS; and of the lens.
import {readFileSync, readdirSync} from 'node:fs';
import {gzipSync} from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const gzip = (name) => gzipSync(readFileSync(new URL(name, dist)), {level: 9}).length / 1024;
const html = readFileSync(new URL('index.html', dist), 'utf8');
const files = readdirSync(new URL('assets/', dist));
const scripts = files.filter((name) => name.endsWith('.js')).map((name) => ({name, kib: gzip(`assets/${name}`), first: html.includes(name)}));
const sum = (list) => list.reduce((total, file) => total + file.kib, 0);
const rows = [
  ['first load JavaScript', sum(scripts.filter((file) => file.first)), 140],
  ['largest later chunk', Math.max(0, ...scripts.filter((file) => !file.first).map((file) => file.kib)), 40],
  ['all JavaScript', sum(scripts), 400],
  ['CSS', files.filter((name) => name.endsWith('.css')).reduce((total, name) => total + gzip(`assets/${name}`), 0), 15],
  ['telltale-rtc.js', gzip('telltale-rtc.js'), 6], // in pages of others
];
let over = false;
for (const [name, kib, budget] of rows) {
  over ||= kib > budget;
  console.log(`${name.padEnd(24)} ${kib.toFixed(1).padStart(7)} KiB of ${budget}${kib > budget ? '  OVER' : ''}`);
}
process.exit(over ? 1 : 0);

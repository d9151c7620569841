// The size budget of the dashboard, in gzip (fonts are compressed as they are): what the first page needs with its charts, CSS, fonts,
// any later chunk, all chunks; and the lens, which stands in pages of others. Ends with 1 when one is over.
//   node scripts/size.mjs [DIST]
import {readFileSync, readdirSync} from 'node:fs';
import {resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {gzipSync} from 'node:zlib';

const dist = process.argv[2] ? pathToFileURL(`${resolve(process.argv[2])}/`) : new URL('../dist/', import.meta.url);
const bytesOf = (name) => readFileSync(new URL(name, dist));
const gzip = (name) => gzipSync(bytesOf(name), {level: 9}).length / 1024;
const html = bytesOf('index.html').toString();
const files = readdirSync(new URL('assets/', dist));
const firstPage = /^Chart-/; // the chunks that the first page reads by itself
const scripts = files.filter((name) => name.endsWith('.js')).map((name) => ({name, kib: gzip(`assets/${name}`), inHtml: html.includes(name)}));
const sum = (list) => list.reduce((total, file) => total + file.kib, 0);
// Of each family the part that English needs; the others are read only for letters of theirs.
const latin = files.filter((name) => /-latin-wght-.*\.woff2$/.test(name));
if (!scripts.some(({inHtml}) => inHtml) || !scripts.some(({name}) => firstPage.test(name)) || latin.length === 0) throw new Error('web/dist has other names than this script knows: a budget would be measured of nothing');
const rows = [
  ['first load JavaScript', sum(scripts.filter(({name, inHtml}) => inHtml || firstPage.test(name))), 140],
  ['CSS', files.filter((name) => name.endsWith('.css')).reduce((total, name) => total + gzip(`assets/${name}`), 0), 15],
  ['fonts', latin.reduce((total, name) => total + bytesOf(`assets/${name}`).length / 1024, 0), 55],
  ['largest later chunk', Math.max(0, ...scripts.filter(({inHtml}) => !inHtml).map((file) => file.kib)), 40],
  ['all JavaScript', sum(scripts), 400],
  ['telltale-rtc.js', gzip('telltale-rtc.js'), 6],
];
let over = false;
for (const [name, kib, budget] of rows) {
  over ||= kib > budget;
  console.log(`${name.padEnd(24)} ${kib.toFixed(1).padStart(7)} KiB of ${budget}${kib > budget ? '  OVER' : ''}`);
}
process.exit(over ? 1 : 0);

// licences.json: the licences of what the binary is made of, read when the dashboard is built. The npm packages are those whose
// modules are in the bundle; the Debian libraries those that the `-dev` packages of tools/dev/common.sh bring, without what only
// tests link. Nothing is listed by hand.
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

const filesShown = 3; // of each list
const testsOnly = /^lib(gtest|gmock|benchmark|srtp2|usrsctp|clang-rt)/;

function packageOf(file) {
  const at = file.lastIndexOf('/node_modules/');
  if (at < 0) return null;
  const [first, second] = file.slice(at + 14).split('/');
  return join(file.slice(0, at), 'node_modules', first.startsWith('@') ? `${first}/${second}` : first);
}

function npmPart(folder) {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|ofl)/i.test(one));
  return {name, version, licence: license ?? 'see its text', from: 'npm', text: file ? readFileSync(join(folder, file), 'utf8').trim() : `It says ${license} and brings no text.`};
}

// Every package that is installed, with its version and what it depends on.
function installedPackages() {
  const lines = execFileSync('dpkg-query', ['-W', '-f', '${db:Status-Abbrev}\t${Package}\t${Version}\t${Depends}\n'], {encoding: 'utf8', maxBuffer: 64 << 20}).split('\n');
  return new Map(lines.filter((line) => line.startsWith('ii')).map((line) => line.split('\t')).map(([, name, version, depends]) => [name, {version, depends}]));
}

// Boost names 30,000 of its files one by one.
function withoutLists(text) {
  return text.replace(/^Files(?:-Excluded)?:.*(?:\n[ \t]+\S.*)*/gm, (list) => {
    const lines = list.split('\n');
    return lines.length <= filesShown ? list : [...lines.slice(0, filesShown), ` (and ${lines.length - filesShown} more)`].join('\n');
  });
}

function debianParts(root) {
  const wanted = [...readFileSync(join(root, 'tools/dev/common.sh'), 'utf8').matchAll(/\b(?:lib|zlib)[\w.+-]*-dev\b/g)].map(([name]) => name).filter((name) => !testsOnly.test(name));
  const installed = installedPackages();
  const names = new Set();
  for (const dev of wanted) {
    if (!installed.has(dev)) continue;
    const libraries = installed.get(dev).depends.split(',').map((one) => one.trim().split(/[ |(:]/)[0]).filter((one) => /^(lib|zlib)/.test(one) && !one.endsWith('-dev') && !one.startsWith('libc6') && installed.has(one));
    for (const name of libraries.length > 0 ? libraries : [dev]) names.add(name);
  }
  const parts = [];
  for (const name of [...names].sort()) {
    const file = `/usr/share/doc/${name}/copyright`;
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'latin1');
    const found = [...new Set([...text.matchAll(/^License:\s*(\S.*)$/gm)].map(([, one]) => one.trim()))].filter((one) => one.length < 60);
    parts.push({name, version: installed.get(name).version, licence: found.slice(0, 4).join(', ') || 'see its text', from: 'Debian', text: withoutLists(Buffer.from(text, 'latin1').toString('utf8').trim())});
  }
  return parts;
}

export function licences() {
  const folders = new Set();
  return {
    name: 'telltale-licences',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle))
        for (const file of [...Object.keys(chunk.modules ?? {}), ...(chunk.originalFileNames ?? [])]) {
          const folder = packageOf(file.replaceAll('\\', '/').split('?')[0].replace(/^\0/, ''));
          if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder);
        }
      // Fonts come by a style sheet, which is no module.
      const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).dependencies;
      for (const name of Object.keys(own)) if (name.startsWith('@fontsource')) folders.add(join(dirname(new URL(import.meta.url).pathname), '../node_modules', name));
      let debian = [];
      try {
        debian = debianParts(join(dirname(new URL(import.meta.url).pathname), '../..'));
      } catch (error) {
        this.warn(`the licences of the Debian libraries cannot be read: ${error.message}`);
      }
      const npm = new Map([...folders].map(npmPart).map((part) => [`${part.name} ${part.version}`, part]));
      const parts = [...debian, ...npm.values()].sort((a, b) => a.name.localeCompare(b.name));
      const texts = [...new Set(parts.map(({text}) => text))]; // libraries of one source have one text
      this.emitFile({type: 'asset', fileName: 'licences.json', source: JSON.stringify({parts: parts.map((part) => ({...part, text: texts.indexOf(part.text)})), texts})});
    },
  };
}

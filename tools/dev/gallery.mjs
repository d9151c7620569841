// The gallery: a server with the demo fleet, calls, a suite that was run, streams behind real links; a new one with nothing; one that
// went away. Each page is pictured when what it is about is there: build/gallery/index.html shows them side by side.
//   tools/dev/node22.sh tools/dev/gallery.mjs [REGEX] [--docs]
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Telltale, adminPassword, images, launchBrowser, listenForErrors} from '../../tests/browser/harness.mjs';
import {live} from './gallery_life.mjs';
import {emptyPages, fullPages, gonePages} from './gallery_pages.mjs';

const words = process.argv.slice(2);
const docs = words.includes('--docs');
const only = new RegExp(words.find((word) => !word.startsWith('--')) ?? '.');
const out = join(import.meta.dirname, '../../build/gallery');
const patience = 20_000;
const looks = ['dark', 'light'].flatMap((scheme) => [[scheme, 1440], [scheme, 390]]);

const shots = [];
const problems = [];

async function login(browser, origin, scheme, width) {
  const context = await browser.newContext({viewport: {width, height: 900}, colorScheme: scheme, reducedMotion: 'reduce'});
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByLabel(/user name/i).fill('admin');
  await page.getByLabel('Password', {exact: true}).fill(adminPassword);
  await page.getByRole('button', {name: 'Log in'}).click();
  await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor({timeout: patience, state: 'attached'});
  return page;
}

async function picture(page, state, name, scheme, width, whole = true) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) problems.push(`${state} ${name}, ${scheme} ${width}: ${overflow} px wider than the window`);
  // What scrolls within the window is pictured whole: the window is made as tall as it needs.
  const more = await page.evaluate(() => Math.max(0, ...[...document.querySelectorAll('main, aside, .without-drawer, .with-drawer')].map((one) => one.scrollHeight - one.clientHeight)));
  if (more > 0) {
    await page.setViewportSize({width, height: Math.min(2600, 900 + more)});
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(undefined)))));
  }
  const file = `${state}-${name}-${scheme}-${width}.png`;
  await page.screenshot({path: join(out, file), fullPage: whole});
  if (more > 0) await page.setViewportSize({width, height: 900});
  shots.push({state, name, scheme, width, file});
}

// Each page in one look: gone to, waited for, pictured. One that does not come is a problem, and pictured as it is.
async function visit(page, origin, state, list, facts, scheme, width) {
  const errors = [];
  listenForErrors(page, errors);
  for (const {name, path, ready, prepare} of list) {
    if (!only.test(`${state}-${name}`)) continue;
    try {
      await page.goto(origin + (typeof path === 'function' ? path(facts) : path));
      await ready?.(page).waitFor({timeout: patience});
      await prepare?.(page, facts);
    } catch (error) {
      problems.push(`${state} ${name}, ${scheme} ${width}: ${error.message.split('\n')[0]}`);
    }
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    await picture(page, state, name, scheme, width);
    problems.push(...errors.splice(0).map((one) => `${state} ${name}, ${scheme} ${width}: ${one.split('\n')[0]}`));
  }
}

const tell = (text) => console.error(text);
rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
const browser = await launchBrowser();
let server;
let life;
try {
  if (fullPages.some(({name}) => only.test(`full-${name}`)) || gonePages.some(({name}) => only.test(`error-${name}`)) || docs) {
    tell('A fleet that lives');
    server = await Telltale.start();
    life = await live(server, browser);
    for (const [scheme, width] of looks) {
      tell(`full, ${scheme} ${width}`);
      const page = await login(browser, server.origin, scheme, width);
      await visit(page, server.origin, 'full', fullPages, life.facts, scheme, width);
      await page.context().close();
    }
    if (docs) {
      const page = await login(browser, server.origin, 'dark', 1440);
      await page.goto(`${server.origin}/?from=${new Date(life.facts.began).toISOString()}&to=${new Date().toISOString()}`); // as long as it has lived
      await page.locator('.overview-charts[data-ready="true"] .uplot').nth(3).waitFor({timeout: patience});
      await page.getByRole('region', {name: 'Streams'}).getByText('bit/s').first().waitFor({timeout: patience});
      await page.screenshot({path: join(images, 'overview.png')});
      await page.context().close();
    }
    // The last look at each: with the server gone.
    const left = [];
    for (const [scheme, width] of looks) left.push([await login(browser, server.origin, scheme, width), scheme, width]);
    await life.stop();
    life = null;
    await server.stop();
    const {origin} = server;
    server = null;
    for (const [page, scheme, width] of left) {
      tell(`error, ${scheme} ${width}`);
      await page.getByRole('alert').filter({hasText: 'connection to Telltale is lost'}).waitFor({timeout: patience});
      if (only.test('error-lost')) await picture(page, 'error', 'lost', scheme, width);
      for (const {name, go} of gonePages) {
        if (!only.test(`error-${name}`)) continue;
        await go(page, origin).catch((error) => problems.push(`error ${name}, ${scheme} ${width}: ${error.message.split('\n')[0]}`));
        await picture(page, 'error', name, scheme, width);
      }
      await page.context().close();
    }
  }
  if (emptyPages.some(({name}) => only.test(`empty-${name}`))) {
    server = await Telltale.start({fresh: true, password: adminPassword});
    for (const [scheme, width] of looks) {
      tell(`empty, ${scheme} ${width}`);
      const page = await login(browser, server.origin, scheme, width);
      await visit(page, server.origin, 'empty', emptyPages, {}, scheme, width);
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await life?.stop();
  await server?.stop();
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const groups = [...new Set(shots.map(({state, name}) => `${state} ${name}`))];
writeFileSync(join(out, 'index.html'), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Telltale, the gallery</title>
<style>body{font:14px system-ui;margin:24px;background:#888;color:#000}figure{display:inline-block;margin:0 12px 12px 0;vertical-align:top}img{height:420px;object-fit:cover;object-position:top;background:#fff}</style>
<h1>Telltale, ${new Date().toISOString().slice(0, 16)}</h1>${problems.length ? `<h2>${problems.length} problems</h2><ul>${problems.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>` : ''}
${groups.map((group) => `<h2>${group}</h2>${shots.filter(({state, name}) => `${state} ${name}` === group).map(({file, scheme, width}) => `<figure><a href="${file}"><img src="${file}" loading="lazy" alt="${group}, ${scheme}, ${width} px"></a><figcaption>${scheme}, ${width} px</figcaption></figure>`).join('')}`).join('\n')}
`);
console.log(`${shots.length} pictures in build/gallery, ${problems.length} problems`);
for (const problem of problems) console.log(`  ${problem}`);
process.exitCode = problems.length ? 1 : 0;

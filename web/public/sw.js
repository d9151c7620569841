// Keeps the shell of the dashboard (its page and the files whose names carry their hash) for when the server is away or the
// connection is slow. What the server knows is never kept: nothing but these is answered here, everything else goes to the network.
const cacheName = 'telltale-shell-1';
const page = '/';
const mostFiles = 150;
const programs = /^\/(api|auth|ws|whep|whip|oauth|metrics|healthz|readyz|openapi\.json)(\/|$|-)/;

const keepable = (response) => response.ok && response.type === 'basic' && !response.redirected;

async function keep(key, response) {
  const cache = await caches.open(cacheName);
  await cache.put(key, response);
  const files = (await cache.keys()).filter(({url}) => new URL(url).pathname.startsWith('/assets/'));
  await Promise.all(files.slice(0, Math.max(0, files.length - mostFiles)).map((old) => cache.delete(old)));
}

// The page of a server that answers is the newest; only of one that does not, the one kept.
async function pageOf(request) {
  try {
    const response = await fetch(request);
    if (keepable(response) && response.headers.get('content-type')?.startsWith('text/html')) await keep(page, response.clone());
    return response;
  } catch (error) {
    const kept = await caches.match(page, {cacheName});
    if (kept) return kept;
    throw error;
  }
}

async function fileOf(request) {
  const kept = await caches.match(request, {cacheName});
  if (kept) return kept;
  const response = await fetch(request);
  if (keepable(response)) await keep(request, response.clone());
  return response;
}

addEventListener('install', (event) => event.waitUntil((async () => {
  const response = await fetch(page, {cache: 'no-cache'});
  if (!keepable(response)) throw new Error('the page cannot be kept');
  const text = await response.clone().text();
  await keep(page, response);
  const files = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  await Promise.all(files.map(async (path) => keep(path, await fetch(path))));
  await skipWaiting();
})()));

addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('telltale-shell-') && name !== cacheName) await caches.delete(name);
  await clients.claim();
})()));

addEventListener('fetch', (event) => {
  const {request} = event;
  const {origin, pathname} = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || (programs.test(pathname) && pathname !== '/oauth/callback')) return;
  if (request.mode === 'navigate') event.respondWith(pageOf(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(fileOf(request));
});

// An HTTP server on loopback at PORT (0 or none: a free one). It prints its address on stderr when it listens, and ends with
// SIGTERM or when its standard input ends, so that it never outlives the test that started it.
import {createServer} from 'node:http';

export function listen(path, handler) {
  const server = createServer((request, response) => {
    if (new URL(request.url, 'http://localhost').pathname.startsWith(path)) return handler(request, response);
    response.writeHead(404).end();
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => process.stderr.write(`listening on http://127.0.0.1:${server.address().port}${path}\n`));
  const stop = () => process.exit(0);
  process.once('SIGTERM', stop);
  if (process.argv.includes('--until-stdin-ends')) process.stdin.once('end', stop).resume();
}

export function readJson(request) {
  return new Promise((done, failed) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('error', failed);
    request.on('end', () => {
      try {
        done(parts.length ? JSON.parse(Buffer.concat(parts)) : undefined);
      } catch (error) {
        failed(error);
      }
    });
  });
}

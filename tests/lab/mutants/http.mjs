// Streamable HTTP of the mutants' server, in both eras. Lists and calls are answered as event streams, everything else as JSON.
import {randomUUID} from 'node:crypto';
import {createServer} from 'node:http';
import {bad, handle} from './protocol.mjs';
import {modern} from './mutation.mjs';
import {is} from './features.mjs';

const sessions = new Map();
let counter = 0;
let events = 0;

export function serveHttp() {
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts).toString()));
  });
  server.listen(0, '127.0.0.1', () => process.stderr.write(`listening on http://127.0.0.1:${server.address().port}/mcp\n`));
  process.stdin.on('end', () => process.exit(0)).resume();
}

function refuse(response, status, error) {
  response.writeHead(status, {'content-type': 'application/json'}).end(error && JSON.stringify(error));
}

function answer(request, response, body) {
  const {origin} = request.headers;
  if (origin && !/^https?:\/\/(localhost|127\.0\.0\.1)(:|$)/.test(origin) && !is('http.origin-checked')) return refuse(response, 403);
  return modern ? answerModern(request, response, body) : answerLegacy(request, response, body);
}

function parsed(response, body) {
  try {
    return JSON.parse(body);
  } catch {
    const status = is('http.garbage-refused') ? 500 : 400;
    refuse(response, status, bad(null, is('jsonrpc.parse-error-code') ? -32600 : -32700, 'Parse error'));
    return undefined;
  }
}

const jsonType = (request) => (request.headers['content-type'] ?? '').startsWith('application/json') || is('http.content-type-checked');

function answerLegacy(request, response, body) {
  const {headers, method} = request;
  const id = headers['mcp-session-id'];
  if (!['POST', 'GET', 'DELETE'].includes(method) && !is('http.method-checked')) return refuse(response, 405);
  if (method === 'GET') {
    if (is('http.get-stream')) return response.writeHead(200, {'content-type': 'text/html'}).end('<p>hello');
    response.writeHead(200, {'content-type': 'text/event-stream'}).flushHeaders();
    if (sessions.get(id)) sessions.get(id).stream = response;
    return undefined;
  }
  if (method === 'DELETE') {
    if (is('http.delete-answers')) return refuse(response, 500);
    if (!is('http.session-ended')) sessions.delete(id);
    return refuse(response, 200);
  }
  if (!jsonType(request)) return refuse(response, 415);
  if (!/json|event-stream|\*\/\*/.test(headers.accept ?? '') && !is('http.accept-checked')) return refuse(response, 406);
  const message = parsed(response, body);
  if (message === undefined) return undefined;
  const version = headers['mcp-protocol-version'];
  if (version === '1999-01-01' && !is('http.version-refused')) return refuse(response, 400, bad(null, -32600, 'unsupported version'));
  if (!version && message.method !== 'initialize' && is('http.version-absent')) return refuse(response, 400);
  let session = sessions.get(id);
  if (message.method === 'initialize') {
    const name = is('http.session-id-ascii') ? `session \u00e9 ${randomUUID()}` : is('http.session-id-random') ? String(++counter) : randomUUID();
    session = {};
    sessions.set(name, session);
    // Header values are latin1 to Node, and come back so.
    response.setHeader('mcp-session-id', name);
  } else if (!id) {
    if (!is('http.session-required')) return refuse(response, 400, bad(message.id ?? null, -32000, 'session id is missing'));
    session = {};
  } else if (!session) {
    if (!is('http.session-unknown')) return refuse(response, 404, bad(message.id ?? null, -32001, 'no such session'));
    session = {};
  }
  return carry(response, message, session);
}

function answerModern(request, response, body) {
  const {headers, method} = request;
  if (method !== 'POST') return refuse(response, 405);
  if (!jsonType(request)) return refuse(response, 415);
  const message = parsed(response, body);
  if (message === undefined) return undefined;
  const given = message?.params?._meta?.['io.modelcontextprotocol/protocolVersion'];
  const mismatch = (why) => refuse(response, 400, bad(message.id ?? null, -32020, why));
  if (message?.id !== undefined && typeof message.method === 'string') {
    if (headers['mcp-protocol-version'] !== given && given && !is('http.version-mismatch')) return mismatch('versions differ');
    if (!headers['mcp-method'] && !is('http.method-missing')) return mismatch('Mcp-Method is missing');
    if (headers['mcp-method'] && headers['mcp-method'] !== message.method && !is('http.method-mismatch')) return mismatch('methods differ');
    const name = message.params?.name ?? message.params?.uri;
    if (headers['mcp-name'] && name && headers['mcp-name'] !== name && !is('http.name-mismatch')) return mismatch('names differ');
  }
  if (is('http.no-session-ids')) response.setHeader('mcp-session-id', randomUUID());
  return carry(response, message, {});
}

function carry(response, message, session) {
  const queued = [];
  session.send = (out) => queued.push(out);
  session.notify = (method, params) => queued.push({jsonrpc: '2.0', method, ...(params && {params})});
  const out = handle(message, session);
  if (out === undefined && queued.length === 0) {
    if (message?.id !== undefined && message?.method) return refuse(response, 500);
    if (is('http.notification-accepted')) return response.writeHead(204).end();
    return response.writeHead(202).end(is('http.notification-no-body') ? '{"ok":true}' : undefined);
  }
  if (out?.error && (out.error.code === -32700 || out.error.code === -32600)) return refuse(response, 400, out);
  if (modern && out?.error?.code === -32601) return refuse(response, is('http.unknown-method-404') ? 200 : 404, out);
  if (modern && out?.error?.code === -32022) return refuse(response, is('http.unsupported-version-400') ? 200 : 400, out);
  if (is('http.get-no-answers') && message.method === 'prompts/list' && session.stream) {
    session.stream.write(`data: ${JSON.stringify(out)}\n\n`);
    return response.writeHead(200, {'content-type': 'text/event-stream'}).end();
  }
  if (is('http.answer-in-body') && message.method === 'prompts/list') return response.writeHead(200, {'content-type': 'application/json'}).end('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"later"}}');
  if (is('http.messages-json') && message.method === 'prompts/list') return response.writeHead(200, {'content-type': 'application/json'}).end('not json');
  if (!message.method?.startsWith('tools/') && queued.length === 0) return response.writeHead(200, {'content-type': is('http.content-type') ? 'text/plain' : 'application/json'}).end(JSON.stringify(out));
  response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-cache'});
  const event = (one) => response.write(`id: ${is('http.event-ids') ? 1 : ++events}\ndata: ${JSON.stringify(one)}\n\n`);
  queued.forEach(event);
  if (out) event(out);
  if (!is('http.stream-ends')) response.end();
  return undefined;
}

// The transport of 2024-11-05, HTTP+SSE, on PORT (0: a free one): GET /sse opens the stream, POST /sse/messages sends.
import {SSEServerTransport} from '@modelcontextprotocol/sdk/server/sse.js';
import {legacyServer} from './legacy.mjs';
import {listen} from './listen.mjs';

const sessions = new Map();

listen('/sse', async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && url.pathname === '/sse') {
    const transport = new SSEServerTransport('/sse/messages', response);
    sessions.set(transport.sessionId, transport);
    response.once('close', () => sessions.delete(transport.sessionId));
    return legacyServer().connect(transport);
  }
  const transport = request.method === 'POST' && sessions.get(url.searchParams.get('sessionId'));
  if (!transport) return response.writeHead(request.method === 'POST' ? 404 : 405).end();
  return transport.handlePostMessage(request, response);
});

// Streamable HTTP of 2025 with sessions, on PORT (0: a free one). `DELETE /mcp` ends a session; the tool call
// `forget_sessions` makes the server forget them all (404 from then on, as after a restart); --json answers without SSE.
import {randomUUID} from 'node:crypto';
import {StreamableHTTPServerTransport} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {isInitializeRequest} from '@modelcontextprotocol/sdk/types.js';
import {legacyServer} from './legacy.mjs';
import {listen, readJson} from './listen.mjs';

const sessions = new Map();

async function open() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: process.argv.includes('--json'),
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  transport.onclose = () => sessions.delete(transport.sessionId);
  const server = legacyServer();
  server.registerTool('forget_sessions', {description: 'Every session is unknown from now on', inputSchema: {}}, async () => {
    sessions.clear();
    return {content: [{type: 'text', text: 'forgotten'}]};
  });
  await server.connect(transport);
  return transport;
}

const refuse = (response, status, message) =>
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify({jsonrpc: '2.0', id: null, error: {code: -32000, message}}));

listen('/mcp', async (request, response) => {
  try {
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    const id = request.headers['mcp-session-id'];
    if (id && !sessions.has(id)) return refuse(response, 404, 'Session not found');
    if (!id && !isInitializeRequest(body)) return refuse(response, 400, 'Mcp-Session-Id is required');
    const transport = id ? sessions.get(id) : await open();
    await transport.handleRequest(request, response, body);
  } catch (error) {
    refuse(response, 400, error.message);
  }
});

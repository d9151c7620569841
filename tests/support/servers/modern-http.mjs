// Protocol 2026-07-28 over HTTP on PORT (0: a free one); with --both it serves clients of 2025 too, without sessions.
import {localhostHostValidation, localhostOriginValidation, toNodeHandler} from '@modelcontextprotocol/node';
import {createMcpHandler} from '@modelcontextprotocol/server';
import {listen} from './listen.mjs';
import {modernServer} from './modern.mjs';

const mcp = createMcpHandler(() => modernServer(() => mcp.notify.toolsChanged()), {
  legacy: process.argv.includes('--both') ? 'stateless' : 'reject',
  onerror: (error) => process.stderr.write(`modern-http: ${error.message}\n`),
});
const serve = toNodeHandler(mcp);
const fromHere = [localhostHostValidation(), localhostOriginValidation()];

listen('/mcp', (request, response) => {
  if (fromHere.every((guard) => guard(request, response))) serve(request, response);
});

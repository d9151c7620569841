// A protected MCP server and its authorization server (npm's oidc-provider: PKCE, dynamic registration, resource
// indicators, refresh tokens that rotate), each on a port of its own. SCOPE and DPOP=1 say what it wants; TOKEN_SECONDS how
// long an access token lives. Prints one line of JSON: {mcp, issuer}.
import {createServer} from 'node:http';
import {StreamableHTTPServerTransport} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {createRemoteJWKSet, jwtVerify} from 'jose';
import Provider from 'oidc-provider';
import {legacyServer} from './legacy.mjs';
import {readJson} from './listen.mjs';

const scope = process.env.SCOPE ?? 'mcp:tools';
const open = () => new Promise((done) => {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => done([server, `http://127.0.0.1:${server.address().port}`]));
});
const [guard, issuer] = await open();
const [mcp, origin] = await open();
const resource = `${origin}/mcp`;

const provider = new Provider(issuer, {
  scopes: ['openid', 'offline_access'],
  features: {
    registration: {enabled: true},
    dPoP: {enabled: true},
    devInteractions: {enabled: true},
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, asked) => {
        if (asked !== resource) throw new Error(`no such resource: ${asked}`);
        return {scope, audience: resource, accessTokenTTL: Number(process.env.TOKEN_SECONDS ?? 3600), accessTokenFormat: 'jwt'};
      },
    },
  },
  pkce: {required: () => true},
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  findAccount: (_, id) => ({accountId: id, claims: () => ({sub: id})}),
});
guard.on('request', provider.callback());

const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
const refuse = (response, status, error) => response
  .writeHead(status, {'www-authenticate': `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", scope="${scope}"${error ? `, error="${error}"` : ''}`, 'content-type': 'application/json'})
  .end(JSON.stringify({error: error ?? 'unauthorized'}));

mcp.on('request', async (request, response) => {
  const {pathname} = new URL(request.url, origin);
  if (pathname === '/.well-known/oauth-protected-resource/mcp')
    return response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify({resource, authorization_servers: [issuer], scopes_supported: scope.split(' ')}));
  const [kind, token] = (request.headers.authorization ?? '').split(' ');
  if (!token) return refuse(response, 401);
  try {
    const {payload} = await jwtVerify(token, keys, {issuer, audience: resource});
    if (Boolean(payload.cnf?.jkt) !== (kind === 'DPoP')) return refuse(response, 401, 'invalid_token');
    if (!scope.split(' ').every((one) => (payload.scope ?? '').split(' ').includes(one))) return refuse(response, 403, 'insufficient_scope');
  } catch {
    return refuse(response, 401, 'invalid_token');
  }
  if (request.method !== 'POST') return response.writeHead(405).end();
  const transport = new StreamableHTTPServerTransport({sessionIdGenerator: undefined, enableJsonResponse: true});
  response.on('close', () => transport.close());
  await legacyServer().connect(transport);
  await transport.handleRequest(request, response, await readJson(request));
});

process.stdout.write(`${JSON.stringify({mcp: resource, issuer})}\n`);
process.once('SIGTERM', () => process.exit(0));
process.stdin.once('end', () => process.exit(0)).resume();

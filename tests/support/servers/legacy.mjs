// The features of the legacy test servers (SDK 1, protocols 2024-11-05 to 2025-11-25), the same over every transport.
import {setTimeout as sleep} from 'node:timers/promises';
import {McpServer, ResourceTemplate} from '@modelcontextprotocol/sdk/server/mcp.js';
import {z} from 'zod';

const text = (value) => ({content: [{type: 'text', text: value}]});

export function legacyServer() {
  const server = new McpServer({name: 'legacy-test-server', version: '1.0.0'}, {capabilities: {logging: {}}, instructions: 'A server for tests.'});

  server.registerTool('echo', {description: 'Says it again', inputSchema: {text: z.string()}}, async ({text: said}) => text(said));
  server.registerTool('add', {description: 'Adds two numbers', inputSchema: {a: z.number(), b: z.number()}, outputSchema: {sum: z.number()}}, async ({a, b}) => ({
    ...text(String(a + b)),
    structuredContent: {sum: a + b},
  }));

  const steps = {steps: z.number().int().min(1).max(1000).default(3), pause_ms: z.number().int().min(0).default(10)};
  server.registerTool('progress', {description: 'Reports its progress; can be cancelled', inputSchema: steps}, async ({steps: total, pause_ms}, request) => {
    const progressToken = request._meta?.progressToken;
    for (let progress = 1; progress <= total; ++progress) {
      await sleep(pause_ms, undefined, {signal: request.signal});
      if (progressToken !== undefined)
        await request.sendNotification({method: 'notifications/progress', params: {progressToken, progress, total, message: `step ${progress}`}});
    }
    return text(`${total} steps`);
  });

  const requestedSchema = {type: 'object', properties: {name: {type: 'string'}}, required: ['name']};
  server.registerTool('ask', {description: 'Asks the client for a name (elicitation/create)', inputSchema: {}}, async () => {
    const answer = await server.server.elicitInput({mode: 'form', message: 'Who are you?', requestedSchema});
    return answer.action === 'accept' ? text(`hello ${answer.content.name}`) : {...text('no name was given'), isError: true};
  });

  server.registerTool('fail', {description: 'Fails as tools do: isError', inputSchema: {}}, async () => ({...text('failed as asked'), isError: true}));
  server.registerTool('add_tool', {description: 'Adds a tool with this name; tools/list_changed follows', inputSchema: {name: z.string().min(1)}}, async ({name}) => {
    server.registerTool(name, {description: 'Added while running', inputSchema: {}}, async () => text(name));
    return text(`added ${name}`);
  });

  server.registerResource('greeting', 'test://greeting', {mimeType: 'text/plain', description: 'A greeting'}, async (uri) => ({
    contents: [{uri: uri.href, mimeType: 'text/plain', text: 'hello'}],
  }));
  server.registerResource('item', new ResourceTemplate('test://item/{id}', {list: undefined}), {mimeType: 'text/plain'}, async (uri, {id}) => ({
    contents: [{uri: uri.href, mimeType: 'text/plain', text: `item ${id}`}],
  }));
  server.registerPrompt('greet', {description: 'Greets somebody', argsSchema: {name: z.string()}}, async ({name}) => ({
    messages: [{role: 'user', content: {type: 'text', text: `Please greet ${name}.`}}],
  }));
  return server;
}

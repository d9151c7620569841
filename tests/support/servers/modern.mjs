// The features of the modern test servers (SDK 2, protocol 2026-07-28), the same over stdio and HTTP.
import {setTimeout as sleep} from 'node:timers/promises';
import {acceptedContent, inputRequired, McpServer, ResourceTemplate} from '@modelcontextprotocol/server';
import {z} from 'zod';

const text = (value) => ({content: [{type: 'text', text: value}]});
const extraTools = new Set(); // of the process: a modern server has no sessions, so every instance shows the same list

// `onToolsChanged` publishes tools/list_changed where instances live for one request only (HTTP).
export function modernServer(onToolsChanged) {
  const server = new McpServer(
    {name: 'modern-test-server', version: '1.0.0', title: 'Modern test server'},
    {capabilities: {tools: {listChanged: true}, resources: {listChanged: true}, prompts: {}, logging: {}}, instructions: 'A server for tests.'},
  );

  server.registerTool('echo', {description: 'Says it again', inputSchema: z.object({text: z.string()})}, async ({text: said}) => text(said));

  const sum = z.object({sum: z.number()});
  server.registerTool('add', {description: 'Adds two numbers', inputSchema: z.object({a: z.number(), b: z.number()}), outputSchema: sum}, async ({a, b}) => ({
    ...text(String(a + b)),
    structuredContent: {sum: a + b},
  }));

  const steps = z.object({steps: z.number().int().min(1).max(1000).default(3), pause_ms: z.number().int().min(0).default(10)});
  server.registerTool('progress', {description: 'Reports its progress; can be cancelled', inputSchema: steps}, async ({steps: total, pause_ms}, {mcpReq}) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (let progress = 1; progress <= total; ++progress) {
      await sleep(pause_ms, undefined, {signal: mcpReq.signal});
      if (progressToken !== undefined)
        await mcpReq.notify({method: 'notifications/progress', params: {progressToken, progress, total, message: `step ${progress}`}});
    }
    return text(`${total} steps`);
  });

  const who = z.object({name: z.string()});
  server.registerTool('ask', {description: 'Asks the client for a name (a second round trip)', inputSchema: z.object({})}, async (_, {mcpReq}) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'who', who);
    if (answer) return text(`hello ${answer.name}`);
    if (mcpReq.inputResponses?.who) return {...text('no name was given'), isError: true};
    return inputRequired({inputRequests: {who: inputRequired.elicit({message: 'Who are you?', requestedSchema: who})}, requestState: 'asked-once'});
  });

  server.registerTool('fail', {description: 'Fails as tools do: isError', inputSchema: z.object({})}, async () => ({...text('failed as asked'), isError: true}));

  const addExtra = (name) => server.registerTool(name, {description: 'Added while running', inputSchema: z.object({})}, async () => text(name));
  server.registerTool('add_tool', {description: 'Adds a tool with this name; tools/list_changed follows', inputSchema: z.object({name: z.string().min(1)})}, async ({name}) => {
    if (extraTools.has(name)) return {...text(`${name} is there already`), isError: true};
    extraTools.add(name);
    addExtra(name);
    onToolsChanged?.();
    return text(`added ${name}`);
  });
  for (const name of extraTools) addExtra(name);

  server.registerResource('greeting', 'test://greeting', {mimeType: 'text/plain', description: 'A greeting'}, async (uri) => ({
    contents: [{uri: uri.href, mimeType: 'text/plain', text: 'hello'}],
  }));
  server.registerResource('item', new ResourceTemplate('test://item/{id}', {list: undefined}), {mimeType: 'text/plain'}, async (uri, {id}) => ({
    contents: [{uri: uri.href, mimeType: 'text/plain', text: `item ${id}`}],
  }));
  server.registerPrompt('greet', {description: 'Greets somebody', argsSchema: z.object({name: z.string()})}, async ({name}) => ({
    messages: [{role: 'user', content: {type: 'text', text: `Please greet ${name}.`}}],
  }));
  return server;
}

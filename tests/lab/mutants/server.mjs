// A correct small MCP server, and one with a fault: server.mjs [--mutation RULE] [--modern] [--http] [--late]. Without --modern it speaks 2024-11-05
// to 2025-11-25, with it 2026-07-28. Over HTTP it prints its address on stderr and ends when its stdin does. No dependencies.
import {bad, handle} from './protocol.mjs';
import {http, mutation, startsAfterMs} from './mutation.mjs';
import {mutations} from './mutations.mjs';
import {serveHttp} from './http.mjs';
import {is} from './features.mjs';

if (mutation && !mutations.some(([name]) => name === mutation)) {
  process.stderr.write(`no mutation ${mutation}\n`);
  process.exit(2);
}
if (http) serveHttp();
else setTimeout(serveStdio, startsAfterMs);

function serveStdio() {
  const raw = (line) => process.stdout.write(`${line}\n`);
  const send = (message) => {
    if (is('stdio.no-byte-order-mark')) return raw(`\ufeff${JSON.stringify(message)}`);
    if (is('jsonrpc.utf8')) return process.stdout.write(Buffer.concat([Buffer.from(JSON.stringify(message).slice(0, -1) + ',"x":"'), Buffer.from([0xff, 0x22, 0x7d, 0x0a])]));
    raw(is('stdio.one-line') && message.result?.tools ? JSON.stringify(message, null, 1) : JSON.stringify(message));
  };
  const session = {send, notify: (method, params) => send({jsonrpc: '2.0', method, ...(params && {params})})};
  if (is('stdio.only-messages')) raw('INFO server started');
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.trim()) take(line);
  });
  process.stdin.on('end', () => {
    if (is('stdio.ends-with-stdin')) return setInterval(() => {}, 1000);
    process.exit(is('stdio.ends-without-error') ? 1 : 0);
  });
  function take(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      if (is('jsonrpc.survives-garbage')) process.exit(8);
      if (!is('jsonrpc.parse-error')) send(bad(null, is('jsonrpc.parse-error-code') ? -32600 : -32700, 'Parse error'));
      return;
    }
    const answer = handle(message, session);
    if (answer) send(answer);
  }
}

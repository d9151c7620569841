// Every word a person sees is a message: typed, and there in every language.
import {expect, test} from 'vitest';
import {literals} from './literals';

const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.{ts,tsx}', '!./**'], {query: '?raw', import: 'default', eager: true});

// Names, units and what machines read: the same in every language.
const allowed = new Set([
  'Telltale', '… … · Telltale', 'ok', 'curl', 'ICE', 'DTLS', 'DTLS 1.2', 'CPU', 'm=video 9 UDP/TLS/RTP/SAVPF 0', '--webrtc-config-path', '--disable-webrtc-monitor', 'telltale content add film.mp4', 'JSON', 'CSV', 'PNG', 'AB', 'NDJSON', 'URL', 'WebSocket', 'openapi.json', 'HTML', 'PDF', 'Slack', 'Webhook', 'WebRTC', 'audit-row outcome- …', 'log-row mono level- …', '… px', '… min', '… µs', 'translate( … px, … px)',
  'Ctrl+k', 'Escape', 'Arrows', 'Home', 'End',
  'telltale restore', 'master.key', 'audit.key', 'test runs', 'webrtc history', 'the rest', '/NAME', 'Bearer …', '… ms', './dev run', 'telltale serve --mcp-config mcp.json', 'Streamable HTTP', 'npx -y @modelcontextprotocol/server-everything', 'https://search.example/mcp', 'Edge', 'Opera', 'Chrome',
]);

const isFont = (text: string) => text.endsWith('px "Geist Variable", system-ui, sans-serif');
const isSuite = (text: string) => /^name: \S+.* servers: .* cases: /.test(text); // a file that begins a suite
const isQuery = (text: string) => /\) by \([\w, ]*\)$/.test(text); // for the metrics API

const found = Object.entries(sources).flatMap(([path, source]) => literals(path, source).filter(({text}) => !allowed.has(text) && !text.startsWith('<svg ') && !text.startsWith('curl ') && !isFont(text) && !isSuite(text) && !isQuery(text)).map(({line, text}) => `${path}:${line}: ${text}`));

test('what is seen comes from the messages', () => {
  expect(found).toEqual([]);
});
test('the finder sees text, names for assistive technology and sentences, and lets code be', () => {
  const texts = literals('a.tsx', `
    const path = '/api/servers', wait = 'tool_calls';
    const shape = {tone: 'Down here', text: 'Nothing was found'};
    export const A = () => <p className="two words" aria-label="close" title={busy ? 'wait' : undefined}>Text {n} more<b>{open ? 'open' : t.closed}</b></p>;
    toast('ok', \`\${name} was added\`);
    if (kind === 'Not seen at all') throw new Error('It was refused');`).map(({text}) => text);
  expect(texts).toEqual(['Nothing was found', 'close', 'wait', 'Text', 'more', 'open', '… was added', 'It was refused']);
});

import {expect, test} from 'vitest';
import {canTake, type FoundFile, type FoundServer, inOrder, usual} from './found';

const server = (name: string, rest: Partial<FoundServer> = {}): FoundServer => ({name, own_name: name, transport: 'stdio', target: 'x', variables: [], headers: [], disabled: false, known: false, error: null, ...rest});
const file = (source: string, servers: FoundServer[]): FoundFile => ({source, program: 'Cursor', path: '/home/a/.cursor/mcp.json', error: null, servers});

test('what can be taken is what is not here and has no fault; what is switched off is left to choose', () => {
  const one = file('a', [server('a'), server('here', {known: true}), server('wrong', {error: 'needs a command'}), server('off', {disabled: true})]);
  expect(one.servers.map(canTake)).toEqual([true, false, false, true]);
  expect(usual(one)).toEqual(['a']);
});
test('files with something to take come first', () => {
  const files = [file('wrong', [server('w', {error: 'x'})]), file('empty', []), file('good', [server('g')]), file('too', [server('t')])];
  expect(inOrder(files).map(({source}) => source)).toEqual(['good', 'too', 'wrong', 'empty']);
});

import {expect, test} from 'vitest';
import {parseFile} from './ServerForm';

test('a file of an editor is taken with its comments and its comma too many', () => {
  const text = `{
    // what my editor starts
    "servers": {
      "files": {"command": "node", "args": ["http://a//b", "/* no comment */", "a,]"],}, /* one
      more */
    },
  }`;
  expect(parseFile(text)).toEqual([['files', {command: 'node', args: ['http://a//b', '/* no comment */', 'a,]']}]]);
});
test('what is no fleet file is said to be none', () => {
  expect(() => parseFile('{"a":1}')).toThrow('mcpServers');
  expect(() => parseFile('{')).toThrow('not JSON');
  expect(() => parseFile('{"mcpServers": {}}')).toThrow('mcpServers');
});

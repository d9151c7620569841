import {expect, test} from 'vitest';
import {fieldsOf, marked, plainText, spansOf} from './text';

test('ANSI colours become classes and other sequences go', () => {
  expect(spansOf('a \u001b[1;31mred\u001b[0m b')).toEqual([{text: 'a ', className: ''}, {text: 'red', className: 'ansi-red ansi-bold'}, {text: ' b', className: ''}]);
  expect(plainText('\u001b[2J\u001b[H\u001b]0;title\u0007x\u001b]8;;http://e\u001b\\link\u001b]8;;\u001b\\')).toBe('xlink');
  expect(spansOf('\u001b[38;5;196mx\u001b[38;2;1;2;3my')).toEqual([{text: 'x', className: ''}, {text: 'y', className: ''}]);
});
test('what would hide or turn text around is shown for what it is', () => {
  expect(plainText('a\u0000b\u007f')).toBe('a␀b␡');
  expect(plainText('evil\u202egnp.exe')).toBe('evil⟨U+202E⟩gnp.exe');
  expect(plainText('\u001b')).toBe('␛');
});
test('a JSON line has its fields', () => {
  expect(fieldsOf('{"level":30,"msg":"ready","port":80,"tags":["a"]}')).toMatchObject({message: 'ready', rest: [['port', '80'], ['tags', '["a"]']]});
  for (const none of ['ready', '{broken', '[1]', '']) expect(fieldsOf(none)).toBeNull();
});
test('what was searched is marked', () => {
  expect(marked('Error: an error', 'ERROR', false).filter(({hit}) => hit).map(({text}) => text)).toEqual(['Error', 'error']);
  expect(marked('a.b', '.', false)).toEqual([{text: 'a', hit: false}, {text: '.', hit: true}, {text: 'b', hit: false}]);
  expect(marked('x1y22', '\\d+', true).map(({text}) => text).join('|')).toBe('x|1|y|22');
  expect(marked('x', '(', true)).toEqual([{text: 'x', hit: false}]);
  expect(marked('x', 'y*', true).map(({text}) => text).join('')).toBe('x');
});

import {expect, test} from 'vitest';
import {KeyReader, keymap} from './keys';
import {defaults, readPrefs} from './prefs';
import {sizeAfterKey} from './Separator';

test('two keys in a row are one shortcut, if soon enough', () => {
  const reader = new KeyReader();
  expect(reader.read('g', 0)).toBe('');
  expect(reader.read('f', 500)).toBe('g f');
  expect(reader.read('f', 600)).toBe('f');
  reader.read('g', 1000);
  expect(reader.read('f', 9000)).toBe('f');
});
test('no shortcut stands twice in the map', () => {
  const all = keymap([]).flatMap(({shortcuts}) => shortcuts.map(({keys}) => keys));
  expect(new Set(all).size).toBe(all.length);
});
test('stored preferences of another shape do no harm', () => {
  expect(readPrefs(null)).toEqual(defaults);
  expect(readPrefs('{oops')).toEqual(defaults);
  expect(readPrefs('[1]')).toEqual(defaults);
  expect(readPrefs('{"drawerWidth":"wide","density":"compact","debugBox":{"x":null},"other":1}')).toEqual({...defaults, density: 'compact'});
  expect(readPrefs('{"debugBox":{"x":5}}').debugBox).toEqual({...defaults.debugBox, x: 5});
});
test('a separator moves by keys within its limits', () => {
  expect(sizeAfterKey('ArrowLeft', false, 'left', 500, 420, 720)).toBe(516);
  expect(sizeAfterKey('ArrowRight', true, 'left', 450, 420, 720)).toBe(420);
  expect(sizeAfterKey('ArrowUp', false, 'up', 300, 200, 600)).toBe(316);
  expect(sizeAfterKey('ArrowUp', false, 'left', 300, 200, 600)).toBeNull();
  expect(sizeAfterKey('End', false, 'left', 500, 420, 720)).toBe(720);
  expect(sizeAfterKey('Home', false, 'up', 500, 420, 720)).toBe(420);
  expect(sizeAfterKey('End', false, 'left', 500, 420, 300)).toBe(420);
});

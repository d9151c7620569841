import {expect, test} from 'vitest';
import {pictureOf, titleOf} from './tab';

test('the title counts what is down and says where one is', () => {
  expect(titleOf(0, ['Overview'])).toBe('Overview · Telltale');
  expect(titleOf(2, ['Servers', 'memory'])).toBe('(2) memory · Servers · Telltale');
});
test('the picture of the tab differs by shape as well as by colour', () => {
  const shapes = (['ok', 'warn', 'down', 'idle'] as const).map((one) => /d="([^"]+)"/.exec(decodeURIComponent(pictureOf(one)))?.[1]);
  expect(new Set(shapes).size).toBe(4);
});

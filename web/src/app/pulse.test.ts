import {expect, test} from 'vitest';
import {LiveStore} from '../live/store';
import {pulseOf} from './pulsePast';

test('the past of the pulse is the worst of what was recorded, and nothing where nothing was', () => {
  expect(pulseOf([[90_000, 1], [95_000, 0]], [[90_000, 2], [95_000, 0]], 100_000, 12)).toEqual([-1, -1, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
  expect(pulseOf([], [], 0, 3)).toEqual([-1, -1, -1]);
});
test('what was seen here counts more than what was read', () => {
  const store = new LiveStore((run) => run());
  store.connection = 'live';
  store.tick();
  store.tick();
  store.setPast([4, 4, 4]);
  expect(store.pulse).toEqual([4, 0, 0]);
});

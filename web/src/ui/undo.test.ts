import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {getToasts} from './toast';
import {undoable, undoMs} from './undo';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const change = (commit: () => Promise<unknown>) => {
  const told: string[] = [];
  undoable({text: 'gone', apply: () => told.push('apply'), revert: () => told.push('revert'), commit: () => { told.push('commit'); return commit(); }});
  return told;
};

test('it is done when nobody changes his mind', async () => {
  const told = change(() => Promise.resolve());
  expect(told).toEqual(['apply']);
  await vi.advanceTimersByTimeAsync(undoMs);
  expect(told).toEqual(['apply', 'commit']);
});
test('undone, the server never hears of it', async () => {
  const told = change(() => Promise.resolve());
  getToasts().at(-1)?.action?.run();
  await vi.advanceTimersByTimeAsync(2 * undoMs);
  expect(told).toEqual(['apply', 'revert']);
});
test('what the server refuses comes back with its reason', async () => {
  const told = change(() => Promise.reject(new Error('it is in use')));
  await vi.advanceTimersByTimeAsync(undoMs);
  expect(told).toEqual(['apply', 'commit', 'revert']);
  expect(getToasts().at(-1)?.text).toContain('it is in use');
});

import {expect, test} from 'vitest';
import {type Outcomes, runBulk, summary} from './bulk';
import {extend, nothing, selectAll, toggle, visible} from './selection';

test('every server gets its own outcome, and no more than four run at once', async () => {
  let running = 0;
  let most = 0;
  const seen: Outcomes[] = [];
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const end = await runBulk(names, async (name) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    if (name === 'c') throw new Error('no such program');
    return {state: 'ok', text: 'done'};
  }, (outcomes) => seen.push(outcomes));
  expect(most).toBe(4);
  expect([...end.keys()]).toEqual(names);
  expect(end.get('c')).toEqual({state: 'failed', text: 'no such program'});
  expect(summary(end)).toBe('5 of 6 confirmed, 1 failed');
  expect(seen[0].get('f')?.state).toBe('waiting');
  expect(seen.some((one) => one.get('f')?.state === 'requested' && one.get('f') !== end.get('f'))).toBe(true);
});
test('while it goes on the summary says so', () => {
  expect(summary(new Map([['a', {state: 'ok', text: ''}], ['b', {state: 'requested', text: ''}]]))).toBe('1 of 2 confirmed, 1 to go');
});

const order = ['a', 'b', 'c', 'd'];
test('a range goes from the last one touched, either way', () => {
  expect([...extend(toggle(nothing, 'b'), 'd', order).chosen]).toEqual(['b', 'c', 'd']);
  expect([...extend(toggle(nothing, 'c'), 'a', order).chosen].sort()).toEqual(['a', 'b', 'c']);
  expect([...extend(nothing, 'c', order).chosen]).toEqual(['c']);
  expect(extend(toggle(nothing, 'a'), 'gone', order).chosen.size).toBe(1);
});
test('toggling twice is nothing, and what is not shown is not acted upon', () => {
  expect(toggle(toggle(nothing, 'a'), 'a').chosen.size).toBe(0);
  expect(visible(selectAll(order), ['d', 'b'])).toEqual(['d', 'b']);
});

import {expect, test} from 'vitest';
import {globMatches, refusal} from './permissions';
import type {User} from './types';

const user = (more: Partial<User>): User => ({id: 'u', username: 'ada', email: '', role: 'r', permissions: [], must_change_password: false, ...more});

test('globs are whole names', () => {
  expect(globMatches('*', 'anything')).toBe(true);
  expect(globMatches('db-*', 'db-main')).toBe(true);
  expect(globMatches('db-*', 'a-db-main')).toBe(false);
  expect(globMatches('a.c', 'abc')).toBe(false);
  expect(globMatches('a?c', 'abc')).toBe(true);
});
test('a built-in role goes by its permissions', () => {
  expect(refusal(user({permissions: ['fleet:read']}), 'fleet:read', {server: 'x'})).toBe('');
  expect(refusal(user({permissions: ['fleet:read']}), 'fleet:operate')).toContain('lacks fleet:operate');
  expect(refusal(null, 'fleet:read')).not.toBe('');
});
test('a custom role goes by server and tool', () => {
  const ada = user({permissions: ['tools:call', 'fleet:operate'], grants: [{permissions: ['tools:call'], servers: ['db-*'], tools: ['read_*']}, {permissions: ['fleet:operate'], servers: ['web'], tools: ['*']}]});
  expect(refusal(ada, 'tools:call', {server: 'db-1', tool: 'read_row'})).toBe('');
  expect(refusal(ada, 'tools:call', {server: 'db-1', tool: 'drop'})).toContain('the tool drop');
  expect(refusal(ada, 'tools:call', {server: 'web', tool: 'read_row'})).toContain('the server web');
  expect(refusal(ada, 'fleet:operate', {server: 'web'})).toBe('');
  expect(refusal(ada, 'fleet:operate', {server: 'db-1'})).not.toBe('');
  expect(refusal(ada, 'fleet:operate')).toBe('');
});

import {expect, test, vi} from 'vitest';

vi.mock('../api/client', () => ({request: vi.fn(), readRights: vi.fn(), whyNot: () => '', ApiError: class extends Error { constructor(readonly status: number, readonly problem: {detail?: string}) { super(problem.detail); } }}));
import {ApiError} from '../api/client';
import {environment} from '../fleet/ServerForm';
import {faultsOf} from '../ui/fields';
import {agentText, expiryText, globList, grantText, makePassword, matching, splitCommand} from './access';

test('globs', () => {
  expect(globList(' db-*,web  web,')).toEqual(['db-*', 'web']);
  expect(globList('')).toEqual([]);
  expect(matching(['db-*'], ['db-1', 'web'])).toEqual(['db-1']);
  expect(matching([], ['db-1'])).toEqual([]);
});
test('a grant in words', () => {
  expect(grantText({permissions: ['fleet:read'], servers: ['*'], tools: ['*']})).toBe('fleet:read on every server');
  expect(grantText({permissions: ['tools:call'], servers: ['db-*'], tools: ['read_*']})).toBe('tools:call on servers db-*, tools read_*');
});
test('expiry', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  expect(expiryText(null, now).text).toBe('never');
  expect(expiryText('2026-11-20T09:00:00Z', now)).toEqual({text: 'expired', tone: 'tone-down'});
  expect(expiryText('2026-11-20T20:00:00Z', now).text).toBe('within a day');
  expect(expiryText('2027-02-18T10:00:00Z', now)).toEqual({text: 'in 90 d', tone: ''});
});
test('made-up passwords are long, and no letter is likelier than another', () => {
  expect(makePassword()).toMatch(/^[a-zA-Z2-9]{20}$/);
  expect(makePassword()).not.toBe(makePassword());
  let next = 0;
  const counts = new Map<string, number>();
  const everyByteOnce = (bytes: Uint8Array) => bytes.fill(next++ % 256);
  for (let i = 0; i < 224; i++) for (const letter of makePassword(everyByteOnce)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(56);
  expect(new Set(counts.values())).toEqual(new Set([80]));
});
test('browsers by name', () => {
  expect(agentText('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36')).toBe('Chrome 142 on Linux');
  expect(agentText('curl/8.5')).toBe('curl/8.5');
  expect(agentText('')).toBe('unknown program');
});
test('a command line is split as a shell does', () => {
  expect(splitCommand('npx -y @scope/server "/a dir" \'x"y\' a\\ b ""')).toEqual(['npx', '-y', '@scope/server', '/a dir', 'x"y', 'a b', '']);
  expect(splitCommand('  ')).toEqual([]);
  expect(() => splitCommand('a "b')).toThrow('not closed');
});
test('an environment has a variable a line', () => {
  expect(environment('A=1\n\n B=x=y ')).toEqual({A: '1', B: 'x=y'});
  expect(() => environment('oops')).toThrow('NAME=value');
});
test('what the server says stands at the field it is about', () => {
  const faults = faultsOf(new ApiError(422, {detail: 'wrong', errors: [{pointer: '/name', message: 'is taken'}, {pointer: '/grants/0/servers', message: 'is empty'}, {pointer: '/else', message: 'is odd'}]}), ['name', 'grants']);
  expect(faults).toEqual({at: {name: 'is taken', grants: 'is empty'}, general: '/else is odd'});
  expect(faultsOf(new ApiError(409, {detail: 'in use'}), ['name'])).toEqual({at: {}, general: 'in use'});
  expect(faultsOf(new Error('offline'), [])).toEqual({at: {}, general: 'offline'});
});

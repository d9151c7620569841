import {expect, test} from 'vitest';
import {ago, bytes, milliseconds, safe} from './format';

test('numbers carry their unit', () => {
  expect(milliseconds(null)).toBe('–');
  expect(milliseconds(3.456)).toBe('3.5 ms');
  expect([milliseconds(0), milliseconds(0.038), milliseconds(0.0001), milliseconds(0.12)]).toEqual(['0.0 ms', '38 µs', '1 µs', '0.1 ms']);
  expect(milliseconds(84.4)).toBe('84 ms');
  expect(milliseconds(12_340)).toBe('12.3 s');
  expect(bytes(1024)).toBe('1.0 KiB');
  expect(bytes(71_249_920)).toBe('67.9 MiB');
});
test('times are relative', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  expect(ago(null, now)).toBe('never');
  expect(ago('2026-11-20T09:59:30Z', now)).toBe('30 s ago');
  expect(ago('2026-11-20T08:00:00Z', now)).toBe('2 h ago');
});
test('text from servers cannot lie about itself', () => {
  expect(safe('a\u001b[31mred\u001b[0m')).toBe('ared');
  expect(safe('evil\u202egnp.exe')).toBe('evilgnp.exe');
  expect(safe('line\nnext\ttab')).toBe('line\nnext\ttab');
});

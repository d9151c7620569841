import {expect, test} from 'vitest';
import {keymap} from '../ui/keys';
import {crumbsOf, isRanged, pageAt, pages} from './pages';

test('a path belongs to its page', () => {
  expect(['/', '/servers', '/servers/a', '/add', '/tests/run/1', '/docs', '/settings/account'].map((path) => pageAt(path)?.label)).toEqual(['Overview', 'Servers', 'Servers', 'Servers', 'Tests', 'System', 'Settings']);
  expect(pageAt('/nonsense')).toBeUndefined();
  expect(pageAt('/testsuites')).toBeUndefined();
});
test('the breadcrumb leads back to the page', () => {
  expect(crumbsOf('/servers/my%20server')).toEqual([{label: 'Servers', href: '/servers'}, {label: 'my server'}]);
  expect(crumbsOf('/settings/roles')).toEqual([{label: 'Settings', href: '/settings'}, {label: 'Roles'}]);
  expect(crumbsOf('/')).toEqual([{label: 'Overview'}]);
  expect(crumbsOf('/x')).toEqual([{label: 'Not found'}]);
});
test('no key leads to two places', () => {
  const all = keymap(pages.map(({key, label}) => ({keys: key, what: label}))).flatMap(({shortcuts}) => shortcuts.map(({keys}) => keys));
  expect(new Set(all).size).toBe(all.length);
});
test('the range is shown where something goes by it', () => {
  expect(['/', '/servers', '/servers/a', '/analytics/heatmap', '/logs', '/audit', '/traces', '/traces/op_1'].map(isRanged)).toEqual([true, false, true, true, false, true, true, false]);
});

import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test, vi} from 'vitest';

const {why} = vi.hoisted(() => {
  vi.stubGlobal('matchMedia', () => ({matches: false, addEventListener() {}, removeEventListener() {}}));
  vi.stubGlobal('location', {pathname: '/traces', origin: 'http://here'});
  return {why: {text: ''}};
});
vi.mock('../api/client', () => ({whyNot: () => why.text, may: () => true, get: () => new Promise(() => undefined)}));
vi.mock('../live/store', () => { const live = {servers: new Map(), paused: false}; return {live, useLive: () => live, useHeard: () => undefined}; });
import {Router} from 'wouter';
import TracesPage from './TracesPage';

const drawn = (id: string, search = '') => renderToStaticMarkup(createElement(Router, {ssrPath: `/traces/${id}`, ssrSearch: search, children: createElement(TracesPage, {id})}));

test('who may not see traces is told why, and who could change it', () => {
  why.text = 'Your role guest lacks operations:read';
  expect(drawn('')).toContain('The list of traces is not yours to see');
  expect(drawn('')).toContain('lacks operations:read');
  why.text = '';
});
test('before there is anything it is being read: the list with its filters, one, and two', () => {
  const list = drawn('');
  for (const word of ['Filter the traces', 'Failed only', 'Any server', 'Reading']) expect(list).toContain(word);
  expect(list).not.toContain('Clear');
  expect(drawn('', 'server=memory&failed=1')).toContain('Clear');
  expect(drawn('op_1')).toContain('Reading');
  expect(drawn('a', 'with=b')).toContain('Two traces compared');
});
test('what is chosen to compare leads there', () => {
  expect(drawn('', 'pick=a')).toContain('One is chosen');
  expect(drawn('', 'pick=a,b')).toContain('href="/traces/a?with=b"');
});

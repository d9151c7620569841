import {createElement} from 'react';
import {renderToStaticMarkup} from 'react-dom/server';
import {expect, test} from 'vitest';
import {requestsOf, traceOf} from '../lab/tests/trace';
import type {CaseResult, Exchange} from '../lab/types';
import {extentOf, type Span, spansCsv, spanText, spanTicks, took} from './spans';
import Waterfall from './Waterfall';

const span = (name: string, from: number, to: number): Span => ({name, depth: 0, from, to, tone: 'ok', word: 'passed'});
const message = (at_ms: number, direction: '>' | '<', body: object, cut = false): Exchange => ({at_ms, direction, text: cut ? JSON.stringify(body).slice(0, -4) : JSON.stringify(body), cut});
const one = (more: Partial<CaseResult>): CaseResult => ({id: 'c1', name: 'echo', suite: 's', kind: 'functional', server: 'x', tags: [], matrix: {}, line: 1, status: 'failed', message: '', started: '2026-11-22T00:00:01.000Z', duration_ms: 50, attempts: [], latency: null, findings: [], figures: {}, golden_updated: [], ...more});

test('the extent holds all spans, and is never empty', () => {
  expect(extentOf([span('a', 5, 9), span('b', 2, 3)])).toEqual([2, 9]);
  expect([extentOf([]), extentOf([span('a', 4, 4)])]).toEqual([[0, 1], [4, 5]]);
});
test('ticks are round and no more than fit', () => {
  expect(spanTicks(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(spanTicks(3, 7, 4)).toEqual([3, 4, 5, 6, 7]);
});
test('how long it took is said in fitting units', () => {
  expect([0.25, 12.34, 4321, 12_345].map(took)).toEqual(['250 µs', '12.3 ms', '4320 ms', '12.3 s']);
  expect(spanText(span('echo', 10, 30), 5)).toBe('echo: passed, 20 ms, from 5 ms after the beginning');
  expect(spansCsv([span('=a', 1, 3)])).toBe("name,depth,from (ms),took (ms),ended\n'=a,0,1,2,passed\n");
});
test('a request lasts until its answer; what came back, what failed and what never came are told apart', () => {
  const requests = requestsOf([
    message(1, '>', {id: 1, method: 'tools/call', params: {name: 'echo'}}), message(2, '<', {id: 1, method: 'sampling/createMessage'}), message(4, '>', {id: 1, result: {}}), message(9, '<', {id: 1, error: {code: 1}}),
    message(10, '>', {id: 2, method: 'ping'}), message(11, '>', {method: 'notifications/x'}), message(12, '<', {id: 7, result: {}}), {at_ms: 13, direction: '<', text: 'no JSON', cut: false},
    message(14, '>', {id: 3, method: 'tools/list', params: {}}, true), message(20, '<', {id: 3, result: {tools: ['…']}}, true),
  ], 40);
  expect(requests.map(({name, from, to, word}) => [name, from, to, word])).toEqual([['tools/call echo', 1, 9, 'answered with an error'], ['asked by the server: sampling/createMessage', 2, 4, 'answered'], ['ping', 10, 40, 'not answered'], ['tools/list', 14, 20, 'answered']]);
});
test('a run is its cases in their order, with the requests of one attempt and none of several', () => {
  const attempt = {status: 'failed' as const, message: '', duration_ms: 50, mismatches: [], log: [], exchanges: [message(1, '>', {id: 1, method: 'ping'}), message(3, '<', {id: 1, result: {}})]};
  const spans = traceOf({suite: 's', started: '2026-11-22T00:00:00.000Z', duration_ms: 2000, status: 'failed', cases: [one({id: 'c2', name: 'later', started: '2026-11-22T00:00:01.500Z', attempts: [attempt, attempt]}), one({attempts: [attempt]}), one({status: 'skipped'})]});
  expect(spans.map(({name, depth, from, to, key}) => [name, depth, from, to, key])).toEqual([['s', 0, 0, 2000, undefined], ['echo', 1, 1000, 1050, 'c1'], ['ping', 2, 1001, 1003, 'c1'], ['later', 1, 1500, 1550, 'c2']]);
});
test('fifty thousand spans are one canvas and no rows', () => {
  const spans = Array.from({length: 50_000}, (_, at) => span(`span ${at}`, at, at + 5));
  const html = renderToStaticMarkup(createElement(Waterfall, {title: 'Trace', spans}));
  expect(html.length).toBeLessThan(3000);
  expect(html).toContain('aria-label="Trace: 50000 spans in 50 s.');
});

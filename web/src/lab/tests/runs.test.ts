import {expect, test, vi} from 'vitest';
import type {LiveEvent} from '../../api/types';

const api = vi.hoisted(() => ({answer: {status: 202, body: {}} as {status: number; body: unknown}, ended: null as Promise<unknown> | null, asked: [] as unknown[]}));
vi.mock('../../api/client', () => ({
  get: async () => ({items: []}), accessToken: async () => '',
  request: async (path: string, options: unknown) => { api.asked.push([path, options]); return api.answer; },
  settled: () => api.ended ?? new Promise(() => undefined),
}));
import {live} from '../../live/store';
import {cancelRun, operationOf, startRun} from './runs';
import {afterEvent, type Progress, wholeOf} from './useRun';

vi.stubGlobal('document', {hidden: true});
const began = (operation: string, run: string): LiveEvent => ({type: 'tool_progress', seq: 1, data: {operation_id: operation, run_id: run, progress: 0, message: 'started'}});

test('a run is known by the first progress of its operation, whichever comes first', async () => {
  api.answer = {status: 202, body: {operation_id: 'op_1'}};
  live.receive(began('op_1', 'run_1'));
  expect(await startRun({id: 'suite_1'})).toBe('run_1');
  api.answer = {status: 202, body: {operation_id: 'op_2'}};
  const later = startRun({id: 'suite_1', cases: ['a']});
  await Promise.resolve();
  setTimeout(() => { live.receive(began('op_9', 'run_9')); live.receive(began('op_2', 'run_2')); }, 0);
  expect(await later).toBe('run_2');
  expect([operationOf('run_2'), operationOf('nobody')]).toEqual(['op_2', undefined]);
});
test('without the live connection the end of the operation says it, or why there is none', async () => {
  api.answer = {status: 202, body: {operation_id: 'op_3'}};
  api.ended = Promise.resolve({status: 'completed', result: {id: 'run_3'}});
  expect(await startRun({id: 'suite_1'})).toBe('run_3');
  api.ended = Promise.resolve({status: 'failed', error: {detail: 'as many test runs as may are under way: 4'}});
  api.answer = {status: 202, body: {operation_id: 'op_4'}};
  await expect(startRun({id: 'suite_1'})).rejects.toThrow('as many test runs');
  api.ended = null;
});
test('a run is cancelled by its operation; of an unknown one it is said', async () => {
  live.receive(began('op_5', 'run_5'));
  await cancelRun('run_5');
  expect((api.asked.at(-1) as [string])[0]).toBe('/api/operations/op_5/cancel');
  await expect(cancelRun('run_other')).rejects.toThrow('not known here');
});
test('progress goes case by case, and a case keeps its place', () => {
  const event = (data: Record<string, unknown>): LiveEvent => ({type: 'test_progress', seq: 1, data: {run_id: 'r', total: 2, ...data}});
  const one = (id: string, status: string) => ({id, name: id, kind: 'functional', status, message: '', duration_ms: 0});
  let now: Progress = {done: 0, total: 0, cases: new Map()};
  for (const each of [event({event: 'started', done: 0}), event({event: 'case_started', done: 0, case: one('a', 'running')}), event({event: 'case_started', done: 0, case: one('b', 'passed')}), event({event: 'case_ended', done: 1, case: one('a', 'failed')})]) now = afterEvent(now, each);
  expect([now.done, now.total, [...now.cases.values()].map(({id, status}) => `${id} ${status}`)]).toEqual([1, 2, ['a failed', 'b running']]);
  expect(wholeOf([...now.cases.values()][0])).toMatchObject({id: 'a', status: 'failed', attempts: [], findings: []});
});

import {expect, test} from 'vitest';
import type {Server} from '../api/types';
import {isChange, markersOf, ofAudit, ofOperations, ofServers, since} from './changes';
import {against, errorShare, openCircuits, percent} from './figures';

const entry = {seq: 1, time: '2026-11-22T07:00:00Z', actor: 'admin', action: 'fleet.stop', subject: 'memory', outcome: 'ok' as const, detail: ''};
const server = (name: string, health_status: Server['health_status'], since: string) => ({name, health_status, since, reason: 'connect timeout'}) as Server;

test('what changes nothing is no change', () => {
  for (const action of ['fleet.tool_call', 'fleet.test', 'auth.login', 'metrics.record', 'audit.verify']) expect(isChange(action)).toBe(false);
  expect(ofAudit([entry, {...entry, seq: 2, action: 'fleet.tool_call'}, {...entry, seq: 3, outcome: 'started'}]).map(({key}) => key)).toEqual(['a1']);
});
test('a change says who did what to what, and leads there', () => {
  expect(ofAudit([entry])[0]).toMatchObject({who: 'admin', what: 'stopped', subject: 'memory', href: '/servers/memory', tone: 'info', detail: ''});
  expect(ofAudit([{...entry, outcome: 'refused', detail: 'lacks fleet:operate'}])[0]).toMatchObject({what: 'tried: stopped', tone: 'warn', detail: 'lacks fleet:operate'});
  expect(ofAudit([{...entry, action: 'fleet.delete'}])[0].href).toBe('/servers');
});
test('without the right to the audit log the operations tell it', () => {
  const operation = {operation_id: 'op_1', operation: 'fleet.restart', actor: 'ann', subject: 'files', arguments: {}, success: true, start_time: entry.time, end_time: '2026-11-22T07:00:02Z', duration_ms: 2000};
  expect(ofOperations([{...operation, status: 'completed'}, {...operation, status: 'started'}]).map(({what, who, time}) => [what, who, time])).toEqual([['restarted', 'ann', Date.parse('2026-11-22T07:00:02Z')]]);
});
test('newest first, and nothing from before', () => {
  const all = since(Date.parse('2026-11-22T06:30:00Z'), ofAudit([entry]), ofServers([server('flaky', 'disconnected', '2026-11-22T07:10:00Z'), server('old', 'healthy', '2026-11-20T00:00:00Z')]));
  expect(all.map(({who, what}) => `${who} ${what}`)).toEqual(['flaky became down', 'admin stopped']);
  expect(markersOf(all)).toEqual([{at: Date.UTC(2026, 10, 22, 7, 10) / 1000, text: 'flaky became down', tone: 'down'}, {at: Date.UTC(2026, 10, 22, 7) / 1000, text: 'admin stopped memory', tone: 'info'}]);
  expect(markersOf(Array(100).fill(all[0])).length).toBe(40);
});
test('key figures', () => {
  expect([errorShare(10, 1), errorShare(0, 0), errorShare(null, null), errorShare(4, null)]).toEqual([0.1, null, null, 0]);
  expect([percent(null), percent(0), percent(0.05), percent(0.5)]).toEqual(['–', '0 %', '5.0 %', '50 %']);
  expect(openCircuits([null, 0, 0.5, 2], 4)).toEqual([null, 0, 1, 4]);
  expect([against(12, 10), against(9, 10), against(10, 10), against(1, 0), against(null, 1)]).toEqual(['20 % above average', '10 % below average', 'as on average', '', '']);
});

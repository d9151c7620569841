// Alerts in words and in order.
import {expect, test} from 'vitest';
import type {Alert, Rehearsal} from './types';
import {lasting, rehearsed} from './rehearsed';
import {isQuiet, matchersOf, withEvent, worstFirst} from './words';

const alert = (change: Partial<Alert>): Alert => ({id: 'alr_1', rule: 'server_down', name: 'Server down', state: 'firing', severity: 'critical', labels: {server: 'a'}, summary: 'a is down', value: 1, runbook: '', pending_since: '2026-01-01T00:00:00.000Z', fired_at: '2026-01-01T00:00:10.000Z', resolved_at: null, acknowledged_by: '', acknowledged_at: null, note: '', escalated_at: null, ...change});

test('the worst first, then the newest', () => {
  const list = [alert({id: '1', severity: 'info'}), alert({id: '2', severity: 'critical', fired_at: '2026-01-01T00:00:00.000Z'}), alert({id: '3'}), alert({id: '4', severity: 'warning'})];
  expect(worstFirst(list).map(({id}) => id)).toEqual(['3', '2', '4', '1']);
});

test('an event puts, replaces and removes; what only rings changes nothing', () => {
  const fired = withEvent([], {...alert({}), event: 'fired'});
  expect(fired).toHaveLength(1);
  expect(fired[0]).not.toHaveProperty('event');
  const acknowledged = withEvent(fired, {...alert({state: 'acknowledged', acknowledged_by: 'ada'}), event: 'acknowledged'});
  expect(acknowledged.map(({state}) => state)).toEqual(['acknowledged']);
  expect(withEvent(acknowledged, {...alert({id: 'x'}), event: 'notification'})).toBe(acknowledged);
  expect(withEvent(acknowledged, {...alert({resolved_at: '2026-01-01T01:00:00.000Z', state: 'resolved'}), event: 'resolved'})).toEqual([]);
});

test('a rehearsal in one sentence', () => {
  const none: Rehearsal = {start: '', end: '', step_ms: 60_000, fired: 0, total_s: 0, longest_s: 0, series: 3, events: 0, cut: false, episodes: [], curves: []};
  expect(rehearsed(none, '7d')).toBe('Would not have fired in the last 7 days; 3 series looked at.');
  expect(rehearsed({...none, fired: 3, total_s: 720, longest_s: 300}, '7d')).toBe('Would have fired 3 times in the last 7 days, 12 min in all, 5 min at most; 3 series looked at.');
  expect(rehearsed({...none, series: 0, events: 9, fired: 1, total_s: 30, longest_s: 30}, '1d')).toBe('Would have fired once in the last day, 30 s in all; 9 events looked at.');
  expect([lasting(89), lasting(3600), lasting(86_400 * 3)]).toEqual(['89 s', '60 min', '3 d']);
});

test('matchers name the rule and every label, whatever is in them', () => {
  expect(matchersOf(alert({labels: {server: 'a "b" \\ c'}}))).toBe('rule="server_down", server="a \\"b\\" \\\\ c"');
});

test('quiet hours go over midnight', () => {
  const at = (hours: number, minutes = 0) => new Date(2026, 0, 1, hours, minutes);
  expect([isQuiet('22:00', '07:00', at(23)), isQuiet('22:00', '07:00', at(6, 59)), isQuiet('22:00', '07:00', at(7)), isQuiet('22:00', '07:00', at(12))]).toEqual([true, true, false, false]);
  expect([isQuiet('12:00', '13:00', at(12, 30)), isQuiet('12:00', '13:00', at(13)), isQuiet('', '', at(3)), isQuiet('08:00', '08:00', at(8))]).toEqual([true, false, false, false]);
});

import {expect, test} from 'vitest';
import {addressesIn, formatsOf, isOfRuns, rangeOf} from './report';
import {definitionOf, readArguments, type Schedule, zones} from './schedule';

test('arguments are a JSON object or it is said why not', () => {
  expect(readArguments(' ')).toEqual({value: {}, fault: ''});
  expect(readArguments('{"suite": "a"}')).toEqual({value: {suite: 'a'}, fault: ''});
  for (const text of ['[1]', '"a"', 'null', '3']) expect(readArguments(text)).toEqual({value: null, fault: 'must be a JSON object'});
  expect(readArguments('{oops').fault).not.toBe('');
});
test('what is sent back is the definition alone', () => {
  const schedule = {id: 'sch_1', owner: 'ada', created_at: '', changed_at: '', running: false, last_run: null, next_runs: [], name: 'n', cron: '@daily', time_zone: 'UTC', operation: 'tests.run', arguments: {a: 1}, jitter_s: 5, missed: 'skip', enabled: false} as Schedule;
  expect(definitionOf(schedule)).toEqual({name: 'n', cron: '@daily', time_zone: 'UTC', operation: 'tests.run', arguments: {a: 1}, jitter_s: 5, missed: 'skip', enabled: false});
});
test('UTC is the first of the zones, and none stands twice', () => {
  const all = zones();
  expect(all[0]).toBe('UTC');
  expect(new Set(all).size).toBe(all.length);
});
test('addresses as people type them', () => {
  expect(addressesIn(' a@x.org, b@x.org;\nc@x.org  a@x.org ')).toEqual(['a@x.org', 'b@x.org', 'c@x.org']);
  expect(addressesIn('  ')).toEqual([]);
});
test('a range ends now', () => {
  expect(rangeOf(1, Date.parse('2026-11-22T01:00:00Z'))).toEqual({from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T01:00:00.000Z'});
});
test('JUnit is of a run alone, and a comparison is of runs too', () => {
  expect([formatsOf('run').includes('junit'), formatsOf('comparison').includes('junit'), formatsOf('webrtc').includes('junit')]).toEqual([true, false, false]);
  expect(['run', 'comparison', 'incident'].map(isOfRuns)).toEqual([true, true, false]);
});

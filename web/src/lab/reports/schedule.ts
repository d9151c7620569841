// Schedules as the API has them (docs/schedules.md), and the common times in words.
import type {JsonObject} from '../../api/types';
import {t} from '../../messages/en/reports';

export interface ScheduleRun {run_id: string; cause: string; actor: string; planned: string | null; started: string; ended: string | null; status: string; operation_id: string; detail: string}
export interface Definition {name: string; cron: string; time_zone: string; operation: string; arguments: JsonObject; jitter_s: number; missed: 'skip' | 'run_once'; enabled: boolean}
export interface Schedule extends Definition {id: string; owner: string; created_at: string; changed_at: string; running: boolean; last_run: ScheduleRun | null; next_runs: string[]; history?: ScheduleRun[]}

export const usualTimes = (): [string, string][] => [['0 * * * *', t.everyHour], ['*/15 * * * *', t.everyQuarter], ['30 6 * * *', t.everyDay], ['30 6 * * mon-fri', t.weekdays], ['0 7 * * mon', t.mondays], ['0 7 1 * *', t.firstOfMonth]];

export const definitionOf = ({name, cron, time_zone, operation, arguments: given, jitter_s, missed, enabled}: Definition): Definition => ({name, cron, time_zone, operation, arguments: given, jitter_s, missed, enabled});

export const toneOfScheduleRun: Record<string, string> = {running: 'info', completed: 'ok', failed: 'down', skipped: 'warn', missed: 'warn', interrupted: 'warn'};

// Names the browser knows; the server has the last word.
export function zones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')])];
}

// Arguments as they are typed: JSON of an object, or why not.
export function readArguments(text: string): {value: JsonObject | null; fault: string} {
  if (text.trim() === '') return {value: {}, fault: ''};
  try {
    const value = JSON.parse(text) as unknown;
    return value && typeof value === 'object' && !Array.isArray(value) ? {value: value as JsonObject, fault: ''} : {value: null, fault: t.mustBeObject};
  } catch (error) {
    return {value: null, fault: (error as Error).message};
  }
}

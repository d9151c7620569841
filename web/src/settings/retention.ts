// How long what is recorded is kept, as people say it. Pure.
import {t} from '../messages/en/settings';
export interface Kind {kind: string; rows: number; bytes: number; oldest: string | null; newest: string | null; rows_per_day: number; bytes_per_day: number; keep_hours: number | null}
export interface Usage {size_bytes: number; disk: {free_bytes: number; size_bytes: number}; kinds: Kind[]; forecast: {bytes_per_day: number; settles_bytes: number | null; days_until_full: number | null}}
export type Hours = Record<'health' | 'calls' | 'logs' | 'events' | 'operations', number>;

const terms = (): [number, string][] => [[1, t.hour], [6, t.sixHours], [24, t.day], [72, t.threeDays], [168, t.week], [336, t.twoWeeks], [720, t.thirtyDays], [2160, t.ninetyDays], [4392, t.halfYear], [8760, t.year], [26_280, t.threeYears], [87_600, t.tenYears]];
export function termText(hours: number): string {
  const known = terms().find(([one]) => one === hours);
  return known ? known[1] : hours % 24 === 0 ? t.days(hours / 24) : t.hours(hours);
}
export const termsWith = (hours: number): [number, string][] => (terms().some(([one]) => one === hours) ? terms() : [...terms(), [hours, termText(hours)] as [number, string]].sort((a, b) => a[0] - b[0]));

export const words: Record<string, string> = {get health() { return t.healthChecks; }, get calls() { return t.toolCalls; }, get logs() { return t.logLines; }, get events() { return t.events; }, get operations() { return t.operations; }, get audit() { return t.audit; }, get metrics() { return t.metrics; }, get 'test runs'() { return t.testRuns; }, get 'webrtc history'() { return t.endedStreams; }, get 'the rest'() { return t.rest; }};

export function forecastText({forecast, disk}: Usage, bytes: (value: number) => string): string {
  const grows = forecast.bytes_per_day < 1 ? t.growsNot : t.growsBy(bytes(forecast.bytes_per_day));
  const settles = forecast.settles_bytes !== null && forecast.bytes_per_day >= 1 ? t.settles(bytes(forecast.settles_bytes)) : '';
  const full = forecast.days_until_full === null ? t.diskLasts(bytes(disk.free_bytes)) : t.diskFull(bytes(disk.free_bytes), forecast.days_until_full);
  return grows + settles + full;
}

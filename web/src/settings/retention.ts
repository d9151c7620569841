// How long what is recorded is kept, as people say it. Pure.
export interface Kind {kind: string; rows: number; bytes: number; oldest: string | null; newest: string | null; rows_per_day: number; bytes_per_day: number; keep_hours: number | null}
export interface Usage {size_bytes: number; disk: {free_bytes: number; size_bytes: number}; kinds: Kind[]; forecast: {bytes_per_day: number; settles_bytes: number | null; days_until_full: number | null}}
export type Hours = Record<'health' | 'calls' | 'logs' | 'events' | 'operations', number>;

export const terms: [number, string][] = [[1, '1 hour'], [6, '6 hours'], [24, '1 day'], [72, '3 days'], [168, '1 week'], [336, '2 weeks'], [720, '30 days'], [2160, '90 days'], [4392, 'half a year'], [8760, '1 year'], [26_280, '3 years'], [87_600, '10 years']];
export function termText(hours: number): string {
  const known = terms.find(([one]) => one === hours);
  return known ? known[1] : hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`;
}
export const termsWith = (hours: number): [number, string][] => (terms.some(([one]) => one === hours) ? terms : [...terms, [hours, termText(hours)] as [number, string]].sort((a, b) => a[0] - b[0]));

export const words: Record<string, string> = {health: 'Health checks', calls: 'Tool calls', logs: 'Log lines', events: 'Events', operations: 'Operations', audit: 'Audit', metrics: 'Metrics', 'test runs': 'Test runs', 'webrtc history': 'Streams that ended', 'the rest': 'The rest'};

export function forecastText({forecast, disk}: Usage, bytes: (value: number) => string): string {
  const grows = forecast.bytes_per_day < 1 ? 'It does not grow now.' : `It grows by ${bytes(forecast.bytes_per_day)} a day.`;
  const settles = forecast.settles_bytes !== null && forecast.bytes_per_day >= 1 ? ` It comes to about ${bytes(forecast.settles_bytes)} and stays there.` : '';
  const full = forecast.days_until_full === null ? ` The disk (${bytes(disk.free_bytes)} free) lasts for more than ten years at this rate.` : ` The disk (${bytes(disk.free_bytes)} free) is full in ${forecast.days_until_full} days at this rate.`;
  return grows + settles + full;
}

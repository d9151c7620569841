// The queries behind the overview's charts and key figures. `rate` and `p95` of all servers together.
import type {Query} from '../chart/useSeries';
import {t} from '../messages/en/overview';
import {decimal} from '../ui/format';

export const queries: Query[] = [
  {key: 'calls', q: (window) => `rate(tool_calls[${window}]) by ()`},
  {key: 'checks', q: (window) => `rate(health_checks[${window}]) by ()`},
  {key: 'call_ms', q: (window) => `p95(tool_duration_ms[${window}]) by ()`},
  {key: 'check_ms', q: (window) => `p95(health_check_ms[${window}]) by ()`},
  {key: 'call_errors', q: (window) => `rate(tool_errors[${window}]) by ()`},
  {key: 'check_errors', q: (window) => `rate(health_check_failures[${window}]) by ()`},
  {key: 'streams', q: () => 'max(webrtc_connections) by ()'},
  {key: 'circuits', q: () => 'avg(server_circuit) by ()'}, // 0 closed, 1 half-open, 2 open
];

// The mean of all servers as a number of circuits: half-open counts half.
export const openCircuits = (means: readonly (number | null)[], servers: number) => means.map((mean) => (mean === null ? null : Math.round((mean * servers * 10) / 2) / 10));

// The share of failures, where there was anything to fail.
export function errorShare(calls: number | null, failures: number | null): number | null {
  return calls === null || calls <= 0 ? null : Math.min(1, (failures ?? 0) / calls);
}
export const percent = (share: number | null) => (share === null ? '–' : `${decimal(100 * share, share > 0 && share < 0.1 ? 1 : 0)} %`);

// "12 % more than the mean": how the last value stands to the range.
export function against(last: number | null, mean: number | null): string {
  if (last === null || mean === null || mean === 0) return '';
  const change = Math.round(100 * (last / mean - 1));
  return change === 0 ? t.asOnAverage : t.fromAverage(Math.abs(change), change > 0 ? t.above : t.below);
}

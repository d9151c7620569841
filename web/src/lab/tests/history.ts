// What the last runs of a suite come to: how many passed, how many only on a retry, whether it takes longer than it did.
import type {RunSummary} from '../types';

export interface History {runs: number; passPercent: number | null; flakyPercent: number | null; medianMs: number | null; trendPercent: number | null}

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const told = 6; // runs: fewer say nothing about a trend

// `runs`: newest first. A share is of the cases that were run to an end.
export function historyOf(runs: RunSummary[]): History {
  const ended = runs.filter((run) => ['passed', 'flaky', 'failed'].includes(run.status));
  const sum = (pick: (run: RunSummary) => number) => ended.reduce((total, run) => total + pick(run), 0);
  const tried = sum(({totals}) => totals.passed + totals.flaky + totals.failed + totals.errors);
  const half = Math.floor(ended.length / 2);
  const durations = ended.map((run) => run.duration_ms);
  const older = half > 0 ? median(durations.slice(half)) : 0;
  return {
    runs: runs.length,
    passPercent: tried ? (100 * sum(({totals}) => totals.passed + totals.flaky)) / tried : null,
    flakyPercent: tried ? (100 * sum(({totals}) => totals.flaky)) / tried : null,
    medianMs: durations.length ? median(durations) : null,
    trendPercent: ended.length >= told && older > 0 ? 100 * (median(durations.slice(0, half)) / older - 1) : null,
  };
}

// Runs keep their order, newest first.
export function bySuite(runs: RunSummary[]): Map<string, RunSummary[]> {
  const out = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const mine = out.get(run.suite_id);
    if (mine) mine.push(run);
    else out.set(run.suite_id, [run]);
  }
  return out;
}

// Two runs of a suite side by side, case by case. A case is the same by its name, which has its place in the matrix. One run of each
// says little about speed, so only what is far apart is called slower or faster, and the page says on how many calls that stands.
import {type CaseResult, isBad, type Run} from '../types';

export type Change = 'new_failure' | 'fixed' | 'still_failing' | 'slower' | 'faster' | 'added' | 'removed' | 'same';
export interface Pair {name: string; before: CaseResult | null; after: CaseResult | null; change: Change; ratio: number | null; calls: number}

export const changeWords: Record<Change, string> = {new_failure: 'New failures', fixed: 'Fixed', still_failing: 'Still failing', slower: 'Slower', faster: 'Faster', added: 'Only in the second run', removed: 'Only in the first run', same: 'The same'};
export const changeOrder: Change[] = ['new_failure', 'still_failing', 'fixed', 'slower', 'faster', 'added', 'removed', 'same'];

const farApart = 1.25; // of medians
const leastMs = 2; // below it the clock and the scheduler speak
const leastCalls = 5;

function changeOf(before: CaseResult, after: CaseResult): Pick<Pair, 'change' | 'ratio' | 'calls'> {
  const calls = Math.min(before.latency?.count ?? 0, after.latency?.count ?? 0);
  const from = before.latency?.p50_ms ?? 0;
  const to = after.latency?.p50_ms ?? 0;
  const ratio = from > 0 && to > 0 ? to / from : null;
  const told = {ratio, calls};
  if (isBad(after.status)) return {...told, change: isBad(before.status) ? 'still_failing' : 'new_failure'};
  if (isBad(before.status)) return {...told, change: after.status === 'passed' || after.status === 'flaky' ? 'fixed' : 'same'};
  if (ratio === null || calls < leastCalls || Math.abs(to - from) < leastMs) return {...told, change: 'same'};
  return {...told, change: ratio >= farApart ? 'slower' : ratio <= 1 / farApart ? 'faster' : 'same'};
}

export function compareRuns(before: Pick<Run, 'cases'>, after: Pick<Run, 'cases'>): Pair[] {
  const first = new Map(before.cases.map((one) => [one.name, one]));
  const out: Pair[] = after.cases.map((one) => {
    const old = first.get(one.name);
    first.delete(one.name);
    return old ? {name: one.name, before: old, after: one, ...changeOf(old, one)} : {name: one.name, before: null, after: one, change: 'added', ratio: null, calls: 0};
  });
  for (const one of first.values()) out.push({name: one.name, before: one, after: null, change: 'removed', ratio: null, calls: 0});
  return out;
}

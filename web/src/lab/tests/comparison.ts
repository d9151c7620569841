// What the server says became of a run since another one (GET /api/tests/runs/{run}/compare/{other}), and the baseline of a suite.
import {t} from '../../messages/en/tests';
import {decimal} from '../../ui/format';
import type {RunSummary} from '../types';

export interface CaseChange {suite: string; case: string; before: string; after: string; message: string}
export interface CaseSpeed {suite: string; case: string; before_ms: number; after_ms: number; verdict: 'faster' | 'slower' | 'cannot tell'; ratio: number; low: number; high: number | null; why: string}
export interface Changes {worse: boolean; summary: string; broken: CaseChange[]; mended: CaseChange[]; failing: CaseChange[]; flaky: CaseChange[]; gone: CaseChange[]; speeds: CaseSpeed[]; unchanged: number}
export interface Comparison extends Changes {before: RunSummary; after: RunSummary}
export interface Baseline {suite_id: string; run_id: string; gate: boolean; threshold_percent: number; pinned_by: string; pinned_at: string}

export const groups = () => [['broken', t.newFailuresGroup, 'tone-down'], ['failing', t.stillFailing, 'tone-down'], ['flaky', t.newlyFlaky, 'tone-warn'], ['mended', t.fixed, 'tone-ok'], ['gone', t.onlyInFirst, 'muted']] as const;

const percent = (ratio: number) => `${ratio >= 1 ? '+' : '−'}${decimal(Math.abs((ratio - 1) * 100), 1)} %`;
// Without an end the interval says nothing.
export const interval = ({ratio, low, high}: CaseSpeed) => (high === null ? percent(ratio) : t.ratio(percent(ratio), percent(low), percent(high)));
export const countOf = ({speeds}: Changes, verdict: CaseSpeed['verdict']) => speeds.filter((one) => one.verdict === verdict).length;

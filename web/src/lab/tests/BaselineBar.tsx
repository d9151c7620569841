// The run a suite is measured by: which one, since when, whether it gates; changed by whoever may write suites.
import {useState} from 'react';
import {Link} from 'wouter';
import {request, whyNot} from '../../api/client';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {toast} from '../../ui/toast';
import type {Baseline} from './comparison';

const path = (suite: string) => `/api/tests/${encodeURIComponent(suite)}/baseline`;
export const pin = (suite: string, run: string, more: Partial<Baseline> = {}) => request<Baseline>(path(suite), {method: 'PUT', body: {run_id: run, ...more}});

export function useBaseline(suite: string, key: unknown = '') {
  const {data, error, reload} = useList<Baseline>(suite ? path(suite) : null, key);
  return {baseline: error ? null : data, reload}; // 404: there is none
}

export function BaselineBar({suite}: {suite: string}) {
  const [round, setRound] = useState(0);
  const {baseline} = useBaseline(suite, round);
  const why = whyNot('tests:write');
  const told = (work: Promise<unknown>, word: string) => void work.then(() => { toast('ok', word); setRound((old) => old + 1); }, (error: Error) => toast('down', error.message));
  if (!baseline) return <p className="muted">{t.noBaseline}</p>;
  const {run_id, gate, threshold_percent} = baseline;
  return (
    <div className="bar" data-testid="baseline" data-gate={gate}><p>{t.measuredBy} <Link href={`/tests/run/${run_id}`}>{t.theRun}</Link> {t.thatPinned(safe(baseline.pinned_by))} <Ago time={baseline.pinned_at} />; {gate ? t.worseFails : t.worseIsTold}.</p><span className="end" />
      <ActionButton className="button small" why={why} aria-pressed={gate} onClick={() => told(pin(suite, run_id, {gate: !gate, threshold_percent}), gate ? t.noLongerFail : t.failFromNow)}>{t.gate}</ActionButton>
      <ActionButton className="button small" why={why} onClick={() => told(request(path(suite), {method: 'DELETE'}), t.noBaselineNow)}>{t.removeBaseline}</ActionButton></div>
  );
}

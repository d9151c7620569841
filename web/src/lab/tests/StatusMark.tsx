// What became of a case or a run, as glyph, colour and word; and the last runs as a strip, newest at the right.
import {useLocation} from 'wouter';
import {locale} from '../../messages/language';
import {t} from '../../messages/en/lab';
import type {CaseStatus, RunSummary} from '../types';

const tones: Record<CaseStatus, string> = {passed: 'ok', flaky: 'warn', failed: 'down', error: 'down', skipped: 'idle', cancelled: 'idle', running: 'info', interrupted: 'warn'};
export const statusText = (status: CaseStatus) => ({passed: t.passed, flaky: t.flaky, failed: t.failed, error: t.error, skipped: t.skipped, cancelled: t.cancelled, running: t.running, interrupted: t.interrupted})[status] ?? status;
const paths: Record<string, string> = {ok: 'M3 8.5l3.2 3.2L13 5', warn: 'M8 2.5l6 11H2z', down: 'M4 4l8 8m0-8l-8 8', idle: 'M3.5 8h9', info: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5'};

export const toneOfRun = (status: CaseStatus) => tones[status] ?? 'idle';
export function StatusMark({status}: {status: CaseStatus}) {
  const word = statusText(status);
  const tone = toneOfRun(status);
  return <span className={`badge tone-${tone}`} data-status={status}><svg className={`glyph tone-${tone}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={paths[tone]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" className={tone === 'info' ? 'spin' : undefined} /></svg>{word}</span>;
}

const most = 30;
export function RunStrip({runs}: {runs: RunSummary[]}) { // newest first
  const [, navigate] = useLocation();
  const shown = runs.slice(0, most);
  const bad = shown.filter(({status}) => toneOfRun(status) === 'down').length;
  return (
    <svg className="strip" viewBox={`0 0 ${most * 5} 18`} width={most * 5} height="18" role="img" aria-label={shown.length ? t.lastRuns(shown.length, bad) : t.noRuns}>
      {shown.map((run, back) => {
        const tone = toneOfRun(run.status);
        const tall = tone === 'ok' ? 6 : tone === 'idle' ? 3 : 16;
        return <rect key={run.id} className={`strip-run tone-${tone}`} x={(most - 1 - back) * 5} y={17 - tall} width={tone === 'ok' ? 2 : 4} height={tall} fill="currentColor" onClick={() => navigate(`/tests/run/${run.id}`)}><title>{`${statusText(run.status)}, ${new Date(run.started).toLocaleString(locale())}`}</title></rect>;
      })}
    </svg>
  );
}

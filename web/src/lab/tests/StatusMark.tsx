// What became of a case or a run, as glyph, colour and word; and the last runs as a strip, newest at the right.
import {useLocation} from 'wouter';
import type {CaseStatus, RunSummary} from '../types';

const words: Record<CaseStatus, [string, string]> = {passed: ['Passed', 'ok'], flaky: ['Flaky', 'warn'], failed: ['Failed', 'down'], error: ['Error', 'down'], skipped: ['Skipped', 'idle'], cancelled: ['Cancelled', 'idle'], running: ['Running', 'info'], interrupted: ['Interrupted', 'warn']};
const paths: Record<string, string> = {ok: 'M3 8.5l3.2 3.2L13 5', warn: 'M8 2.5l6 11H2z', down: 'M4 4l8 8m0-8l-8 8', idle: 'M3.5 8h9', info: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5'};

export const toneOfRun = (status: CaseStatus) => words[status]?.[1] ?? 'idle';
export function StatusMark({status}: {status: CaseStatus}) {
  const [word, tone] = words[status] ?? [status, 'idle'];
  return <span className={`badge tone-${tone}`} data-status={status}><svg className={`glyph tone-${tone}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={paths[tone]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" className={tone === 'info' ? 'spin' : undefined} /></svg>{word}</span>;
}

const most = 30;
export function RunStrip({runs}: {runs: RunSummary[]}) { // newest first
  const [, navigate] = useLocation();
  const shown = runs.slice(0, most);
  const bad = shown.filter(({status}) => toneOfRun(status) === 'down').length;
  return (
    <svg className="strip" viewBox={`0 0 ${most * 5} 18`} width={most * 5} height="18" role="img" aria-label={shown.length ? `The last ${shown.length} runs: ${bad} failed` : 'No runs'}>
      {shown.map((run, back) => {
        const tone = toneOfRun(run.status);
        const tall = tone === 'ok' ? 6 : tone === 'idle' ? 3 : 16;
        return <rect key={run.id} className={`strip-run tone-${tone}`} x={(most - 1 - back) * 5} y={17 - tall} width={tone === 'ok' ? 2 : 4} height={tall} fill="currentColor" onClick={() => navigate(`/tests/run/${run.id}`)}><title>{`${words[run.status]?.[0] ?? run.status}, ${new Date(run.started).toLocaleString()}`}</title></rect>;
      })}
    </svg>
  );
}

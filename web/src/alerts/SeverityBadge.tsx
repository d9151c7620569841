// How bad it is: glyph, colour and word.
import type {Severity} from './types';
import {severityTone, severityWord} from './words';

export function SeverityBadge({severity}: {severity: Severity}) {
  return (
    <span className={`badge tone-${severityTone[severity]} ${severity === 'critical' ? 'filled' : ''}`}>
      <svg className="glyph" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        {severity === 'critical' && <><rect x="2" y="2" width="12" height="12" rx="2" fill="currentColor" /><path d="M8 4.5v4.5M8 11.3v.4" stroke="var(--surface)" strokeWidth="1.8" strokeLinecap="round" /></>}
        {severity === 'warning' && <path d="M8 2l6.5 11.5h-13z" fill="currentColor" />}
        {severity === 'info' && <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />}
      </svg>
      {severityWord[severity]}
    </span>
  );
}

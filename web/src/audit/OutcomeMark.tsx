// How it ended: a glyph and a word, in the tone of the outcome.
import {type Outcome, outcomeTones, outcomeWords} from './entries';

const shapes: Record<Outcome, string> = {started: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5', ok: 'M3 8.5l3.2 3.2L13 5', failed: 'M4 4l8 8m0-8l-8 8', refused: 'M3.5 3.5h9v9h-9zM5 8h6'};

export const OutcomeMark = ({outcome}: {outcome: Outcome}) => <span className={`outcome tone-${outcomeTones[outcome] ?? 'idle'}`}><svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true"><path d={shapes[outcome] ?? ''} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" /></svg>{outcomeWords[outcome] ?? outcome}</span>;

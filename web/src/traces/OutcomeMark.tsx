// How a trace ended: a glyph and a word.
import {type Outcome, toneOf, wordOf} from './outcome';

const shapes: Record<Outcome, string> = {running: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5', done: 'M3 8.5l3.2 3.2L13 5', errors: 'M8 2.5l6 11H2zM8 7v3M8 11.8h.01', failed: 'M4 4l8 8m0-8l-8 8', canceled: 'M3 8h10'};

export const OutcomeMark = ({outcome}: {outcome: Outcome}) => <span className={`outcome tone-${toneOf[outcome]}`} data-outcome={outcome}><svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true"><path d={shapes[outcome]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" /></svg>{wordOf(outcome)}</span>;

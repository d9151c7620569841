// What the rooms of the lab have in common.
import {inLanguage} from '../language';

export const lab = {
  notYours: (title: string) => `${title} are not yours to see`,
  whoCanGive: (why: string) => `${why}. Whoever manages roles can give it.`,
  tryAgain: 'Try again',
  reading: 'Reading',
  passed: 'Passed',
  flaky: 'Flaky',
  failed: 'Failed',
  error: 'Error',
  skipped: 'Skipped',
  cancelled: 'Cancelled',
  running: 'Running',
  interrupted: 'Interrupted',
  lastRuns: (runs: number, failed: number) => `The last ${runs} runs: ${failed} failed`,
  noRuns: 'No runs',
};
export const t = inLanguage('lab', lab);

import type {lab as english} from '../en/lab';

export const lab: typeof english = {
  notYours: (title) => `${title} dürfen Sie nicht sehen`,
  whoCanGive: (why) => `${why}. Wer Rollen verwaltet, kann es Ihnen geben.`,
  tryAgain: 'Erneut versuchen',
  reading: 'Wird gelesen',
  passed: 'Bestanden',
  flaky: 'Unbeständig',
  failed: 'Fehlgeschlagen',
  error: 'Fehler',
  skipped: 'Übersprungen',
  cancelled: 'Abgebrochen',
  running: 'Läuft',
  interrupted: 'Unterbrochen',
  lastRuns: (runs, failed) => `Die letzten ${runs} Läufe: ${failed} fehlgeschlagen`,
  noRuns: 'Keine Läufe',
};

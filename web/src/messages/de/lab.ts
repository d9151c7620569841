import type {lab as english} from '../en/lab';

export const lab: typeof english = {
  notYours: (title) => `${title} dürfen Sie nicht sehen`,
  whoCanGive: (why) => `${why}. Wer Rollen verwaltet, kann es Ihnen geben.`,
  tryAgain: 'Erneut versuchen',
  reading: 'Wird gelesen',
};

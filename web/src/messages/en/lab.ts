// What the rooms of the lab have in common.
import {inLanguage} from '../language';

export const lab = {
  notYours: (title: string) => `${title} are not yours to see`,
  whoCanGive: (why: string) => `${why}. Whoever manages roles can give it.`,
  tryAgain: 'Try again',
  reading: 'Reading',
};
export const t = inLanguage('lab', lab);

// Of alerts what every page needs: the bell, how severe, what is over.
import {inLanguage} from '../language';

export const bell = {
  bell: (count: number, word: string, newest: string) => `${count} ${word}, the newest: ${newest}`,
  alertWord: 'alert',
  alertsWord: 'alerts',
  noAlerts: 'No alerts',
  isOver: 'It is over.',
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
};
export const t = inLanguage('bell', bell);

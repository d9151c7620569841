import type {bell as english} from '../en/bell';

export const bell: typeof english = {
  bell: (count, word, newest) => `${count} ${word}, der neueste: ${newest}`,
  alertWord: 'Alarm',
  alertsWord: 'Alarme',
  noAlerts: 'Keine Alarme',
  isOver: 'Es ist vorbei.',
  critical: 'Kritisch',
  warning: 'Warnung',
  info: 'Info',
};

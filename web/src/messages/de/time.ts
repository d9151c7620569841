import type {time as english} from '../en/time';

export const time: typeof english = {
  endAfter: 'Das Ende muss nach dem Anfang liegen.',
  leaveZoom: 'Zoom verlassen',
  rangeIs: (range) => `Zeitraum: ${range}`,
  presets: 'Vorgaben',
  from: 'Von',
  to: 'Bis',
  apply: 'Übernehmen',
  custom: 'Eigener Zeitraum',
  range: 'Zeitraum',
  last: (span) => `Letzte ${span}`,
};

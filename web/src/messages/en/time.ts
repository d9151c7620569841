// The range of time.
import {inLanguage} from '../language';

export const time = {
  endAfter: 'The end has to come after the beginning.',
  leaveZoom: 'Leave zoom',
  rangeIs: (range: string) => `Time range: ${range}`,
  presets: 'Presets',
  from: 'From',
  to: 'To',
  apply: 'Apply',
  custom: 'Custom range',
  range: 'Time range',
  last: (span: string) => `Last ${span}`,
};
export const t = inLanguage('time', time);

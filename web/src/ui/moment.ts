// Moments as the person wants them: in the zone of the browser or another (Settings, Appearance).
import {locale} from '../messages/language';
import {getPrefs} from './prefs';

const made = new Map<string, Intl.DateTimeFormat>();
function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zone = getPrefs().timeZone;
  const key = `${kind} ${zone} ${locale()}`;
  let one = made.get(key);
  if (!one) made.set(key, (one = new Intl.DateTimeFormat(locale(), {...options, timeZone: zone || undefined, hourCycle: 'h23'})));
  return one;
}
const two = '2-digit' as const;
export const clockText = (ms: number) => format('clock', {hour: two, minute: two, second: two, fractionalSecondDigits: 3}).format(ms).replace(',', '.');
export const minuteText = (ms: number) => format('minute', {hour: two, minute: two}).format(ms);
export const dayText = (ms: number) => format('day', {day: 'numeric', month: 'short'}).format(ms);
export const momentText = (ms: number) => format('moment', {day: 'numeric', month: 'short', year: 'numeric', hour: two, minute: two, second: two, timeZoneName: 'short'}).format(ms);

export function isZone(zone: string): boolean {
  try {
    return zone === '' || Boolean(new Intl.DateTimeFormat('en', {timeZone: zone}));
  } catch {
    return false;
  }
}

// What a rehearsal of a rule came to, in words.
import {t} from '../messages/en/alerts';
import {decimal} from '../ui/format';
import type {Rehearsal} from './types';

export function lasting(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `${decimal(seconds / 3600, seconds % 3600 === 0 ? 0 : 1)} h` : `${decimal(seconds / 86_400, seconds % 86_400 === 0 ? 0 : 1)} d`;
}

// "Would have fired 3 times in the last 7 days, 12 min in all, 5 min at most."
export function rehearsed({fired, total_s, longest_s, series, events, cut}: Rehearsal, range: string): string {
  const span = range === '1d' ? t.aDaySpan : range.endsWith('d') ? t.daysSpan(Number.parseInt(range, 10)) : t.hoursSpan(Number.parseInt(range, 10));
  const over = events > 0 ? t.eventCount(events) : t.seriesCount(series);
  const looked = cut ? t.onlyNewest(over) : t.lookedAtOver(over);
  if (fired === 0) return t.wouldNotHave(span, looked);
  const times = fired === 1 ? t.once : t.times(fired);
  return t.wouldHave(times, span, lasting(total_s), fired > 1 ? t.atMost(lasting(longest_s)) : '', looked);
}

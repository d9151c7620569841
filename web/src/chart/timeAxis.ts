// Ticks of a time axis that we draw ourselves: whole minutes, hours and days of this browser's time.
import {locale} from '../messages/language';

const widths = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map((seconds) => seconds * 1000);

export function timeTicks(from: number, to: number, most: number): {at: number; text: string}[] {
  const width = widths.find((one) => (to - from) / one <= Math.max(1, most)) ?? widths[widths.length - 1];
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const out: {at: number; text: string}[] = [];
  let day = '';
  for (let at = Math.ceil((from - offset) / width) * width + offset; at <= to; at += width) {
    const time = new Date(at);
    const date = time.toLocaleDateString(locale(), {day: 'numeric', month: 'short'});
    const clock = time.toLocaleTimeString(locale(), width < 60_000 ? undefined : {hour: '2-digit', minute: '2-digit'});
    out.push({at, text: width >= 86_400_000 || (day && date !== day) ? date : clock});
    day = date;
  }
  return out;
}

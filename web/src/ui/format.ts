// Numbers and times as people read them, and text from servers made safe to show.
import {currentLanguage, locale} from '../messages/language';
import {t} from '../messages/en/ui';

const house = /[,\u00a0\u202f]/g; // English keeps the spaces of the SI: 12 345.6
export function decimal(value: number, digits: number): string {
  const text = value.toLocaleString(locale(), {minimumFractionDigits: digits, maximumFractionDigits: digits});
  return currentLanguage() === 'en' ? text.replace(house, ' ') : text;
}
// Without spaces between thousands: for axes, and for what is put beside a unit.
const ungrouped = (value: number, options: Intl.NumberFormatOptions) => value.toLocaleString(locale(), {...options, useGrouping: false});
export const fixed = (value: number, digits: number) => (currentLanguage() === 'en' ? value.toFixed(digits) : ungrouped(value, {minimumFractionDigits: digits, maximumFractionDigits: digits}));
export const significant = (value: number, digits: number) => (currentLanguage() === 'en' ? value.toPrecision(digits) : ungrouped(value, {minimumSignificantDigits: digits, maximumSignificantDigits: digits}));
// As few digits as say it, three that count at most.
export const brief = (value: number) => (currentLanguage() === 'en' ? String(Number(value.toPrecision(3))) : ungrouped(value, {maximumSignificantDigits: 3}));
export const number = (value: number) => decimal(value, 0);

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value > 0 && value < 0.1) return `${Math.max(1, Math.round(value * 1000))} µs`;
  if (value < 10) return `${decimal(value, 1)} ms`;
  if (value < 10_000) return `${Math.round(value)} ms`;
  return `${decimal(value / 1000, 1)} s`;
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${decimal(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

export function ago(time: string | null | undefined, now = Date.now()): string {
  if (!time) return t.never;
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < 2) return t.now;
  if (seconds < 60) return t.secondsAgo(seconds);
  if (seconds < 3600) return t.minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return t.hoursAgo(Math.floor(seconds / 3600));
  return t.daysAgo(Math.floor(seconds / 86_400));
}

export const until = (time: string | null, now = Date.now()) => (time ? `${Math.max(0, Math.ceil((Date.parse(time) - now) / 1000))} s` : '');

// Control, escape and bidirectional override characters can make text lie about itself.
// oxlint-disable-next-line no-control-regex
const hostile = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
export const safe = (text: string) => text.replace(hostile, '');

export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

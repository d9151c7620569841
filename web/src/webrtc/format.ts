// Rates and positions as people read them.
import {fixed} from '../ui/format';

export function bitrate(bps: number | null | undefined): string {
  if (bps === null || bps === undefined || Number.isNaN(bps)) return '–';
  return bps >= 1e6 ? `${fixed(bps / 1e6, 2)} Mbit/s` : `${Math.round(bps / 1e3)} kbit/s`;
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}` : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

// How this browser tells of an alert: a notification of the system, where it was allowed, and a tone made here. What is heard and
// when is each person's own (prefs); whether browsers are told at all is the channel's.
import {t} from '../messages/en/bell';
import {getPrefs} from '../ui/prefs';
import {toast} from '../ui/toast';
import type {Alert, Severity} from './types';
import {isQuiet} from './words';

// Higher and twice for what is worse.
const tones: Record<Severity, number[]> = {info: [660], warning: [660, 880], critical: [880, 660, 880]};
let context: AudioContext | null = null;

export function play(severity: Severity, volume: number) {
  context ??= new AudioContext();
  void context.resume();
  const begin = context.currentTime + 0.02;
  tones[severity].forEach((frequency, turn) => {
    if (!context) return;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const at = begin + turn * 0.22;
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime((volume / 100) * 0.4, at + 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + 0.2);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.21);
  });
}

export const canNotify = () => typeof Notification !== 'undefined';

export function ring(alert: Alert & {event: string; title: string}, now = new Date()) {
  const {alertSound, alertVolume, alertQuietFrom, alertQuietTo, alertNotify} = getPrefs();
  const test = alert.event === 'test';
  if (!test && isQuiet(alertQuietFrom, alertQuietTo, now)) return;
  if (alertNotify && canNotify() && Notification.permission === 'granted') {
    // The alerts of one rule replace each other: the last one says it.
    const shown = new Notification(alert.title, {body: alert.resolved_at ? t.isOver : (alert.condition ?? ''), tag: `telltale-${alert.rule}`});
    shown.onclick = () => {
      window.focus();
      location.assign('/alerts');
    };
  } else if (document.visibilityState === 'visible') toast(alert.resolved_at ? 'ok' : alert.severity === 'critical' ? 'down' : 'info', alert.title);
  if (alertSound && !alert.resolved_at) play(alert.severity, alertVolume);
}

// An event of WebRTC as a line of the log.
import type {LiveEvent} from '../api/types';
import {t} from '../messages/en/connection';
import {renditionWord, stateWord} from '../messages/en/streams';
import {locale} from '../messages/language';
import {decisionWord, reasonWord, type Tone} from './lanes';
import type {Connection} from './types';

export interface RtcLine {seq: number; time: string; clock: string; id: string; source: string; what: string; text: string; tone: Tone}

const healthTones: Record<string, Tone> = {loss_began: 'warn', loss_ended: 'ok', froze: 'down', underrun: 'down', health_fell: 'down', health_rose: 'ok', decision: 'info', source_lost: 'down', source_retry: 'warn', source_back: 'ok', source_gone: 'down'};
const stateTones: Record<string, Tone> = {connected: 'ok', connecting: 'info', disconnected: 'warn', closed: 'idle'};

const kindWord = (kind: string) => (t.kinds as Record<string, string>)[kind] ?? kind.replaceAll('_', ' ');

export function lineOf(event: LiveEvent): RtcLine {
  const data = event.data as Record<string, unknown>;
  const word = (name: string) => (typeof data[name] === 'string' ? (data[name] as string) : '');
  const time = event.timestamp ?? '';
  const base = {seq: event.seq ?? 0, time, clock: time ? new Date(time).toLocaleTimeString(locale()) : '', id: word('connection_id'), source: ''};
  if (event.type === 'webrtc_health') {
    const kind = word('event_type');
    const failed = data.done === false;
    const text = kind === 'decision' ? `${decisionWord(word('decision'))}${word('reason') ? `: ${reasonWord(word('reason'))}` : ''}${failed ? t.notDone(word('detail')) : ''}` : word('sentence');
    return {...base, what: kindWord(kind), text, tone: failed ? 'warn' : (healthTones[kind] ?? 'info')};
  }
  const connection = data.connection as Connection | undefined;
  const kind = word('event');
  const state = connection?.state ?? '';
  const failed = connection?.error ?? '';
  const text = kind === 'switched' ? `${renditionWord(word('from')) || t.nothing} → ${renditionWord(word('to')) || t.nothing}: ${reasonWord(word('reason'))}`
    : failed || (state === 'closed' ? reasonWord(connection?.close_reason) : t.seen(connection?.source ?? '', renditionWord(connection?.quality ?? ''), connection?.actor ?? '', connection?.peer_address ?? '').trim());
  return {...base, source: connection?.source ?? '', what: kind === 'changed' ? stateWord(failed ? 'failed' : state) : kindWord(kind), text, tone: failed ? 'down' : kind === 'changed' ? (stateTones[state] ?? 'idle') : 'info'};
}

// A connection's state as glyph, colour and word: never colour alone.
import {t} from '../messages/en/streams';
import type {ConnectionState} from './types';

const tones: Record<ConnectionState | 'failed', string> = {new: 'idle', connecting: 'info', connected: 'ok', disconnected: 'warn', closed: 'idle', failed: 'down'};
const glyphs: Record<string, string> = {ok: 'M3 8.5l3.2 3.2L13 5', warn: 'M8 3l6 10.5H2z', down: 'M3 3h10v10H3zM5.5 5.5l5 5m0-5l-5 5', info: 'M8 2.5a5.5 5.5 0 0 1 5.5 5.5', idle: 'M5 4v8M11 4v8'};

export function StateWord({state, failed = false}: {state: ConnectionState; failed?: boolean}) {
  const word = failed ? 'failed' : state;
  const tone = tones[word];
  return <span className={`badge tone-${tone}`}><svg className={`glyph tone-${tone}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={glyphs[tone]} fill={tone === 'warn' ? 'currentColor' : 'none'} stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" /></svg>{t.states[word]}</span>;
}

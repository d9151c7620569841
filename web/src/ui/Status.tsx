// A state as glyph, colour and word: never colour alone.
import type {CircuitState, Status} from '../api/types';
import {t} from '../messages/en/ui';

export const statusWord: Record<Status, string> = {get healthy() { return t.healthy; }, get degraded() { return t.degraded; }, get disconnected() { return t.down; }, get circuit_open() { return t.circuitOpen; }, get starting() { return t.starting; }, get stopped() { return t.stopped; }, get disabled() { return t.disabled; }};
export const toneOf: Record<Status, string> = {healthy: 'ok', degraded: 'warn', disconnected: 'down', circuit_open: 'warn', starting: 'info', stopped: 'idle', disabled: 'idle'};

export function Glyph({status}: {status: Status}) {
  const tone = `glyph tone-${toneOf[status]}`;
  return (
    <svg className={tone} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      {status === 'healthy' && <path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />}
      {status === 'degraded' && <path d="M8 2l6.5 11.5h-13z" fill="currentColor" />}
      {status === 'disconnected' && (<><rect x="2" y="2" width="12" height="12" rx="2" fill="currentColor" /><path d="M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4" stroke="var(--surface)" strokeWidth="1.6" /></>)}
      {status === 'circuit_open' && <path d="M13.5 6A6 6 0 1 0 14 8.8M10 3.2" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="9 3" />}
      {status === 'starting' && <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" className="spin" />}
      {status === 'stopped' && <path d="M5 3v10M11 3v10" stroke="currentColor" strokeWidth="2" />}
      {status === 'disabled' && (<><circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.6" /><path d="M4.2 11.8l7.6-7.6" stroke="currentColor" strokeWidth="1.6" /></>)}
    </svg>
  );
}

export function StatusBadge({status}: {status: Status}) {
  return <span className={`badge tone-${toneOf[status]} ${status === 'disconnected' || status === 'degraded' ? 'filled' : ''}`}><Glyph status={status} />{statusWord[status]}</span>;
}

const circuitWord: Record<CircuitState, string> = {get closed() { return t.closed; }, get open() { return t.open; }, get half_open() { return t.halfOpen; }};
export function CircuitBadge({state}: {state: CircuitState}) {
  return (
    <span className={`badge tone-${state === 'closed' ? 'quiet' : 'warn'}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={state === 'closed' ? 'M1 8h14' : state === 'open' ? 'M1 8h5l4-4M11 8h4' : 'M1 8h5l4-2M11 8h4'} fill="none" stroke="currentColor" strokeWidth="1.6" /></svg>
      {circuitWord[state]}
    </span>
  );
}

// The list of connections as people read it: one flat row of each, made once per change of it; filtered, sorted, worst first.
import {renditionWord, stateWord} from '../messages/en/streams';
import type {Connection, ConnectionState} from './types';

export interface Row {
  id: string; connection: Connection; state: ConnectionState; failed: boolean; open: boolean; health: number | null; score: number | null; sentence: string; source: string; rendition: string;
  rate: number | null; loss: number | null; trip: number | null; jitter: number | null; fps: number | null; buffer: number | null; size: string; actor: string; peer: string; since: number; text: string;
}
export type Column = 'state' | 'health' | 'score' | 'id' | 'source' | 'rendition' | 'rate' | 'loss' | 'trip' | 'jitter' | 'fps' | 'buffer' | 'actor' | 'peer' | 'since';
export interface Sort {by: Column | 'worst'; down: boolean}

const made = new WeakMap<Connection, Row>(); // the store puts a new object in place of one that changed

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

export function rowOf(connection: Connection): Row {
  const known = made.get(connection);
  if (known) return known;
  const {stats, scores, client} = connection;
  const open = connection.state !== 'closed';
  const heard = stats.remoteInboundRtp.find((one) => one.kind === 'video') ?? stats.remoteInboundRtp[0];
  const received = stats.inboundRtp?.find((one) => one.kind === 'video') ?? stats.inboundRtp?.[0];
  const sent = stats.outboundRtp?.find((one) => one.kind === 'video');
  // As the monitor reckons them, so that list, scores and timeline say the same.
  const trips = [stats.bandwidth.roundTripTime, stats.candidatePair.currentRoundTripTime, heard?.roundTripTime].map(number).filter((one): one is number => one !== null && one > 0);
  const seconds = trips.length > 0 ? Math.max(...trips) : null;
  const fractions = [stats.bandwidth.loss, ...stats.remoteInboundRtp.map((one) => one.fractionLost)].map(number).filter((one): one is number => one !== null);
  const jitter = number(heard?.jitter) ?? number(received?.jitter);
  const row: Row = {
    id: connection.id, connection, state: connection.state, failed: Boolean(connection.error), open, health: open ? (scores?.health ?? null) : null, score: open ? (scores?.quality ?? null) : null,
    sentence: connection.error ?? (open ? (scores?.sentence ?? '') : (connection.close_reason ?? '')), source: connection.source, rendition: connection.rendition,
    rate: open ? number(connection.rate_bps) : null, loss: stats.remoteInboundRtp.length === 0 ? null : 100 * Math.max(...fractions), trip: seconds === null ? null : seconds * 1000, jitter: jitter === null ? null : jitter * 1000,
    fps: open ? (number(client?.frames_per_second) ?? number(sent?.framesPerSecond)) : null, buffer: open ? number(client?.jitter_buffer_ms) : null, size: sent?.frameWidth ? `${sent.frameWidth} × ${sent.frameHeight}` : '',
    actor: connection.actor, peer: connection.peer_address, since: Date.parse(connection.created_at),
    text: `${connection.id} ${connection.source} ${connection.actor} ${connection.peer_address} ${connection.error ? 'failed' : connection.state} ${connection.role} ${connection.rendition}`.toLowerCase(),
  };
  made.set(connection, row);
  return row;
}

// All words must occur, also in the language shown: a row outlives a change of it.
export function matches(row: Row, words: string[], state: string): boolean {
  if (state === 'failed' ? !row.failed : state !== '' && row.state !== state && !(state === 'connecting' && row.state === 'new')) return false;
  const here = `${stateWord(row.failed ? 'failed' : row.state)} ${renditionWord(row.rendition)}`.toLowerCase();
  return words.every((word) => row.text.includes(word) || here.includes(word));
}
export const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

const stateRank: Record<ConnectionState, number> = {disconnected: 0, connecting: 1, new: 1, connected: 2, closed: 3};
// Open ones by health; what has no score yet after those that are unwell; then what ended, the last first.
export function worstFirst(a: Row, b: Row): number {
  if (a.open !== b.open) return a.open ? -1 : 1;
  if (a.open) return (a.health ?? 79) - (b.health ?? 79) || stateRank[a.state] - stateRank[b.state] || (b.loss ?? 0) - (a.loss ?? 0) || a.since - b.since || (a.id < b.id ? -1 : 1);
  return b.since - a.since || (a.id < b.id ? 1 : -1);
}

const keys: Record<Column, (row: Row) => number | string | null> = {
  state: (row) => (row.failed ? 4 : stateRank[row.state]), health: (row) => row.health, score: (row) => row.score, id: (row) => row.id, source: (row) => row.source.toLowerCase(), rendition: (row) => row.rendition || null,
  rate: (row) => row.rate, loss: (row) => row.loss, trip: (row) => row.trip, jitter: (row) => row.jitter, fps: (row) => row.fps, buffer: (row) => row.buffer, actor: (row) => row.actor.toLowerCase(), peer: (row) => row.peer, since: (row) => row.since,
};
// What was not measured is last in either direction; equals stay worst first.
export function comparer({by, down}: Sort): (a: Row, b: Row) => number {
  if (by === 'worst') return worstFirst;
  const key = keys[by];
  const sign = down ? -1 : 1;
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    if (left === null || right === null) return Number(left === null) - Number(right === null) || worstFirst(a, b);
    return (left < right ? -sign : left > right ? sign : 0) || worstFirst(a, b);
  };
}

export function rowsOf(connections: Iterable<Connection>, query: string, state: string, sort: Sort): Row[] {
  const words = wordsOf(query);
  const out: Row[] = [];
  for (const connection of connections) {
    const row = rowOf(connection);
    if (matches(row, words, state)) out.push(row);
  }
  return out.sort(comparer(sort));
}

// The column in the address: `loss` up, `-loss` down, nothing for worst first.
export function sortOf(text: string | null): Sort {
  const by = (text ?? '').replace(/^-/, '');
  return by in keys ? {by: by as Column, down: text?.startsWith('-') ?? false} : {by: 'worst', down: false};
}
// First what is worth seeing, then the other way round, then worst first again.
const downFirst: Column[] = ['rate', 'loss', 'trip', 'jitter', 'fps', 'buffer', 'since'];
export function nextSort(now: Sort, column: Column): string {
  const first = downFirst.includes(column);
  if (now.by !== column) return first ? `-${column}` : column;
  return now.down === first ? (first ? column : `-${column}`) : '';
}

export const toneOfHealth = (health: number | null) => (health === null ? 'idle' : health < 50 ? 'down' : health < 80 ? 'warn' : 'ok');

// What the log viewer and its worker say to each other.
import type {LogLine} from '../api/types';

export const levels = ['debug', 'info', 'notice', 'warning', 'error'] as const;
export interface LogFilter {levels: string[]; servers: string[]; text: string; regular: boolean} // empty lists: all
export const noLogFilter: LogFilter = {levels: [], servers: [], text: '', regular: false};
export interface Row {server: string; seq: number; time: number; stream: string; level: string; text: string}
export interface Histogram {from: number; to: number; all: number[]; warnings: number[]; errors: number[]}
export interface State {
  turn: number; // of the filter
  base: number; // the absolute row of the first line that fits
  count: number; // lines that fit, of those looked at
  total: number; // lines held
  bytes: number;
  levels: number[]; // lines of each level that fit but for the level
  done: boolean; // every line was looked at
  tookMs: number; // from the filter to the last line
  fault: string; // the expression is none
  full: boolean; // no more are held: the oldest go
}
export interface Tail {from: number; rows: Row[]} // from an absolute row to the last
export type Request =
  | {kind: 'append'; lines: LogLine[]}
  | {kind: 'older' | 'newer'; text: string; id: number} // an answer of /api/logs as it came
  | {kind: 'filter'; turn: number; filter: LogFilter}
  | {kind: 'rows'; turn: number; from: number; to: number}
  | {kind: 'follow'; rows: number} // so many of the newest come with each state; 0: none
  | {kind: 'drawn'} // the last state is on the screen: the next may come
  | {kind: 'histogram'; buckets: number}
  | {kind: 'row_at'; id: number; time: number}
  | {kind: 'row_of'; id: number; server: string; seq: number}
  | {kind: 'context'; id: number; server: string; seq: number; around: number}
  | {kind: 'text'; id: number; most: number};
export type Reply =
  | {kind: 'state'; state: State; tail?: Tail}
  | {kind: 'rows'; turn: number; from: number; rows: Row[]}
  | {kind: 'histogram'; histogram: Histogram | null}
  | {kind: 'answer'; id: number; value: unknown};

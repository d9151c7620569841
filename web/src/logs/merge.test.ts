import {describe, expect, it} from 'vitest';
import type {LogLine} from '../api/types';
import {merged} from './merge';

const line = (server: string, log_seq: number, time: string): LogLine => ({server, log_seq, time, stream: 'stderr', level: 'info', message: `${server} ${log_seq}`});

describe('merged', () => {
  it('has each line once, in the order of time', () => {
    const a1 = line('a', 1, '2026-01-01T00:00:01.000Z'), a2 = line('a', 2, '2026-01-01T00:00:03.000Z'), b1 = line('b', 1, '2026-01-01T00:00:02.000Z'), a3 = line('a', 3, '2026-01-01T00:00:03.000Z');
    expect(merged([a1, a2, b1], [a2, a3]).map((one) => one.message)).toEqual(['a 1', 'b 1', 'a 2', 'a 3']);
  });
  it('is what arrived when nothing was there', () => {
    const live = [line('a', 1, '2026-01-01T00:00:01.000Z')];
    expect(merged([], live)).toBe(live);
  });
});

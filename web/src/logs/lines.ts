// Every line the viewer holds, up to a million: newest at the end, older ones put before them. A filter is worked off in slices from
// the newest block to the oldest, so that what one looks at is right first. Lives in a worker; knows nothing of it.
import type {LogLine} from '../api/types';
import {Block, blockLines, Names, type Test} from './block';
import {type Histogram, levels, type LogFilter, noLogFilter, type Row, type State} from './types';

export const mostLines = 1_000_000;
export const mostBytes = 320 * 1024 * 1024;

export class Lines {
  private blocks: Block[] = []; // oldest first
  private servers = new Names();
  private streams = new Names();
  private ranges = new Map<string, [number, number]>(); // of each server: the numbers that are here
  private filter: LogFilter = noLogFilter;
  private test: Test = {level: null, server: null, needle: '', pattern: null};
  private oldestScanned = 0; // every block from here on has been looked at
  private begun = 0;
  private tookMs = 0;
  private fault = '';
  turn = 0;
  base = 0;
  total = 0;
  bytes = 0;
  full = false;

  constructor(private now: () => number = () => performance.now(), private most = mostLines) {}

  private known({server, log_seq}: LogLine): boolean {
    const range = this.ranges.get(server);
    return range !== undefined && log_seq >= range[0] && log_seq <= range[1];
  }
  private remember({server, log_seq}: LogLine) {
    const range = this.ranges.get(server);
    if (!range) this.ranges.set(server, [log_seq, log_seq]);
    else if (log_seq < range[0]) range[0] = log_seq;
    else if (log_seq > range[1]) range[1] = log_seq;
  }

  // Lines as they arrive; one that is here already is left out. How many were not.
  append(lines: LogLine[]): number {
    let fresh = 0;
    for (const line of lines) {
      if (this.known(line)) continue;
      this.remember(line);
      fresh++;
      let last = this.blocks.at(-1);
      if (!last || last.full || last.sealed) {
        if (last && !last.sealed) this.seal(last);
        last = new Block();
        last.scanned = true;
        this.blocks.push(last);
      }
      const from = last.count;
      last.push(line, this.servers, this.streams);
      this.newServer(line.server);
      if (this.blocks.length - 1 >= this.oldestScanned) last.scan(this.test, from);
      this.total++;
    }
    while (this.total > this.most || this.heldBytes() > mostBytes) {
      this.full = true;
      this.drop();
    }
    return fresh;
  }
  // Older lines than any that are here, oldest first.
  prepend(lines: LogLine[]) {
    const fresh = lines.filter((line) => !this.known(line));
    if (this.total + fresh.length > this.most || this.heldBytes() > mostBytes) {
      this.full = true;
      return;
    }
    const made: Block[] = [];
    for (let at = fresh.length; at > 0; at -= blockLines) {
      const block = new Block();
      for (const line of fresh.slice(Math.max(0, at - blockLines), at)) {
        block.push(line, this.servers, this.streams);
        this.remember(line);
        this.newServer(line.server);
      }
      this.seal(block);
      made.unshift(block);
    }
    this.blocks.unshift(...made);
    this.oldestScanned += made.length;
    this.total += fresh.length;
  }
  private newServer(name: string) {
    const place = this.servers.of(name);
    if (this.test.server && this.test.server[place] === undefined) this.test.server[place] = this.filter.servers.includes(name);
  }
  private seal(block: Block) {
    block.seal();
    this.bytes += block.bytes + block.time.length * 20;
  }
  private heldBytes() {
    const last = this.blocks.at(-1);
    return this.bytes + (last && !last.sealed ? last.bytes : 0);
  }
  private drop() {
    const block = this.blocks.shift();
    if (!block) return;
    this.total -= block.count;
    this.bytes -= block.bytes + block.time.length * 20;
    if (this.oldestScanned > 0) this.oldestScanned--;
    else this.base += block.matched;
  }

  setFilter(filter: LogFilter, turn: number) {
    this.filter = filter;
    this.turn = turn;
    this.fault = '';
    let pattern: RegExp | null = null;
    if (filter.regular && filter.text) {
      try {
        pattern = new RegExp(filter.text, 'i');
      } catch (error) {
        this.fault = (error as Error).message.replace(/^Invalid regular expression: /, '');
        pattern = /(?!)/; // nothing
      }
    }
    this.test = {
      level: filter.levels.length > 0 ? levels.map((level) => filter.levels.includes(level)) : null,
      server: filter.servers.length > 0 ? this.servers.list.map((name) => filter.servers.includes(name)) : null,
      needle: filter.regular ? '' : filter.text.toLowerCase(),
      pattern,
    };
    for (const block of this.blocks) {
      block.scanned = false;
      block.matched = 0;
      block.matches = null;
      block.levelCounts.fill(0);
    }
    this.oldestScanned = this.blocks.length;
    this.base = 0;
    this.begun = this.now();
  }
  // Looks at blocks for about so long; false: all has been looked at.
  work(budgetMs: number): boolean {
    const until = this.now() + budgetMs;
    while (this.oldestScanned > 0) {
      const block = this.blocks[--this.oldestScanned];
      block.scan(this.test);
      this.base -= block.matched;
      if (this.now() >= until) break;
    }
    if (this.oldestScanned === 0 && this.begun > 0) {
      this.tookMs = this.now() - this.begun;
      this.begun = 0;
    }
    return this.oldestScanned > 0;
  }
  private get scanned() {
    return this.blocks.slice(this.oldestScanned);
  }
  get count() {
    let sum = 0;
    for (let at = this.oldestScanned; at < this.blocks.length; at++) sum += this.blocks[at].matched;
    return sum;
  }
  state(): State {
    const counts = levels.map(() => 0);
    for (const block of this.scanned) block.levelCounts.forEach((count, level) => { counts[level] += count; });
    return {turn: this.turn, base: this.base, count: this.count, total: this.total, bytes: this.heldBytes(), levels: counts, done: this.oldestScanned === 0, tookMs: this.tookMs, fault: this.fault, full: this.full};
  }

  // The rows from an absolute number up to another.
  rows(from: number, to: number): Row[] {
    const out: Row[] = [];
    let first = this.base;
    for (let at = this.oldestScanned; at < this.blocks.length && first < to; at++) {
      const block = this.blocks[at];
      const begin = Math.max(0, from - first);
      const end = Math.min(block.matched, to - first);
      if (begin < end) {
        const texts = block.texts();
        for (let index = begin; index < end; index++) out.push(block.row(block.place(index), texts, this.servers, this.streams));
      }
      first += block.matched;
    }
    return out;
  }

  private each(look: (block: Block, place: number, row: number) => boolean | void) {
    let row = this.base;
    for (let at = this.oldestScanned; at < this.blocks.length; at++) {
      const block = this.blocks[at];
      for (let index = 0; index < block.matched; index++, row++) if (look(block, block.place(index), row)) return;
    }
  }
  // The first row that is not before a moment; the last one where all are.
  rowAt(time: number): number {
    let found = Math.max(this.base, this.base + this.count - 1);
    this.each((block, place, row) => {
      if (block.time[place] < time) return false;
      found = row;
      return true;
    });
    return found;
  }
  rowOf(server: string, seq: number): number | null {
    const name = this.servers.of(server);
    let found: number | null = null;
    this.each((block, place, row) => {
      if (block.seq[place] !== seq || block.server[place] !== name) return false;
      found = row;
      return true;
    });
    return found;
  }
  // The lines around one, whatever the filter; null where it is not held.
  context(server: string, seq: number, around: number): Row[] | null {
    const name = this.servers.of(server);
    for (let at = 0; at < this.blocks.length; at++) {
      const block = this.blocks[at];
      for (let place = 0; place < block.count; place++) {
        if (block.seq[place] !== seq || block.server[place] !== name) continue;
        const out: Row[] = [];
        const near = this.blocks.slice(Math.max(0, at - 1), at + 2);
        let index = place + (at > 0 ? near[0].count : 0);
        const from = index - around;
        const to = index + around;
        index = 0;
        for (const one of near) {
          const texts = one.texts();
          for (let local = 0; local < one.count; local++, index++) if (index >= from && index <= to) out.push(one.row(local, texts, this.servers, this.streams));
        }
        return out;
      }
    }
    return null;
  }
  histogram(buckets: number): Histogram | null {
    let from = Infinity;
    let to = -Infinity;
    this.each((block, place) => {
      const time = block.time[place];
      if (time < from) from = time;
      if (time > to) to = time;
    });
    if (!(from <= to)) return null;
    const step = Math.max(1, to - from + 1) / buckets;
    const bins = () => Array.from<number>({length: buckets}).fill(0);
    const out: Histogram = {from, to: to + 1, all: bins(), warnings: bins(), errors: bins()};
    this.each((block, place) => {
      const bin = Math.min(buckets - 1, Math.floor((block.time[place] - from) / step));
      out.all[bin]++;
      if (block.level[place] === 3) out.warnings[bin]++;
      else if (block.level[place] === 4) out.errors[bin]++;
    });
    return out;
  }
}

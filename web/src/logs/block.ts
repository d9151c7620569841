// Up to 2,048 lines in compact form: numbers in typed arrays, the text of all lines in one UTF-8 buffer once the block is full.
// What fits the filter is a list of places in it.
import type {LogLine} from '../api/types';
import {levels, type Row} from './types';

export const blockLines = 2048;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const breakMark = '\u001e'; // stands for a line break within a message
const pack = (text: string) => (text.includes('\n') ? text.replaceAll('\n', breakMark) : text);
const unpack = (text: string) => (text.includes(breakMark) ? text.replaceAll(breakMark, '\n') : text);

// Names as small numbers.
export class Names {
  list: string[] = [];
  private places = new Map<string, number>();
  of(name: string): number {
    let place = this.places.get(name);
    if (place === undefined) {
      this.places.set(name, (place = this.list.length));
      this.list.push(name);
    }
    return place;
  }
}

export interface Test {level: boolean[] | null; server: boolean[] | null; needle: string; pattern: RegExp | null}

export class Block {
  count = 0;
  bytes = 0;
  scanned = false;
  matched = 0;
  matches: Uint16Array | null = null; // null: all of them
  levelCounts = new Uint32Array(levels.length);
  time = new Float64Array(blockLines);
  seq = new Float64Array(blockLines);
  level = new Uint8Array(blockLines);
  server = new Uint16Array(blockLines);
  stream = new Uint8Array(blockLines);
  private open: string[] | null = [];
  private packed: Uint8Array | null = null;

  get full() {
    return this.count === blockLines;
  }
  get sealed() {
    return this.open === null;
  }
  push(line: LogLine, servers: Names, streams: Names) {
    const at = this.count++;
    const text = pack(line.message);
    this.open?.push(text);
    this.bytes += text.length + 1;
    this.time[at] = Date.parse(line.time);
    this.seq[at] = line.log_seq;
    const level = levels.indexOf(line.level as (typeof levels)[number]);
    this.level[at] = level < 0 ? 1 : level;
    this.server[at] = servers.of(line.server);
    this.stream[at] = streams.of(line.stream);
  }
  // No line comes any more: the text becomes one buffer, the arrays as long as they have to be.
  seal() {
    if (!this.open) return;
    this.packed = encoder.encode(this.open.join('\n'));
    this.bytes = this.packed.length;
    this.open = null;
    if (this.count === blockLines) return;
    this.time = this.time.slice(0, this.count);
    this.seq = this.seq.slice(0, this.count);
    this.level = this.level.slice(0, this.count);
    this.server = this.server.slice(0, this.count);
    this.stream = this.stream.slice(0, this.count);
  }
  whole(): string {
    return this.packed ? decoder.decode(this.packed) : (this.open as string[]).join('\n');
  }
  texts(): string[] {
    return this.open ?? this.whole().split('\n');
  }
  row(at: number, texts: string[], servers: Names, streams: Names): Row {
    return {server: servers.list[this.server[at]], seq: this.seq[at], time: this.time[at], stream: streams.list[this.stream[at]], level: levels[this.level[at]], text: unpack(texts[at])};
  }

  // Looks at every line from `from` on; what was found before stays.
  scan(test: Test, from = 0) {
    if (from === 0) {
      this.matched = 0;
      this.levelCounts.fill(0);
      this.matches = null;
    }
    this.scanned = true;
    const plain = !test.level && !test.server && !test.needle && !test.pattern;
    if (plain) {
      for (let at = from; at < this.count; at++) this.levelCounts[this.level[at]]++;
      this.matched = this.count;
      return;
    }
    const found = this.matches ?? new Uint16Array(this.open ? blockLines : this.count);
    let matched = this.matched;
    const take = (at: number) => {
      if (test.server && !test.server[this.server[at]]) return;
      this.levelCounts[this.level[at]]++;
      if (!test.level || test.level[this.level[at]]) found[matched++] = at;
    };
    if (test.pattern) {
      const texts = this.texts();
      for (let at = from; at < this.count; at++) if (test.pattern.test(texts[at])) take(at);
    } else if (test.needle && !this.open) {
      // The text of the block is searched at once; which line it is comes from the breaks before it.
      const text = this.whole().toLowerCase();
      let line = 0;
      let end = -1;
      for (let place = text.indexOf(test.needle); place >= 0; ) {
        for (;;) {
          end = text.indexOf('\n', end < 0 ? 0 : end);
          if (end < 0 || end > place) break;
          line++;
          end++;
        }
        take(line);
        if (end < 0) break;
        place = text.indexOf(test.needle, end);
      }
    } else if (test.needle) {
      const texts = this.texts();
      for (let at = from; at < this.count; at++) if (texts[at].toLowerCase().includes(test.needle)) take(at);
    } else for (let at = from; at < this.count; at++) take(at);
    this.matches = this.open ? found : found.slice(0, matched);
    this.matched = matched;
  }
  place(index: number): number {
    return this.matches ? this.matches[index] : index;
  }
}

// The worker of the log viewer: holds the lines, parses, filters and searches them, so that the page never stands still.
import type {LogLine} from '../api/types';
import {Lines} from './lines';
import type {Reply, Request} from './types';

const sliceMs = 12;
const tellMs = 33; // a first line is told at once; where many come the page draws thirty times a second, or as often as it can
const lines = new Lines();
const post = (reply: Reply) => (self as unknown as {postMessage(message: unknown): void}).postMessage(reply);
const next = new MessageChannel();
let working = false;
let telling: ReturnType<typeof setTimeout> | undefined;
let told = 0;
let drawn = true; // what was told last
let due = false; // there is more, and the page has not drawn yet
let followed = 0;

const tell = () => {
  clearTimeout(telling);
  telling = undefined;
  told = performance.now();
  drawn = due = false;
  const state = lines.state();
  const [from, end] = [Math.max(state.base, state.base + state.count - followed), state.base + state.count];
  post({kind: 'state', state, ...(followed > 0 && {tail: {from, rows: lines.rows(from, end)}})});
};
const tellSoon = () => {
  due = !drawn;
  if (due) return;
  const left = told + tellMs - performance.now();
  if (left <= 0) tell();
  else telling ??= setTimeout(tell, left);
};

// One slice, then what the page asked meanwhile.
next.port1.onmessage = () => {
  working = lines.work(sliceMs);
  if (working) {
    tellSoon();
    next.port2.postMessage(null);
  } else tell();
};
const work = () => {
  if (working) return;
  working = true;
  next.port2.postMessage(null);
};

interface Read {items: LogLine[]; older: string | null; newer: string | null}
function older(text: string) {
  const page = JSON.parse(text) as Read;
  lines.prepend(page.items);
  work();
  return {count: page.items.length, cursor: page.items.length > 0 ? page.older : null, newest: page.items.at(-1) ?? null};
}
function newer(text: string) {
  const page = JSON.parse(text) as Read;
  lines.append(page.items);
  tellSoon();
  return {count: page.items.length, cursor: page.newer, newest: page.items.at(-1) ?? null};
}

function answer(request: Request): unknown {
  switch (request.kind) {
    case 'older': return older(request.text);
    case 'newer': return newer(request.text);
    case 'row_at': return lines.rowAt(request.time);
    case 'row_of': return lines.rowOf(request.server, request.seq);
    case 'context': return lines.context(request.server, request.seq, request.around);
    case 'text': return lines.rows(lines.base, lines.base + Math.min(lines.count, request.most)).map((row) => `${new Date(row.time).toISOString()} ${row.level} ${row.server} ${row.stream} ${row.text}`).join('\n');
  }
  return undefined;
}

self.onmessage = ({data}: MessageEvent<Request>) => {
  switch (data.kind) {
    case 'append':
      lines.append(data.lines);
      tellSoon();
      break;
    case 'filter':
      lines.setFilter(data.filter, data.turn);
      work();
      break;
    case 'follow': followed = data.rows; break;
    case 'drawn':
      drawn = true;
      if (due) tellSoon();
      break;
    case 'rows': post({kind: 'rows', turn: data.turn, from: data.from, rows: data.turn === lines.turn ? lines.rows(data.from, data.to) : []}); break;
    case 'histogram': post({kind: 'histogram', histogram: lines.histogram(data.buckets)}); break;
    default: post({kind: 'answer', id: data.id, value: answer(data)});
  }
};

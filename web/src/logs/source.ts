// The lines as the page sees them: the worker's state, the rows around those in view, and questions to it. A worker that does not
// answer for long (an expression that never ends) is ended, and a new one begins without the expression.
import type {LogLine} from '../api/types';
import {workerUrl} from '../app/workers';
import {t} from '../messages/en/logs';
import workerAddress from './worker?worker&url';
import {type Histogram, type LogFilter, noLogFilter, type Reply, type Request, type Row, type State} from './types';

const ahead = 200; // rows read around those in view
const tailRows = 120; // a high screen full: those that are seen while the newest are followed
const patienceMs = 6000;

type Asking = Request extends infer R ? (R extends {id: number} ? Omit<R, 'id'> : never) : never;

export class LogSource {
  state: State = {turn: 0, base: 0, count: 0, total: 0, bytes: 0, levels: [0, 0, 0, 0, 0], done: true, tookMs: 0, fault: '', full: false};
  histogram: Histogram | null = null;
  failure = '';
  version = 0;
  private worker: Worker;
  private listeners = new Set<() => void>();
  private cached: {from: number; rows: Row[]} = {from: 0, rows: []};
  private asked: [number, number] | null = null;
  private waiting = new Map<number, (value: unknown) => void>();
  private nextId = 1;
  private turn = 0;
  private followed = false;
  private live: LogLine[] = [];
  private liveTimer = 0;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private histogramTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private onStuck: () => void = () => undefined) {
    this.worker = this.begin();
  }
  private begin(): Worker {
    const worker = new Worker(workerUrl(new URL(workerAddress, location.href)) as URL, {type: 'module'});
    worker.onmessage = ({data}: MessageEvent<Reply>) => this.receive(data);
    worker.onerror = (event) => {
      this.failure = event.message || t.noProgram;
      this.changed();
    };
    return worker;
  }
  close() {
    clearTimeout(this.watch);
    clearTimeout(this.histogramTimer);
    cancelAnimationFrame(this.liveTimer);
    this.worker.terminate();
  }
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private changed() {
    this.version++;
    for (const listener of this.listeners) listener();
  }
  private send(request: Request) {
    this.worker.postMessage(request);
  }
  ask<T>(request: Asking): Promise<T> {
    const id = this.nextId++;
    return new Promise((done) => {
      this.waiting.set(id, done as (value: unknown) => void);
      this.send({...request, id} as Request);
    });
  }

  // Lines as they arrive go to the worker once a frame; in a hidden page, where no frame comes, by their number.
  append(line: LogLine) {
    this.live.push(line);
    if (this.live.length >= 2000) this.flush();
    else this.liveTimer ||= requestAnimationFrame(() => this.flush());
  }
  private flush() {
    cancelAnimationFrame(this.liveTimer);
    this.liveTimer = 0;
    this.send({kind: 'append', lines: this.live.splice(0)});
  }

  // The newest rows come with each state: what is followed is drawn once, with no question between.
  follow(followed: boolean) {
    if (followed === this.followed) return;
    this.followed = followed;
    this.send({kind: 'follow', rows: followed ? tailRows : 0});
  }
  setFilter(filter: LogFilter) {
    this.turn++;
    this.asked = null;
    this.send({kind: 'filter', turn: this.turn, filter});
    clearTimeout(this.watch);
    if (filter.regular && filter.text) this.expect();
  }
  // Something has to come from a worker that works.
  private expect() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      this.worker.terminate();
      this.worker = this.begin();
      if (this.followed) this.send({kind: 'follow', rows: tailRows});
      this.turn++;
      this.send({kind: 'filter', turn: this.turn, filter: noLogFilter});
      this.waiting.clear();
      this.asked = null;
      this.cached = {from: 0, rows: []};
      this.onStuck();
    }, patienceMs);
  }

  private receive(reply: Reply) {
    if (reply.kind === 'state') {
      requestAnimationFrame(() => this.send({kind: 'drawn'}));
      if (reply.state.turn < this.turn) return;
      if (reply.state.turn !== this.state.turn) this.cached = {from: 0, rows: []};
      this.state = reply.state;
      if (reply.tail && this.followed) this.cached = reply.tail;
      if (reply.state.done) clearTimeout(this.watch);
      else if (this.watch) this.expect();
      this.histogramTimer ??= setTimeout(() => { this.histogramTimer = undefined; this.send({kind: 'histogram', buckets: 120}); }, 250);
    } else if (reply.kind === 'rows') {
      if (reply.turn !== this.turn) return;
      this.asked = null;
      this.cached = {from: reply.from, rows: reply.rows};
    } else if (reply.kind === 'histogram') this.histogram = reply.histogram;
    else {
      this.waiting.get(reply.id)?.(reply.value);
      this.waiting.delete(reply.id);
      return;
    }
    this.changed();
  }

  row(number: number): Row | undefined {
    return this.cached.rows[number - this.cached.from];
  }
  // The rows that are drawn: those that are not here, or soon are not, are read.
  need(first: number, last: number) {
    const {base, count} = this.state;
    const from = Math.max(base, first - ahead);
    const to = Math.min(base + count, last + ahead);
    const here = this.cached;
    const end = here.from + here.rows.length;
    const margin = this.followed ? 0 : ahead / 2;
    if (here.from <= Math.max(base, first - margin) && end >= Math.min(base + count, last + margin)) return;
    if (this.asked && this.asked[0] <= first && this.asked[1] >= last) return;
    this.asked = [from, to];
    this.send({kind: 'rows', turn: this.turn, from, to});
  }
}

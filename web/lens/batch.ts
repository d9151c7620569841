// What waits for the hub: samples of each connection, bounded; reports made of them that fit one request; and when to try again.
import type {Stat} from './compact';

export interface Sample {
  at: number;
  state: string;
  stats: Stat[];
}
interface Times {
  created_at: number;
  ice_connected_at?: number;
  connected_at?: number;
  closed_at?: number;
}
interface Waiting extends Times {
  id: string;
  samples: {text: string}[];
}
export interface Failure {
  at: number;
  name: string;
  wants: string;
}

export const samplesMax = 30; // of one connection: the oldest go
export const bytesMax = 60_000; // of a report: a browser lets 64 KiB outlive its page
const failuresMax = 16;
const perReport = 32; // samples of one connection

export class Batch {
  #waiting = new Map<string, Waiting>();
  #failures: Failure[] = [];
  #taken: {id: string; samples: {text: string}[]; closed: boolean}[] = [];
  #failuresTaken = 0;

  constructor(
    private app: string,
    private page: string,
  ) {}

  begin(id: string, created_at: number): Times {
    const one: Waiting = {id, created_at, samples: []};
    this.#waiting.set(id, one);
    return one;
  }
  add(id: string, sample: Sample) {
    const one = this.#waiting.get(id);
    if (!one) return;
    one.samples.push({text: JSON.stringify(sample)});
    if (one.samples.length > samplesMax) one.samples.shift();
  }
  fail(failure: Failure) {
    if (this.#failures.length < failuresMax) this.#failures.push(failure);
  }
  get size() {
    return this.#waiting.size;
  }

  // A report of what waits, as text, or nothing. It stays until sent() says that the hub has it.
  take(now: number): string | undefined {
    this.#taken = [];
    const parts: string[] = [];
    let bytes = 200;
    for (const {samples, ...head} of this.#waiting.values()) {
      const begin = JSON.stringify(head);
      const fit: {text: string}[] = [];
      let more = begin.length + 20;
      for (const sample of samples.slice(0, perReport)) {
        if (bytes + more + sample.text.length + 1 > bytesMax) break;
        more += sample.text.length + 1;
        fit.push(sample);
      }
      const whole = fit.length === samples.length;
      // A sample that fits no report at all would be in the way for ever.
      if (!fit.length && samples.length && begin.length + samples[0]!.text.length + 300 > bytesMax) samples.shift();
      if (!fit.length && !(whole && head.closed_at)) continue;
      const closed = whole && head.closed_at !== undefined;
      const said = closed ? begin : JSON.stringify({...head, closed_at: undefined});
      parts.push(`${said.slice(0, -1)},"samples":[${fit.map(({text}) => text).join()}]}`);
      this.#taken.push({id: head.id, samples: fit, closed});
      bytes += more;
    }
    this.#failuresTaken = this.#failures.length;
    if (!parts.length && !this.#failures.length) return undefined;
    return `${JSON.stringify({app: this.app, page: this.page, sent_at: now, failures: this.#failures}).slice(0, -1)},"connections":[${parts.join()}]}`;
  }
  sent() {
    for (const {id, samples, closed} of this.#taken) {
      const one = this.#waiting.get(id);
      if (!one) continue;
      one.samples = one.samples.filter((sample) => !samples.includes(sample));
      if (closed) this.#waiting.delete(id);
    }
    this.#failures.splice(0, this.#failuresTaken);
    this.#taken = [];
    this.#failuresTaken = 0;
  }
}

// When the next report may go. Nothing: never, the hub will not take it (no such token, no such right, not understood).
export class Pace {
  #failed = 0;
  #not_before = 0;

  may(now: number) {
    return now >= this.#not_before;
  }
  // Status of the answer, 0: there was none.
  answered(status: number, now: number, retryAfter = 0) {
    if (status >= 200 && status < 300) {
      this.#failed = 0;
      this.#not_before = 0;
      return;
    }
    if ([400, 401, 403, 404, 405, 415, 422].includes(status)) {
      this.#not_before = Number.POSITIVE_INFINITY;
      return;
    }
    const wait = Math.min(60_000, 2_000 * 2 ** Math.min(this.#failed++, 10));
    this.#not_before = now + Math.max(wait * (0.75 + Math.random() / 2), retryAfter * 1000);
  }
  get over() {
    return this.#not_before === Number.POSITIVE_INFINITY;
  }
}

// Every frame of the live connection, in and out, and how the connection is: what the debug window looks at. Always
// recording, because what one wants to see has mostly happened already; bounded in number and in size, so that it may.
export type Direction = 'in' | 'out' | 'note';
export interface Frame {
  n: number; // counts all frames since the page was loaded
  at: number;
  direction: Direction;
  type: string;
  seq: number | null;
  late: number | null; // ms between the server's timestamp and here
  missed: [number, number] | null; // event numbers between the last one seen and this one
  again: boolean; // a number that was seen before
  text: string;
}
export interface Link {state: 'connecting' | 'live' | 'offline'; url: string; since: number; attempts: number; retryAt: number; error: string; errorAt: number}
interface Message {type?: unknown; action?: unknown; seq?: unknown; timestamp?: unknown; data?: unknown; channels?: unknown}
// The answer to asking for log lines, which is done apart (socket.ts).
export const isOfLogs = (message: object): boolean => String((message as Message).channels) === 'logs';

export class Wire {
  link: Link = {state: 'connecting', url: '', since: 0, attempts: 0, retryAt: 0, error: '', errorAt: 0};
  types = new Map<string, number>();
  counts = {in: 0, out: 0, missed: 0, gaps: 0};
  total = 0; // the number the next frame gets
  private frames: Frame[] = []; // a ring once it is full
  private first = 0; // where the oldest is
  private length = 0;
  private characters = 0;
  private lastSeq = 0;
  private whole = false; // log lines come too: a number that is left out did not come
  private listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  version = 0;

  constructor(private mostFrames = 5000, private mostCharacters = 16 * 1024 * 1024, private now = Date.now) {}

  // Readers hear of it ten times a second; without readers nothing but the recording is done.
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private changed() {
    if (this.listeners.size === 0 || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.version++;
      for (const listener of this.listeners) listener();
    }, 100);
  }

  setLink(change: Partial<Link>) {
    if (change.state && change.state !== this.link.state) change.since = this.now();
    if (change.error) change.errorAt = this.now();
    this.link = {...this.link, ...change};
    this.changed();
  }

  note(text: string) {
    this.add({direction: 'note', type: 'connection', seq: null, late: null, missed: null, again: false, text});
  }
  sent(text: string) {
    const type = typeOf(parse(text), text);
    this.counts.out++;
    if (type === 'unsubscribe') this.whole = false;
    this.add({direction: 'out', type, seq: null, late: null, missed: null, again: false, text});
  }
  // `message` is what `text` was parsed to, or null where it could not be.
  received(text: string, message: Message | null) {
    this.counts.in++;
    const seq = typeof message?.seq === 'number' ? message.seq : null;
    const sent = typeof message?.timestamp === 'string' ? Date.parse(message.timestamp) : Number.NaN;
    const frame = {direction: 'in' as const, type: typeOf(message, text), seq, late: Number.isNaN(sent) ? null : this.now() - sent, missed: null as [number, number] | null, again: false, text};
    if (message?.type === 'gap') this.counts.gaps++;
    // The first message of a connection says where the server is; what lies between is replayed after it.
    if (message?.type === 'subscribed' && isOfLogs(message)) this.whole = true;
    if (message?.type === 'initial_status') {
      this.whole = false;
      if (this.lastSeq === 0) this.lastSeq = seq ?? 0;
    } else if (seq !== null) {
      if (seq <= this.lastSeq) frame.again = true;
      else {
        if (this.whole && this.lastSeq > 0 && seq > this.lastSeq + 1) {
          frame.missed = [this.lastSeq + 1, seq - 1];
          this.counts.missed += seq - this.lastSeq - 1;
        }
        this.lastSeq = seq;
      }
    }
    this.add(frame);
  }

  private add(frame: Omit<Frame, 'n' | 'at'>) {
    while (this.length > 0 && (this.length >= this.mostFrames || this.characters + frame.text.length > this.mostCharacters)) this.drop();
    this.frames[(this.first + this.length) % this.mostFrames] = {...frame, n: this.total++, at: this.now()};
    this.length++;
    this.characters += frame.text.length;
    this.types.set(frame.type, (this.types.get(frame.type) ?? 0) + 1);
    this.changed();
  }
  private drop() {
    const {type, text} = this.frames[this.first];
    const left = (this.types.get(type) ?? 1) - 1;
    if (left > 0) this.types.set(type, left);
    else this.types.delete(type);
    this.characters -= text.length;
    this.first = (this.first + 1) % this.mostFrames;
    this.length--;
  }

  clear() {
    this.frames = [];
    this.first = this.length = this.characters = 0;
    this.types.clear();
    this.counts = {in: 0, out: 0, missed: 0, gaps: 0};
    this.changed();
  }
  get size() {
    return this.length;
  }
  get oldest() {
    return this.total - this.length;
  }
  // The frame with the number n, while it is kept.
  frame(n: number): Frame | undefined {
    return n < this.oldest || n >= this.total ? undefined : this.frames[(this.first + n - this.oldest) % this.mostFrames];
  }
}

function parse(text: string): Message | null {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return null;
  }
}
function typeOf(message: Message | null, text: string): string {
  if (!message || typeof message !== 'object') return text === 'ping' || text === 'pong' ? text : 'unreadable';
  return typeof message.type === 'string' ? message.type : typeof message.action === 'string' ? message.action : 'unnamed';
}

export const wire = new Wire();

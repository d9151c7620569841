// What the debug window shows of the wire: the frames that fit the filter, found once each as they come.
import type {Direction, Frame, Wire} from '../live/wire';

export interface Filter {text: string; type: string; direction: Direction | ''}
export const everything: Filter = {text: '', type: '', direction: ''};

export function fits(frame: Frame, {text, type, direction}: Filter): boolean {
  if (type === 'gaps' ? !frame.missed && frame.type !== 'gap' : type !== '' && frame.type !== type) return false;
  return (direction === '' || frame.direction === direction) && (text === '' || frame.text.toLowerCase().includes(text.toLowerCase()));
}

export class View {
  private numbers: number[] = []; // of the frames that fit, ascending
  private next = 0; // the first frame not looked at yet
  private filter = everything;
  paused = false;
  constructor(private wire: Wire) {}

  setFilter(filter: Filter) {
    this.filter = filter;
    const end = this.paused ? this.next : this.wire.total;
    this.numbers = [];
    this.next = this.wire.oldest;
    this.look(end);
  }
  update() {
    const {oldest} = this.wire;
    if (this.numbers.length > 0 && this.numbers[0] < oldest) {
      const kept = this.numbers.findIndex((n) => n >= oldest);
      this.numbers.splice(0, kept < 0 ? this.numbers.length : kept);
    }
    if (!this.paused) this.look(this.wire.total);
  }
  private look(end: number) {
    for (let n = Math.max(this.next, this.wire.oldest); n < end; n++) {
      const frame = this.wire.frame(n);
      if (frame && fits(frame, this.filter)) this.numbers.push(n);
    }
    this.next = Math.max(this.next, end);
  }

  get found() {
    return this.numbers.length;
  }
  get waiting() {
    return this.wire.total - this.next;
  }
  // The newest `limit` of those that fit, oldest first.
  last(limit: number): Frame[] {
    return this.numbers.slice(-limit).flatMap((n) => this.wire.frame(n) ?? []);
  }
}

// One frame a line, as it was on the wire, with when and which way.
export const jsonLines = (frames: Frame[]) => frames.map(({at, direction, type, seq, missed, text}) => JSON.stringify({time: new Date(at).toISOString(), direction, type, ...(seq === null ? {} : {seq}), ...(missed ? {missed} : {}), frame: text})).join('\n');

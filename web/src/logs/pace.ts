// Whether lines come one by one, as events, or in pages that the worker parses: thousands of events a second would keep the page busy
// with nothing but taking them.
const most = 1500; // a second, for a second: then in pages
const few = 800; // a second, for three seconds: then one by one again
const windowMs = 1000;

export class Pace {
  many = false;
  private began: number;
  private count = 0;
  private calm = 0;
  constructor(private now: () => number = () => performance.now()) {
    this.began = now();
  }
  // So many came (none, where one has looked for some); true when that changes how they are to come.
  add(lines: number): boolean {
    this.count += lines;
    const passed = this.now() - this.began;
    if (passed < windowMs) return false;
    const rate = (1000 * this.count) / passed;
    this.began += passed;
    this.count = 0;
    this.calm = rate < few ? this.calm + 1 : 0;
    const was = this.many;
    this.many = was ? this.calm < 3 : rate > most;
    return this.many !== was;
  }
}

// What runs in the page before its own code: paints, layout shifts and interactions as the browser tells them, and the way from a
// message of the socket to the pixels. Given to addInitScript, so it may use nothing of this file around it.
export function instrument() {
  const seen = {lcp: 0, cls: 0, interactions: [], long: 0, pixels: [], seqLost: 0, lastSeq: 0, events: 0, flips: []};
  globalThis.seen = seen;
  const observe = (type, take, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true, ...more});
  observe('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
  observe('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  observe('event', (entry) => { if (entry.interactionId) seen.interactions.push({name: entry.name, duration: entry.duration, id: entry.interactionId}); }, {durationThreshold: 16});
  observe('long-animation-frame', () => seen.long++);

  // After the next frame has been drawn: a message of one's own is delivered only then.
  const channel = new MessageChannel();
  const due = [];
  channel.port1.onmessage = () => due.splice(0).forEach((one) => one());
  const afterPaint = (then) => requestAnimationFrame(() => { due.push(then); channel.port2.postMessage(0); });
  globalThis.afterPaint = afterPaint;

  // Lines that have come and are not seen yet, by their server; they are numbered by who writes them.
  const waiting = new Map();
  let looking = false;
  const look = () => {
    const newest = new Map();
    for (const row of document.querySelectorAll('[data-testid="log-viewer"] .log-text')) {
      const number = Number(/request (\d+) /.exec(row.textContent)?.[1]);
      const server = row.parentElement?.querySelector('.log-server')?.textContent ?? '';
      if (number > (newest.get(server) ?? 0)) newest.set(server, number);
    }
    const now = Date.now();
    let left = 0;
    for (const [server, lines] of waiting) {
      let shown = 0;
      while (shown < lines.length && lines[shown].number <= (newest.get(server) ?? 0)) seen.pixels.push(now - lines[shown++].at);
      lines.splice(0, shown);
      left += lines.length;
    }
    looking = left > 0;
    if (looking) afterPaint(look);
  };
  const newestStatus = new Map(); // what was last heard of each server
  const text = (key, from) => new RegExp(`"${key}":"([^"]*)"`).exec(from)?.[1] ?? '';
  const onMessage = (data) => {
    if (typeof data !== 'string') return;
    const seq = Number(/"seq":(\d+)/.exec(data)?.[1] ?? 0);
    if (data.includes('"type":"gap"')) seen.gaps = (seen.gaps ?? 0) + 1;
    if (seq > 0) {
      seen.events++;
      if (seen.lastSeq && seq > seen.lastSeq + 1) seen.seqLost += seq - seen.lastSeq - 1;
      seen.lastSeq = Math.max(seen.lastSeq, seq);
    }
    if (globalThis.timeLines && data.includes('"type":"log"')) {
      const number = Number(/request (\d+) /.exec(data)?.[1] ?? 0);
      const server = text('server', data);
      if (!waiting.has(server)) waiting.set(server, []);
      if (number) waiting.get(server).push({number, at: Date.parse(text('time', data) || text('timestamp', data))});
      if (!looking) { looking = true; afterPaint(look); }
    }
    if (globalThis.timeFlips && data.includes('"type":"mcp_status_change"')) {
      const at = Date.parse(text('timestamp', data));
      const name = text('mcp_name', data);
      const status = text('new_status', data);
      newestStatus.set(name, data);
      // One that the next has overtaken before a frame was drawn is not seen, nor need it be.
      const check = () => {
        if (newestStatus.get(name) !== data) return;
        if (document.querySelector(`[data-testid="server-row-${name}"]`)?.dataset.status === status) seen.flips.push(Date.now() - at);
        else if (Date.now() - at < 5000) afterPaint(check);
      };
      if (name && status) afterPaint(check);
    }
  };
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({data}) => onMessage(data));
    }
  };
}

// telltale-rtc.js: shows a Telltale the WebRTC connections of the page that includes it.
//   <script src="https://hub/telltale-rtc.js" data-token="tt_…" data-app="shop"></script>
// Options and what is sent: docs/webrtc-lens.md. It must never be felt: nothing here throws into the application, waits, or
// changes what its connections do.
import {Batch, Pace} from './batch';
import {compact, type Stat} from './compact';

interface Watched {
  id: string;
  ref: WeakRef<RTCPeerConnection>;
  times: ReturnType<Batch['begin']>;
}

const connectionsMax = 32; // watched at one time

// Whatever happens in it stays in it.
const quietly = (task: () => unknown) => {
  try {
    const result = task();
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // the application goes on
  }
};

function start(script: HTMLScriptElement) {
  const {token, app = location.hostname, interval, addresses, media} = script.dataset;
  const Native = window.RTCPeerConnection;
  if (!token || !Native || !window.WeakRef) return;
  const every = Math.min(20, Math.max(0.5, Number(interval) || 2)) * 1000;
  const hub = new URL('/api/webrtc/lens', script.dataset.hub ?? script.src).href;
  const page = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(36).padStart(2, '0')).join('');
  const batch = new Batch(app.replace(/[^\w.-]/g, '-').slice(0, 64), page);
  const pace = new Pace();
  const watched = new Set<Watched>();
  const native = {getStats: Native.prototype.getStats, fetch: window.fetch.bind(window)};
  let count = 0;
  let sending = false;
  let timer = 0;

  async function send() {
    const now = Date.now();
    if (sending || !pace.may(now)) return;
    const body = batch.take(now);
    if (!body) return;
    sending = true;
    try {
      const answer = await native.fetch(hub, {method: 'POST', keepalive: true, credentials: 'omit', referrerPolicy: 'no-referrer', headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json'}, body, signal: AbortSignal.timeout?.(10_000)});
      if (answer.ok) batch.sent();
      pace.answered(answer.status, Date.now(), Number(answer.headers.get('retry-after')) || 0);
      if (pace.over) console.warn(`telltale-rtc: the hub answered ${answer.status}; nothing more is reported`);
    } catch {
      pace.answered(0, Date.now());
    }
    sending = false;
  }
  async function sample(one: Watched) {
    const connection = one.ref.deref();
    if (!connection || connection.connectionState === 'closed') {
      one.times.closed_at = Date.now();
      watched.delete(one);
      return;
    }
    const state = connection.connectionState;
    const stats = await native.getStats.call(connection);
    batch.add(one.id, {at: Date.now(), state, stats: compact(stats as unknown as {forEach: (each: (stat: Stat) => void) => void}, addresses !== undefined)});
  }
  async function round() {
    await Promise.race([Promise.allSettled([...watched].map(sample)), new Promise((late) => setTimeout(late, every))]);
    await send();
    again();
  }
  function again() {
    clearTimeout(timer);
    timer = pace.over || !(watched.size || batch.size) ? 0 : window.setTimeout(() => quietly(round), every);
  }
  function watch(connection: RTCPeerConnection) {
    if (pace.over || watched.size >= connectionsMax) return;
    const id = String(++count);
    const times = batch.begin(id, Date.now());
    watched.add({id, ref: new WeakRef(connection), times});
    connection.addEventListener('iceconnectionstatechange', () => {
      if (/connected|completed/.test(connection.iceConnectionState) && connection.iceConnectionState !== 'disconnected') times.ice_connected_at ??= Date.now();
    });
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'connected') times.connected_at ??= Date.now();
    });
    if (!timer) again();
  }

  // A proxy, not a subclass: prototype, statics, errors, `instanceof` and subclassing stay the browser's own.
  const Lens = new Proxy(Native, {
    construct(target, given, made) {
      const connection = Reflect.construct(target, given, made) as RTCPeerConnection;
      quietly(() => watch(connection));
      return connection;
    },
  });
  window.RTCPeerConnection = Lens;
  const prefixed = window as unknown as {webkitRTCPeerConnection?: typeof RTCPeerConnection};
  if (prefixed.webkitRTCPeerConnection) prefixed.webkitRTCPeerConnection = Lens;
  quietly(() => Object.defineProperty(Native.prototype, 'constructor', {value: Lens, writable: true, configurable: true}));

  if (media !== undefined)
    quietly(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia;
      devices.getUserMedia = function (this: MediaDevices, wants) {
        const asked = ask.call(this, wants);
        asked.catch((error: Error) =>
          quietly(() => {
            batch.fail({at: Date.now(), name: String(error?.name || 'Error').slice(0, 64), wants: ['audio', 'video'].filter((kind) => wants?.[kind as 'audio']).join(' and ')});
            return send();
          }),
        );
        return asked;
      };
    });

  addEventListener('pagehide', ({persisted}) =>
    quietly(() => {
      if (!persisted) for (const {times} of watched) times.closed_at = Date.now();
      sending = false; // what is under way may be lost with the page
      return send();
    }),
  );
}

quietly(() => {
  const script = (document.currentScript ?? document.querySelector('script[src*="telltale-rtc.js"]')) as HTMLScriptElement | null;
  if (script) start(script);
});

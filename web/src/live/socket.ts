// One WebSocket for the whole app: it comes back by itself with jittered backoff, asks for what it missed by sequence number
// and hands on each event once. What a gap hides is fetched; what cannot be fetched makes the app read its lists anew.
import {accessToken, get} from '../api/client';
import type {LiveEvent} from '../api/types';
import {t} from '../messages/en/live';
import {isOfLogs, type Wire, wire as theWire} from './wire';

export type ConnectionState = 'connecting' | 'live' | 'offline';
export interface SocketHooks {
  onEvent(event: LiveEvent): void;
  onInitial(event: LiveEvent): void;
  onTold(event: LiveEvent): void; // for this moment: without a number, never replayed
  onState(state: ConnectionState): void;
  onLost(): void; // events are gone for good: read the lists again
}
export interface SocketLike {send(text: string): void; close(): void; onopen: (() => void) | null; onmessage: ((event: {data: string}) => void) | null; onclose: ((event: {code: number; reason: string}) => void) | null}
export type Opener = (token: string) => SocketLike;

// `logs` is asked for apart, while somebody reads them: a fleet that says much would keep every page busy.
const channels = ['status', 'events', 'operations', 'webrtc', 'tests', 'alerts', 'audit', 'presence'];
// Of the channel `metrics` this alone: the newest point of every series, each second, is for who asked for those.
const eventTypes = ['system_metrics'];
const address = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/mcp-status`;
const openBrowserSocket: Opener = (token) => {
  return new WebSocket(address(), ['telltale.v1', `bearer.${token}`]) as unknown as SocketLike;
};

// The close codes of docs/websocket.md, in words.
const closeWords: Record<number, string> = {1000: 'closed', get 1001() { return t.serverWentAway; }, get 1006() { return t.connectionBroke; }, get 1008() { return t.tooManyMessages; }, get 1009() { return t.tooLarge; }, get 1011() { return t.serverFault; }, get 1012() { return t.serverRestarts; }, get 1013() { return t.tooSlow; }, get 4401() { return t.tokenEnded; }};
export const closeText = (code: number, reason: string) => `${code} ${reason || (closeWords[code] ?? 'closed')}`;

function parsed(text: string): LiveEvent | null {
  try {
    return JSON.parse(text) as LiveEvent;
  } catch {
    return null;
  }
}

export class LiveSocket {
  private socket: SocketLike | null = null;
  private lastSeq = 0;
  private attempt = 0;
  private stopped = false;
  private round = 0; // a connection that was begun before the last reconnect is not taken up
  private timer: ReturnType<typeof setTimeout> | undefined;
  private logs = false;
  private logsSubscription = '';
  private linkIsUp = false; // since `initial_status`
  constructor(private hooks: SocketHooks, private open: Opener = openBrowserSocket, private random = Math.random, private wire: Wire = theWire) {}

  async start() {
    this.stopped = false;
    await this.connect();
  }
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
  // At once, whatever the state: the connection that is there is given up first.
  reconnect() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const old = this.socket;
    this.socket = null;
    this.linkIsUp = false;
    this.logsSubscription = '';
    old?.close();
    this.attempt = 0;
    this.wire.note(t.reconnectAsked);
    void this.connect();
  }
  ping() {
    this.send({action: 'ping'});
  }
  // Nothing before the server has said where it is: a socket that still connects takes no message.
  send(message: object) {
    if (!this.socket || !this.linkIsUp) return;
    const text = JSON.stringify(message);
    this.wire.sent(text);
    this.socket.send(text);
  }
  get seq() {
    return this.lastSeq;
  }
  // From the answer `subscribed` on lines of logs come, those since the last event first; what was before is for the reader to read.
  hearLogs(wanted: boolean) {
    if (wanted === this.logs) return;
    this.logs = wanted;
    if (this.linkIsUp) this.askForLogs();
  }
  get hearsLogs() {
    return this.logsSubscription !== '';
  }
  private askForLogs() {
    if (this.logs) this.send({action: 'subscribe', channels: ['logs'], since: this.lastSeq});
    else if (this.logsSubscription) this.send({action: 'unsubscribe', subscription_id: this.logsSubscription});
    this.logsSubscription = '';
  }
  nextDelay() {
    return Math.round(Math.min(15_000, 300 * 2 ** Math.min(this.attempt, 8)) * (0.5 + this.random() / 2));
  }

  private async connect() {
    const round = ++this.round;
    this.hooks.onState('connecting');
    this.wire.setLink({state: 'connecting', url: typeof location === 'undefined' ? '' : address(), attempts: this.attempt + 1, retryAt: 0});
    const token = await accessToken();
    if (this.stopped || round !== this.round) return;
    if (!token) return this.retry(t.noToken);
    const socket = this.open(token);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.wire.note('opened');
    };
    socket.onmessage = (message) => {
      if (this.socket === socket) this.receive(message.data);
    };
    socket.onclose = ({code, reason} = {code: 1006, reason: ''}) => {
      if (this.socket !== socket) return;
      // Refused or ended, perhaps for the token: a call finds out, renews it or logs out.
      if (!opened || code === 4401) void get('/api/auth/me').catch(() => undefined);
      this.retry(closeText(code, reason));
    };
  }

  private retry(error: string) {
    this.socket = null;
    this.linkIsUp = false;
    this.logsSubscription = '';
    if (this.stopped) return;
    const delay = this.nextDelay();
    this.hooks.onState('offline');
    this.wire.note(error);
    this.wire.setLink({state: 'offline', error, retryAt: Date.now() + delay});
    this.timer = setTimeout(() => void this.connect(), delay);
    this.attempt++;
  }

  private receive(text: string) {
    const message = text === 'pong' ? null : parsed(text);
    this.wire.received(text, message);
    if (text === 'pong') return;
    if (!message) return this.wire.setLink({error: t.noJson});
    if (message.type === 'initial_status') {
      const resuming = this.lastSeq > 0;
      const since = resuming ? this.lastSeq : (message.seq ?? 0);
      this.linkIsUp = true;
      this.send({action: 'subscribe', channels, event_types: eventTypes, since});
      if (!resuming) this.lastSeq = since;
      this.askForLogs();
      this.attempt = 0;
      this.hooks.onState('live');
      this.wire.setLink({state: 'live', retryAt: 0});
      this.hooks.onInitial(message);
      return;
    }
    if (message.type === 'error') return this.wire.setLink({error: `${String(message.data.code)}: ${String(message.data.message)}`});
    if (message.type === 'gap') return void this.repair(message.data as {from_seq: number; to_seq: number});
    if (message.type === 'subscribed' && isOfLogs(message)) {
      if (this.logsSubscription) this.send({action: 'unsubscribe', subscription_id: this.logsSubscription}); // asked for twice
      this.logsSubscription = String((message as LiveEvent & {subscription_id?: string}).subscription_id);
      if (!this.logs) this.askForLogs();
    }
    if (message.seq === undefined) return this.hooks.onTold(message);
    // Not in the order of the others, which may be replayed at the same time; each has a number of its own.
    if (message.type === 'log') return this.hooks.onEvent(message);
    if (message.seq <= this.lastSeq) return; // came twice
    this.lastSeq = message.seq;
    this.hooks.onEvent(message);
  }

  private async repair(gap: {from_seq: number; to_seq: number}) {
    this.lastSeq = Math.max(this.lastSeq, gap.to_seq);
    try {
      const answer = await get<{items: LiveEvent[]; gap: unknown}>(`/api/events?since=${gap.from_seq - 1}&limit=${Math.min(10_000, gap.to_seq - gap.from_seq + 1)}`);
      for (const event of answer.items) if ((event.seq ?? 0) <= gap.to_seq) this.hooks.onEvent(event);
      if (answer.gap) this.hooks.onLost();
    } catch {
      this.hooks.onLost();
    }
  }
}

// One WebSocket for the whole app: it comes back by itself with jittered backoff, asks for what it missed by sequence number
// and hands on each event once. What a gap hides is fetched; what cannot be fetched makes the app read its lists anew.
import {accessToken, get} from '../api/client';
import type {LiveEvent} from '../api/types';

export type ConnectionState = 'connecting' | 'live' | 'offline';
export interface SocketHooks {
  onEvent(event: LiveEvent): void;
  onInitial(event: LiveEvent): void;
  onState(state: ConnectionState): void;
  onLost(): void; // events are gone for good: read the lists again
}
export interface SocketLike {send(text: string): void; close(): void; onopen: (() => void) | null; onmessage: ((event: {data: string}) => void) | null; onclose: (() => void) | null}
export type Opener = (token: string) => SocketLike;

const channels = ['status', 'logs', 'metrics', 'events', 'operations'];
const openBrowserSocket: Opener = (token) => {
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/mcp-status`;
  return new WebSocket(url, ['telltale.v1', `bearer.${token}`]) as unknown as SocketLike;
};

export class LiveSocket {
  private socket: SocketLike | null = null;
  private lastSeq = 0;
  private attempt = 0;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  constructor(private hooks: SocketHooks, private open: Opener = openBrowserSocket, private random = Math.random) {}

  async start() {
    this.stopped = false;
    await this.connect();
  }
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
  get seq() {
    return this.lastSeq;
  }
  nextDelay() {
    return Math.round(Math.min(15_000, 300 * 2 ** Math.min(this.attempt, 8)) * (0.5 + this.random() / 2));
  }

  private async connect() {
    this.hooks.onState('connecting');
    const token = await accessToken();
    if (this.stopped) return;
    if (!token) return this.retry();
    const socket = this.open(token);
    this.socket = socket;
    socket.onmessage = (message) => this.receive(message.data);
    socket.onclose = () => {
      if (this.socket === socket) this.retry();
    };
  }

  private retry() {
    this.socket = null;
    if (this.stopped) return;
    this.hooks.onState('offline');
    this.timer = setTimeout(() => void this.connect(), this.nextDelay());
    this.attempt++;
  }

  private receive(text: string) {
    if (text === 'pong') return;
    const message = JSON.parse(text) as LiveEvent;
    if (message.type === 'initial_status') {
      const resuming = this.lastSeq > 0;
      const since = resuming ? this.lastSeq : (message.seq ?? 0);
      this.socket?.send(JSON.stringify({action: 'subscribe', channels, since}));
      if (!resuming) this.lastSeq = since;
      this.attempt = 0;
      this.hooks.onState('live');
      this.hooks.onInitial(message);
      return;
    }
    if (message.type === 'gap') return void this.repair(message.data as {from_seq: number; to_seq: number});
    if (message.seq === undefined) return;
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

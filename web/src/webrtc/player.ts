// One connection that plays something of the server: a plain RTCPeerConnection by WHEP, and a channel on which it reports what it
// measures. Outside React, so that a page can be left without a break.
import {t} from '../messages/en/webrtc';
import {fragmentOf, ResourceError, withFragment, whep} from './whep';
import {measure, type Measured, type Snapshot, snapshot} from './measure';
import type {Quality} from './types';

export interface Wanted {content: string; quality: Quality}
export type PlayerState = 'connecting' | 'playing' | 'interrupted' | 'closed' | 'failed';

const reportEvery = 1000;
// CIDs of both versions; everything else is a name.
export const isContent = (name: string) => /^(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{20,})$/.test(name);

export class Player {
  id = '';
  state: PlayerState = 'connecting';
  error = '';
  measured: Measured | null = null;
  firstPictureMs: number | null = null;
  readonly stream = new MediaStream();
  private peer: RTCPeerConnection | null = null;
  private channel: RTCDataChannel | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private last: Snapshot | null = null;
  private began = 0;
  private restarts = 0;
  private location = '';
  private etag = '';
  private listeners = new Set<() => void>();
  version = 0;

  constructor(readonly wanted: Wanted) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private changed() {
    this.version++;
    for (const listener of this.listeners) listener();
  }

  async start() {
    this.began = performance.now();
    const peer = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
    this.peer = peer;
    peer.addTransceiver('video', {direction: 'recvonly'});
    peer.addTransceiver('audio', {direction: 'recvonly'});
    this.channel = peer.createDataChannel('stats', {ordered: false, maxRetransmits: 0});
    this.channel.onmessage = ({data}) => this.onWord(peer, String(data));
    peer.ontrack = (event) => this.stream.addTrack(event.track);
    peer.onconnectionstatechange = () => this.onState(peer);
    try {
      const offer = await peer.createOffer();
      await peer.setLocalDescription(offer);
      const {content, quality} = this.wanted;
      // Content is this player's alone, so that it may seek; what is live or the test pattern is everybody's.
      const begun = await whep(`/whep/${encodeURIComponent(content)}?quality=${quality}${isContent(content) ? '&own=true' : ''}`, {method: 'POST', type: 'application/sdp', body: offer.sdp});
      this.location = begun.headers.get('location') ?? '';
      this.etag = begun.headers.get('etag') ?? '';
      this.id = decodeURIComponent(this.location.slice(this.location.lastIndexOf('/') + 1));
      if (this.peer !== peer) return void this.leave(); // closed while we asked
      await peer.setRemoteDescription({type: 'answer', sdp: begun.text});
      this.timer = setInterval(() => void this.report(), reportEvery);
      this.changed();
    } catch (error) {
      this.end('failed', (error as Error).message);
    }
  }

  // The browser shows a picture: told by the page, which has the <video>.
  onPicture() {
    if (this.firstPictureMs !== null) return;
    this.firstPictureMs = performance.now() - this.began;
    this.changed();
  }

  async close() {
    this.end('closed');
    await this.leave();
  }
  private async leave() {
    if (!this.location) return;
    try {
      await whep(this.location, {method: 'DELETE'});
    } catch (error) {
      if (!(error instanceof ResourceError && error.status === 404)) throw error; // gone is what was wanted
    }
  }
  // The server says that it is over.
  ended(reason: string) {
    if (this.state !== 'closed' && this.state !== 'failed') this.end('closed', reason);
  }

  private onState(peer: RTCPeerConnection) {
    if (this.peer !== peer) return;
    if (peer.connectionState === 'connected') {
      this.state = 'playing';
      this.restarts = 0;
    } else if (peer.connectionState === 'disconnected') this.state = 'interrupted';
    else if (peer.connectionState === 'failed') return void this.restart(peer);
    this.changed();
  }

  // The server's monitor hears little of us: it offers a restart (docs/webrtc-monitor.md).
  private onWord(peer: RTCPeerConnection, text: string) {
    try {
      const word: unknown = JSON.parse(text);
      if ((word as {type?: unknown}).type === 'ice_restart' && this.peer === peer) void this.restart(peer, true);
    } catch {
      // not for us
    }
  }

  // Another network, or a path that is gone: new ICE credentials, the connection stays the same (RFC 9725 section 4.3.2).
  private async restart(peer: RTCPeerConnection, offered = false) {
    if (!offered && ++this.restarts > 3) return this.end('failed', t.restartsFailed);
    this.state = 'interrupted';
    this.changed();
    try {
      const offer = await peer.createOffer({iceRestart: true});
      await peer.setLocalDescription(offer);
      const answer = await whep(this.location, {method: 'PATCH', type: 'application/trickle-ice-sdpfrag', etag: this.etag, body: fragmentOf(offer.sdp ?? '')});
      this.etag = answer.headers.get('etag') ?? this.etag;
      if (this.peer === peer) await peer.setRemoteDescription({type: 'answer', sdp: withFragment(peer.remoteDescription?.sdp ?? '', answer.text)});
    } catch (error) {
      this.end('failed', (error as Error).message);
    }
  }

  private async report() {
    if (!this.peer) return;
    const now = snapshot((await this.peer.getStats()) as unknown as Map<string, unknown>, performance.now());
    if (this.last) {
      this.measured = measure(this.last, now);
      if (this.channel?.readyState === 'open') this.channel.send(JSON.stringify({type: 'stats', first_picture_ms: this.firstPictureMs, ...this.measured}));
    }
    this.last = now;
    this.changed();
  }

  private end(state: PlayerState, error = '') {
    clearInterval(this.timer);
    this.peer?.close();
    this.peer = null;
    this.channel = null;
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
    this.state = state;
    this.error = error;
    this.changed();
  }
}

// Those that are open on this page, newest first; they live until they are closed, not until the page is left.
export class Players {
  all: Player[] = [];
  version = 0;
  private listeners = new Set<() => void>();
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private set(all: Player[]) {
    this.all = all;
    this.version++;
    for (const listener of this.listeners) listener();
  }
  play(wanted: Wanted) {
    const player = new Player(wanted);
    this.set([player, ...this.all]);
    void player.start();
    return player;
  }
  async dismiss(player: Player) {
    this.set(this.all.filter((one) => one !== player));
    if (player.state !== 'closed' && player.state !== 'failed') await player.close();
  }
}
export const players = new Players();

import {beforeEach, expect, test, vi} from 'vitest';

vi.mock('../api/client', () => ({accessToken: async () => 'token', get: vi.fn(async () => ({items: [{type: 'log', seq: 7, data: {}}], gap: null}))}));
import type {LiveEvent, Server} from '../api/types';
import {LiveSocket, type SocketLike} from './socket';
import {LiveStore} from './store';
import {Wire} from './wire';

class FakeSocket implements SocketLike {
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: {data: string}) => void) | null = null;
  onclose: ((event: {code: number; reason: string}) => void) | null = null;
  send(text: string) { this.sent.push(text); }
  close(code = 1006, reason = '') { this.onclose?.({code, reason}); }
  says(message: object) { this.onmessage?.({data: JSON.stringify(message)}); }
}

let sockets: FakeSocket[];
let events: LiveEvent[];
let states: string[];
let wire: Wire;
const make = () => new LiveSocket({onEvent: (event) => events.push(event), onInitial: () => undefined, onTold: () => undefined, onState: (state) => states.push(state), onLost: () => states.push('lost')}, () => { const made = new FakeSocket(); sockets.push(made); return made; }, () => 0.5, wire);
beforeEach(() => { wire = new Wire(); sockets = []; events = []; states = []; vi.useFakeTimers(); });

test('resumes after the last number it saw and takes no event twice', async () => {
  const socket = make();
  await socket.start();
  sockets[0].says({type: 'initial_status', seq: 10, data: {mcps: []}});
  expect(JSON.parse(sockets[0].sent[0])).toMatchObject({action: 'subscribe', since: 10});
  sockets[0].says({type: 'operation', seq: 11, data: {}});
  sockets[0].says({type: 'operation', seq: 11, data: {}});
  sockets[0].close();
  expect(states.at(-1)).toBe('offline');
  await vi.advanceTimersByTimeAsync(1000);
  sockets[1].says({type: 'initial_status', seq: 20, data: {mcps: []}});
  expect(JSON.parse(sockets[1].sent[0])).toMatchObject({since: 11});
  sockets[1].says({type: 'subscribed', subscription_id: 'x'});
  sockets[1].says({type: 'operation', seq: 12, data: {}});
  expect(events.map((event) => event.seq)).toEqual([11, 12]);
});
test('what is said while the socket connects is of a moment that is over', async () => {
  const socket = make();
  await socket.start();
  socket.send({action: 'presence', page: '/'});
  expect(sockets[0].sent).toEqual([]);
  sockets[0].says({type: 'initial_status', seq: 1, data: {mcps: []}});
  socket.send({action: 'presence', page: '/logs'});
  expect(sockets[0].sent.map((text) => (JSON.parse(text) as {action: string}).action)).toEqual(['subscribe', 'presence']);
  socket.reconnect();
  socket.send({action: 'presence', page: '/'});
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets[1].sent).toEqual([]);
});
test('lines of logs come while somebody reads them, and are no part of the order', async () => {
  const socket = make();
  socket.hearLogs(true);
  await socket.start();
  const said = (at: number) => sockets[at].sent.map((text) => JSON.parse(text) as {action: string; channels?: string[]; subscription_id?: string; since?: number});
  sockets[0].says({type: 'initial_status', seq: 10, data: {mcps: []}});
  expect(said(0).map(({action, channels}) => [action, channels?.includes('logs')])).toEqual([['subscribe', false], ['subscribe', true]]);
  expect(said(0)[1]).toMatchObject({since: 10});
  expect(socket.hearsLogs).toBe(false);
  sockets[0].says({type: 'subscribed', subscription_id: 'main', channels: ['status', 'events']});
  expect(socket.hearsLogs).toBe(false);
  sockets[0].says({type: 'subscribed', subscription_id: 'logs-1', channels: ['logs']});
  expect(socket.hearsLogs).toBe(true);
  sockets[0].says({type: 'log', seq: 15, data: {}});
  sockets[0].says({type: 'operation', seq: 12, data: {}}); // replayed beside it
  expect(events.map(({type, seq}) => `${type} ${seq}`)).toEqual(['log 15', 'operation 12']);
  expect(socket.seq).toBe(12);
  socket.hearLogs(false);
  expect(said(0).at(-1)).toEqual({action: 'unsubscribe', subscription_id: 'logs-1'});
  // Wanted, not wanted and wanted again before the first answer: one is left.
  socket.hearLogs(true);
  socket.hearLogs(false);
  socket.hearLogs(true);
  sockets[0].says({type: 'subscribed', subscription_id: 'logs-2', channels: ['logs']});
  sockets[0].says({type: 'subscribed', subscription_id: 'logs-3', channels: ['logs']});
  expect(said(0).at(-1)).toEqual({action: 'unsubscribe', subscription_id: 'logs-2'});
  sockets[0].close();
  expect(socket.hearsLogs).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  sockets[1].says({type: 'initial_status', seq: 20, data: {mcps: []}});
  expect(said(1).map(({since}) => since)).toEqual([12, 12]);
});
test('a gap is fetched', async () => {
  const socket = make();
  await socket.start();
  sockets[0].says({type: 'initial_status', seq: 5, data: {mcps: []}});
  sockets[0].says({type: 'gap', data: {from_seq: 6, to_seq: 8}});
  await vi.advanceTimersByTimeAsync(10);
  expect(events.map((event) => event.seq)).toEqual([7]);
  expect(socket.seq).toBe(8);
});
test('backoff grows to a ceiling', async () => {
  const socket = make();
  const delays: number[] = [];
  for (let i = 0; i < 12; i++) { delays.push(socket.nextDelay()); (socket as unknown as {attempt: number}).attempt++; }
  expect(delays[0]).toBeLessThan(400);
  expect(Math.max(...delays)).toBeLessThanOrEqual(15_000);
});

const frames = () => Array.from({length: wire.size}, (_, at) => wire.frame(wire.oldest + at));
test('every frame is recorded, in and out, and why the connection ended', async () => {
  await make().start();
  sockets[0].onopen?.();
  sockets[0].says({type: 'initial_status', seq: 10, data: {mcps: []}});
  sockets[0].onmessage?.({data: 'pong'});
  sockets[0].onmessage?.({data: '{half'});
  sockets[0].close(4401, '');
  expect(frames().map((frame) => `${frame?.direction} ${frame?.type}`)).toEqual(['note connection', 'in initial_status', 'out subscribe', 'in pong', 'in unreadable', 'note connection']);
  expect(wire.link).toMatchObject({state: 'offline', error: '4401 the token ended'});
  expect(wire.link.retryAt).toBeGreaterThan(Date.now());
  expect(events).toEqual([]);
});
test('reconnect does not wait, and the old connection is heard no more', async () => {
  const socket = make();
  await socket.start();
  sockets[0].says({type: 'initial_status', seq: 10, data: {mcps: []}});
  sockets[0].close();
  socket.reconnect();
  await vi.advanceTimersByTimeAsync(0);
  expect(sockets.length).toBe(2);
  sockets[0].says({type: 'log', seq: 11, data: {}});
  expect(events).toEqual([]);
  sockets[1].says({type: 'initial_status', seq: 12, data: {mcps: []}});
  expect(JSON.parse(sockets[1].sent[0])).toMatchObject({since: 10});
  expect(wire.link.state).toBe('live');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sockets.length).toBe(2);
});

const server = (name: string) => ({name, health_status: 'healthy', response_times: [], checks: {total: 0, failed: 0}, circuit: {}, reason: ''}) as unknown as Server;
test('paused, nothing is applied and nothing is lost', () => {
  const store = new LiveStore((run) => run());
  store.setServers([server('a')]);
  store.setPaused(true);
  store.receive({type: 'mcp_status_change', seq: 1, data: {server: {...server('a'), health_status: 'disconnected'}}});
  expect(store.servers.get('a')?.health_status).toBe('healthy');
  expect(store.waiting.length).toBe(1);
  store.setPaused(false);
  expect(store.servers.get('a')?.health_status).toBe('disconnected');
});
test('a check is added once', () => {
  const store = new LiveStore((run) => run());
  store.setServers([server('a')]);
  const check = {type: 'mcp_health_check', seq: 2, data: {mcp_name: 'a', ok: true, time: '2026-11-20T10:00:00.000Z', response_time_ms: 5, health_status: 'healthy'}};
  store.receive(check);
  store.receive(check);
  expect(store.servers.get('a')?.response_times.length).toBe(1);
});

// Joins the socket and the store, once per login.
import {get} from '../api/client';
import type {Operation, Server} from '../api/types';
import {LiveSocket} from './socket';
import {live} from './store';

async function readLists() {
  const [servers, operations] = await Promise.all([get<{items: Server[]}>('/api/servers?limit=1000'), get<{items: Operation[]}>('/api/operations?limit=100')]);
  live.setServers(servers.items);
  for (const operation of operations.items.reverse()) live.operations.set(operation.operation_id, operation);
  live.changed();
}

let current: LiveSocket | null = null;
let logReaders = 0;
// While a reader is there and the page is seen.
const tellOfLogs = () => current?.hearLogs(logReaders > 0 && !document.hidden);
export const logsCome = () => current?.hearsLogs ?? false; // already: no answer will say so
export function readLogs(): () => void {
  const count = (by: number) => {
    logReaders += by;
    tellOfLogs();
  };
  count(1);
  return () => count(-1);
}
export const reconnect = () => current?.reconnect();
export const ping = () => current?.ping();
// To the server, while there is a connection; what is of the moment is not kept for later.
export const say = (message: object) => current?.send(message);
export const lastSeq = () => current?.seq ?? 0;

export function goLive(): () => void {
  const socket = new LiveSocket({
    onEvent: (event) => live.receive(event),
    onInitial: (event) => {
      live.presence = event.data.presence === true;
      live.setServers((event.data as {mcps: Server[]}).mcps);
      live.tell(event);
    },
    onTold: (event) => live.tell(event),
    onState: (state) => live.setConnection(state),
    onLost: () => void readLists().catch(() => live.setConnection('offline')),
  });
  current = socket;
  tellOfLogs();
  document.addEventListener('visibilitychange', tellOfLogs);
  void socket.start();
  void readLists().catch(() => undefined); // the socket brings the servers as well, and tries again by itself
  const clock = setInterval(() => live.tick(), 1000);
  return () => {
    socket.stop();
    current = null;
    document.removeEventListener('visibilitychange', tellOfLogs);
    clearInterval(clock);
  };
}

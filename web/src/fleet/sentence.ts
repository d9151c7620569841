// The state of the fleet in one sentence.
import type {Server} from '../api/types';
import {t} from '../messages/en/fleet';

export function sentence(servers: Server[]): string {
  if (servers.length === 0) return t.noServersYet;
  const count = (...states: string[]) => servers.filter((server) => states.includes(server.health_status)).length;
  const parts = [t.healthyCount(count('healthy')), t.degradedCount(count('degraded')), t.downCount(count('disconnected', 'circuit_open'))];
  const starting = count('starting');
  const off = count('stopped', 'disabled');
  if (starting) parts.push(t.startingCount(starting));
  if (off) parts.push(t.offCount(off));
  const times = servers.map((server) => server.p95_ms).filter((ms): ms is number => ms !== null);
  const p95 = times.length ? t.slowest(Math.round(Math.max(...times))) : '';
  return `${parts.join(', ')}${p95}.`;
}

const rank: Record<string, number> = {disconnected: 0, circuit_open: 1, disabled: 2, degraded: 3, starting: 4, healthy: 5, stopped: 6};
export const worstFirst = (a: Server, b: Server) => (rank[a.health_status] ?? 9) - (rank[b.health_status] ?? 9) || a.name.localeCompare(b.name);

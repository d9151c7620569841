// What the palette finds: pages, servers and what can be done to them, tools, streams, suites, runs, reports, operations; traces by their ids.
import {may} from '../api/client';
import type {Server} from '../api/types';
import {pages} from '../app/pages';
import {act, useful, verbs} from '../fleet/actions';
import type {RunSummary, SuiteSummary} from '../lab/types';
import {t} from '../messages/en/palette';
import {addressOf} from '../traces/picks';
import {ago} from '../ui/format';
import {type Connection, isOpen} from '../webrtc/types';
import type {CatalogOperation} from './operations';

export type Kind = 'Page' | 'Server' | 'Action' | 'Tool' | 'Stream' | 'Suite' | 'Run' | 'Report' | 'Trace' | 'Operation';
export interface Entry {id: string; kind: Kind; name: string; more?: string; href?: string; run?(): void; operation?: CatalogOperation}
export interface Report {id: string; title: string; kind: string; created_at: string}

const at = (name: string) => `/servers/${encodeURIComponent(name)}`;

export const ofPages = (): Entry[] =>
  pages.filter(({permission}) => !permission || may(permission)).flatMap((page) => [
    {id: `page ${page.path}`, kind: 'Page' as const, name: page.label, href: page.path},
    ...(page.rooms ?? []).map((room) => ({id: `page ${room.path}`, kind: 'Page' as const, name: room.label, more: page.label, href: room.path})),
  ]);

export const ofServers = (servers: Iterable<Server>): Entry[] =>
  [...servers].flatMap((server) => [
    {id: `server ${server.name}`, kind: 'Server' as const, name: server.name, more: server.tags.join(' '), href: at(server.name)},
    {id: `tools ${server.name}`, kind: 'Server' as const, name: t.toolsOf(server.name), href: `${at(server.name)}?tab=tools`},
    {id: `logs ${server.name}`, kind: 'Server' as const, name: t.logsOf(server.name), href: `${at(server.name)}?tab=logs`},
    ...(may('fleet:operate', {server: server.name}) ? verbs.filter(({verb}) => useful(server, verb)).map(({verb, label}) => ({id: `${verb} ${server.name}`, kind: 'Action' as const, name: `${label} ${server.name}`, run: () => void act(server.name, verb)})) : []),
  ]);

export const ofTools = (tools: {server: string; tool: string; title: string}[]): Entry[] => tools.map(({server, tool, title}) => ({id: `tool ${server} ${tool}`, kind: 'Tool', name: tool, more: title && title !== tool ? `${server} · ${title}` : server, href: `${at(server)}?tab=tools&tool=${encodeURIComponent(tool)}`}));
export const ofStreams = (connections: Iterable<Connection>): Entry[] => [...connections].filter(isOpen).map((one) => ({id: `stream ${one.id}`, kind: 'Stream', name: one.source || one.id, more: one.source ? `${one.id} ${one.actor}` : one.actor, href: `/webrtc/${encodeURIComponent(one.id)}`}));
export const ofSuites = (suites: SuiteSummary[]): Entry[] => suites.map(({id, name}) => ({id: `suite ${id}`, kind: 'Suite', name, href: `/tests/suite/${encodeURIComponent(id)}`}));
export const ofRuns = (runs: RunSummary[]): Entry[] => runs.map((run) => ({id: `run ${run.id}`, kind: 'Run', name: `${run.suite}, ${run.status}`, more: ago(run.started), href: `/tests/run/${run.id}`}));
export const ofReports = (reports: Report[]): Entry[] => reports.map(({id, title, kind, created_at}) => ({id: `report ${id}`, kind: 'Report', name: title || kind, more: ago(created_at), href: '/reports'}));
// The id of a trace, or of an operation, leads there, whether or not it is known here.
export const ofId = (words: string): Entry[] => (/^(op_[\w-]+|[0-9a-f]{32})$/.test(words.trim()) && may('operations:read') ? [{id: `trace ${words.trim()}`, kind: 'Trace', name: t.traceOf(words.trim()), href: addressOf(words.trim())}] : []);
export const ofOperations = (operations: CatalogOperation[]): Entry[] => operations.filter(({permission}) => permission === 'session' || may(permission)).map((operation) => ({id: `operation ${operation.id}`, kind: 'Operation', name: operation.summary, more: operation.id, operation}));

// What changed: what people and schedules did, and what became of servers, newest first. Looking, calling and testing change nothing.
import type {Operation, Server} from '../api/types';
import type {Marker} from '../chart/model';
import {statusWord, toneOf} from '../ui/Status';

export interface AuditEntry {seq: number; time: string; actor: string; action: string; subject: string; outcome: 'started' | 'ok' | 'failed' | 'refused'; detail: string}
export interface Change {key: string; time: number; tone: Marker['tone']; who: string; what: string; subject: string; href: string; detail: string}

const words: Record<string, string> = {
  'fleet.create': 'added', 'fleet.update': 'changed', 'fleet.delete': 'removed', 'fleet.start': 'started', 'fleet.stop': 'stopped', 'fleet.restart': 'restarted', 'fleet.reload': 'read the fleet file again', 'fleet.reload_server': 'reloaded',
  'fleet.authorize': 'began to authorize', 'fleet.forget_authorization': 'gave up the authorization of', 'users.create': 'added the user', 'users.update': 'changed the user', 'users.delete': 'deleted the user',
  'roles.create': 'added the role', 'roles.update': 'changed the role', 'roles.delete': 'deleted the role', 'tokens.create': 'made a token', 'tokens.delete': 'ended a token', 'sessions.end': 'ended a session', 'auth.password': 'changed the password of', 'auth.rotate_key': 'changed the signing key',
  'tests.create': 'added the suite', 'tests.update': 'changed the suite', 'tests.delete': 'removed the suite', 'schedules.create': 'added a schedule', 'schedules.update': 'changed a schedule', 'schedules.delete': 'removed a schedule',
  'webrtc.close': 'closed a stream', 'webrtc.close_all': 'closed all streams', 'metrics.delete': 'deleted metrics', 'store.backup': 'made a backup', 'store.set_retention': 'changed what is kept', 'fleet.restore': 'put back the configuration,', 'secrets.rotate': 'rotated the secrets', 'reports.delete': 'removed a report', 'content.remove': 'removed content', 'content.collect': 'collected unpinned content',
};
export const isChange = (action: string) => action in words;
export const wordsOf = (action: string) => words[action] ?? '';

const hrefOf = (action: string, subject: string) =>
  action.startsWith('fleet.') ? (subject && action !== 'fleet.delete' && action !== 'fleet.reload' ? `/servers/${encodeURIComponent(subject)}` : '/servers') : action.startsWith('users.') ? '/settings/users' : action.startsWith('roles.') ? '/settings/roles' : action.startsWith('tests.') ? '/tests' : action.startsWith('schedules.') ? '/reports/schedules' : action.startsWith('webrtc.') ? '/webrtc' : '/operations';

const change = (key: string, time: string, actor: string, action: string, subject: string, failed: boolean, detail: string): Change => ({
  key, time: Date.parse(time), tone: failed ? 'warn' : 'info', who: actor, what: `${failed ? 'tried: ' : ''}${words[action] ?? action}`, subject, href: hrefOf(action, subject), detail: failed ? detail : '',
});

export const ofAudit = (entries: AuditEntry[]): Change[] => entries.filter(({action, outcome}) => isChange(action) && outcome !== 'started').map((one) => change(`a${one.seq}`, one.time, one.actor, one.action, one.subject, one.outcome !== 'ok', one.detail));
export const ofOperations = (operations: Operation[]): Change[] =>
  operations.filter(({operation, status}) => isChange(operation) && status !== 'started').map((one) => change(one.operation_id, one.end_time ?? one.start_time, one.actor, one.operation, one.subject, one.status !== 'completed', one.error?.detail ?? one.status));

// The state each server is in, since when; what it was before is in its own history.
export const ofServers = (servers: Server[]): Change[] =>
  servers.map((server) => ({key: `s${server.name}${server.since}`, time: Date.parse(server.since), tone: toneOf[server.health_status] as Marker['tone'], who: server.name, what: `became ${statusWord[server.health_status].toLowerCase()}`, subject: '', href: `/servers/${encodeURIComponent(server.name)}`, detail: server.health_status === 'healthy' ? '' : server.reason}));

export function since(from: number, ...lists: Change[][]): Change[] {
  return lists.flat().filter(({time}) => time >= from).sort((a, b) => b.time - a.time);
}

// As marks on charts; a mass of them would cover what it explains.
export const markersOf = (changes: Change[], most = 40): Marker[] => changes.slice(0, most).map((one) => ({at: one.time / 1000, text: `${one.who} ${one.what} ${one.subject}`.trim(), tone: one.tone}));

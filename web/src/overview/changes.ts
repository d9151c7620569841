// What changed: what people and schedules did, and what became of servers, newest first. Looking, calling and testing change nothing.
import type {Operation, Server} from '../api/types';
import type {Marker} from '../chart/model';
import {t} from '../messages/en/overview';
import {statusWord, toneOf} from '../ui/Status';

export interface AuditEntry {seq: number; time: string; actor: string; action: string; subject: string; outcome: 'started' | 'ok' | 'failed' | 'refused'; detail: string}
export interface Change {key: string; time: number; tone: Marker['tone']; who: string; what: string; subject: string; href: string; detail: string}

const words: Record<string, string> = {
  get 'fleet.create'() { return t.added; }, get 'fleet.update'() { return t.changed; }, get 'fleet.delete'() { return t.removed; }, get 'fleet.start'() { return t.started; }, get 'fleet.stop'() { return t.stopped; }, get 'fleet.restart'() { return t.restarted; }, get 'fleet.reload'() { return t.readFleet; }, get 'fleet.reload_server'() { return t.reloaded; },
  get 'fleet.authorize'() { return t.beganAuthorize; }, get 'fleet.forget_authorization'() { return t.gaveUpAuthorization; }, get 'users.create'() { return t.addedUser; }, get 'users.update'() { return t.changedUser; }, get 'users.delete'() { return t.deletedUser; },
  get 'roles.create'() { return t.addedRole; }, get 'roles.update'() { return t.changedRole; }, get 'roles.delete'() { return t.deletedRole; }, get 'tokens.create'() { return t.madeToken; }, get 'tokens.delete'() { return t.endedToken; }, get 'sessions.end'() { return t.endedSession; }, get 'auth.password'() { return t.changedPassword; }, get 'auth.rotate_key'() { return t.changedKey; },
  get 'tests.create'() { return t.addedSuite; }, get 'tests.update'() { return t.changedSuite; }, get 'tests.delete'() { return t.removedSuite; }, get 'schedules.create'() { return t.addedSchedule; }, get 'schedules.update'() { return t.changedSchedule; }, get 'schedules.delete'() { return t.removedSchedule; },
  get 'webrtc.close'() { return t.closedStream; }, get 'webrtc.close_all'() { return t.closedStreams; }, get 'metrics.delete'() { return t.deletedMetrics; }, get 'store.backup'() { return t.madeBackup; }, get 'store.set_retention'() { return t.changedKept; }, get 'fleet.restore'() { return t.putBack; }, get 'secrets.rotate'() { return t.rotated; }, get 'reports.delete'() { return t.removedReport; }, get 'content.remove'() { return t.removedContent; }, get 'content.collect'() { return t.collected; },
};
export const isChange = (action: string) => action in words;
export const wordsOf = (action: string) => words[action] ?? '';

const hrefOf = (action: string, subject: string) =>
  action.startsWith('fleet.') ? (subject && action !== 'fleet.delete' && action !== 'fleet.reload' ? `/servers/${encodeURIComponent(subject)}` : '/servers') : action.startsWith('users.') ? '/settings/users' : action.startsWith('roles.') ? '/settings/roles' : action.startsWith('tests.') ? '/tests' : action.startsWith('schedules.') ? '/reports/schedules' : action.startsWith('webrtc.') ? '/webrtc' : '/operations';

const change = (key: string, time: string, actor: string, action: string, subject: string, failed: boolean, detail: string): Change => ({
  key, time: Date.parse(time), tone: failed ? 'warn' : 'info', who: actor, what: `${failed ? t.tried : ''}${words[action] ?? action}`, subject, href: hrefOf(action, subject), detail: failed ? detail : '',
});

export const ofAudit = (entries: AuditEntry[]): Change[] => entries.filter(({action, outcome}) => isChange(action) && outcome !== 'started').map((one) => change(`a${one.seq}`, one.time, one.actor, one.action, one.subject, one.outcome !== 'ok', one.detail));
export const ofOperations = (operations: Operation[]): Change[] =>
  operations.filter(({operation, status}) => isChange(operation) && status !== 'started').map((one) => change(one.operation_id, one.end_time ?? one.start_time, one.actor, one.operation, one.subject, one.status !== 'completed', one.error?.detail ?? one.status));

// The state each server is in, since when; what it was before is in its own history.
export const ofServers = (servers: Server[]): Change[] =>
  servers.map((server) => ({key: `s${server.name}${server.since}`, time: Date.parse(server.since), tone: toneOf[server.health_status] as Marker['tone'], who: server.name, what: t.became(statusWord[server.health_status].toLowerCase()), subject: '', href: `/servers/${encodeURIComponent(server.name)}`, detail: server.health_status === 'healthy' ? '' : server.reason}));

export function since(from: number, ...lists: Change[][]): Change[] {
  return lists.flat().filter(({time}) => time >= from).sort((a, b) => b.time - a.time);
}

// As marks on charts; a mass of them would cover what it explains.
export const markersOf = (changes: Change[], most = 40): Marker[] => changes.slice(0, most).map((one) => ({at: one.time / 1000, text: `${one.who} ${one.what} ${one.subject}`.trim(), tone: one.tone}));

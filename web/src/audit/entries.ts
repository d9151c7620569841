// What the audit page thinks: filters as the address and the API have them, which live entry fits, what an entry was before. Pure.
import type {Json} from '../api/types';
import {t} from '../messages/en/audit';
import {type Choice, parametersOf, spanOf} from '../time/range';
import {number} from '../ui/format';

export type Outcome = 'started' | 'ok' | 'failed' | 'refused';
export interface Entry {seq: number; time: string; actor: string; address: string; action: string; subject: string; arguments: Json; outcome: Outcome; detail: string; operation_id: string; hash: string}
export interface Filter {actor: string; action: string; subject: string; outcome: string; q: string}
export interface Verdict {ok: boolean; entries: number; first_seq: number; last_seq: number; signed_up_to: number; broken_at: number | null; detail: string; head: string}

export const fields: (keyof Filter)[] = ['actor', 'action', 'subject', 'outcome', 'q'];
export const noFilter: Filter = {actor: '', action: '', subject: '', outcome: '', q: ''};

// Kinds of actions by the beginning of their names.
export const families = (): [string, string][] => [['', t.everything], ['auth.*', t.logins], ['fleet.tool_call', t.toolCalls], ['fleet.*', t.servers], ['users.*', t.users], ['roles.*', t.roles], ['tokens.*', t.tokens], ['sessions.*', t.sessions], ['tests.*', t.tests], ['webrtc.*', t.streams], ['schedules.*', t.schedules], ['reports.*', t.reports], ['content.*', t.content], ['store.*', t.store], ['alerts.*', t.alerts], ['request.*', t.refusedRequests]];

// The range of the page as the audit is asked for it: the last so much has no end.
function bounds(choice: Choice, now: number): Record<string, string> {
  if ('last' in choice) return {from: new Date(spanOf(choice, now).from).toISOString()};
  const {start, end} = parametersOf(choice);
  return {from: start, to: end};
}

export function queryOf(filter: Filter, choice: Choice, now: number): string {
  const search = new URLSearchParams();
  for (const field of fields) if (filter[field]) search.set(field, filter[field]);
  for (const [name, value] of Object.entries(bounds(choice, now))) search.set(name, value);
  return search.toString();
}

const globs = new Map<string, RegExp>();
function globOf(pattern: string): RegExp {
  let found = globs.get(pattern);
  if (!found) globs.set(pattern, (found = new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`)));
  return found;
}

// As the server decides it, for entries that arrive.
export function fits(entry: Entry, filter: Filter, choice: Choice): boolean {
  if (filter.actor && entry.actor !== filter.actor) return false;
  if (filter.subject && entry.subject !== filter.subject) return false;
  if (filter.outcome && entry.outcome !== filter.outcome) return false;
  if (filter.action && !globOf(filter.action).test(entry.action)) return false;
  if ('from' in choice && !(Date.parse(entry.time) >= choice.from && Date.parse(entry.time) <= choice.to)) return false;
  return !filter.q || [entry.actor, entry.address, entry.action, entry.subject, entry.detail, JSON.stringify(entry.arguments)].join(' ').toLowerCase().includes(filter.q.toLowerCase());
}

export const outcomeWords: Record<Outcome, string> = {get started() { return t.started; }, get ok() { return t.done; }, get failed() { return t.failed; }, get refused() { return t.refused; }};
export const outcomeTones: Record<Outcome, string> = {started: 'info', ok: 'ok', failed: 'down', refused: 'warn'};

export function hrefOfSubject({action, subject}: Entry, servers: ReadonlySet<string>): string {
  if (!subject) return '';
  if (servers.has(subject)) return `/servers/${encodeURIComponent(subject)}`;
  const family = action.split('.')[0];
  return {users: '/settings/users', roles: '/settings/roles', tokens: '/settings/tokens', sessions: '/settings/sessions', auth: '/settings/users', schedules: '/reports/schedules', tests: '/tests', webrtc: `/webrtc/${encodeURIComponent(subject)}`, store: '/settings/backups', reports: '/reports'}[family] ?? '';
}

// Which actions say how the thing was made or what it became: the last of them before an entry is what was there.
export const statesThing = (action: string) => /\.(create|update|restore|set_\w+)$/.test(action);
export const changesThing = (action: string) => /\.(update|set_\w+)$/.test(action);
// Entries newest first; the first that has what was there before `entry`.
export const before = (entry: Entry, older: Entry[]): Entry | undefined => older.find((one) => one.seq < entry.seq && one.operation_id !== entry.operation_id && one.outcome === 'ok' && statesThing(one.action) && one.subject === entry.subject);

export function verdictText(verdict: Verdict): string {
  if (verdict.ok) return t.chainWhole(number(verdict.entries), verdict.signed_up_to === verdict.last_seq ? t.signedToEnd : t.signedUpTo(verdict.signed_up_to));
  return t.brokenAt(verdict.broken_at ?? 0, verdict.detail);
}

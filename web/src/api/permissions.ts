// May this user do this here? The server decides; the page asks the same question first, so that what is refused is
// shown as not possible, with the reason, before it is tried.
import {t} from '../messages/en/ui';
import type {Grant, User} from './types';

// Names with * for any run of characters and ? for one, as in role definitions.
export function globMatches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(name);
}

const covers = (globs: string[] | undefined, name: string | undefined) => name === undefined || !globs || globs.some((glob) => globMatches(glob, name));
const grants = (grant: Grant, permission: string) => grant.permissions.some((one) => one === '*' || one === permission);

export interface Place {server?: string; tool?: string}

// Why not, in words, or '' if it may.
export function refusal(user: User | null, permission: string, {server, tool}: Place = {}): string {
  if (!user) return t.nobodyHere;
  const held = user.grants?.length ? user.grants.filter((grant) => grants(grant, permission)) : user.permissions.includes(permission) ? [{permissions: [permission]} as Grant] : [];
  if (held.length === 0) return t.roleLacks(user.role, permission);
  if (held.some((grant) => covers(grant.servers, server) && covers(grant.tools, tool))) return '';
  return t.notForThat(user.role, permission, tool !== undefined && held.some((grant) => covers(grant.servers, server)) ? t.theTool(tool ?? '') : t.theServer(server ?? ''));
}

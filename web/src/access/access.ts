// What the access pages think about: role names, globs against the fleet, expiry, made-up passwords. Pure.
import {globMatches} from '../api/permissions';
import type {Grant} from '../api/types';
import {t} from '../messages/en/access';

export const builtinRoles = ['viewer', 'operator', 'admin'];

// "db-*, web" as a list; nothing means nothing, not everything.
export const globList = (text: string) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

export function matching(globs: string[], names: string[]): string[] {
  return names.filter((name) => globs.some((glob) => globMatches(glob, name)));
}

export function grantText({permissions, servers, tools}: Grant): string {
  const where = servers.includes('*') ? t.everyServer : t.onServers(servers.join(', '));
  const what = tools.includes('*') ? '' : t.withTools(tools.join(', '));
  return t.grantText(permissions.join(', '), where, what);
}

export function expiryText(expires: string | null, now = Date.now()): {text: string; tone: string} {
  if (!expires) return {text: t.never, tone: 'tone-warn'};
  const days = Math.ceil((Date.parse(expires) - now) / 86_400_000);
  if (Date.parse(expires) <= now) return {text: t.expired, tone: 'tone-down'};
  return {text: days === 1 ? t.withinDay : t.inDays(days), tone: days <= 7 ? 'tone-warn' : ''};
}

// No letters that look alike; 20 of 54 are 115 bits.
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
export function makePassword(random: (bytes: Uint8Array) => Uint8Array = (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)): string {
  let out = '';
  const most = 256 - (256 % letters.length); // above it the first letters would come more often
  while (out.length < 20) for (const byte of random(new Uint8Array(32))) if (byte < most && out.length < 20) out += letters[byte % letters.length];
  return out;
}

// "Mozilla/5.0 (X11; Linux x86_64) … Chrome/120.0 Safari/537" as people say it.
export function agentText(agent: string): string {
  if (!agent) return t.unknownProgram;
  const browser = /(Edg|OPR|Firefox|Chrome|HeadlessChrome|Safari)\/(\d+)/.exec(agent);
  if (!browser || !agent.startsWith('Mozilla/')) return agent.slice(0, 80);
  const names: Record<string, string> = {Edg: 'Edge', OPR: 'Opera', HeadlessChrome: 'Chrome'};
  const found = /Edg\/|OPR\//.exec(agent)?.[0].slice(0, -1) ?? browser[1];
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0];
  return `${names[found] ?? found} ${browser[2]}${system ? t.onSystem(system.replace('Mac OS X', 'macOS')) : ''}`;
}

// A command line as a shell would split it, without its other powers.
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let begun = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
      word += line[++at];
      begun = true;
    } else if (quote) {
      if (letter === quote) quote = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      begun = true;
    } else if (/\s/.test(letter)) {
      if (begun) words.push(word);
      word = '';
      begun = false;
    } else {
      word += letter;
      begun = true;
    }
  }
  if (quote) throw new Error(t.quoteOpen(quote));
  if (begun) words.push(word);
  return words;
}

// A line's text made safe and readable: ANSI colours become classes, other sequences go, control and direction characters are shown
// for what they are. JSON lines have their fields taken apart. Pure.
import type {Json, JsonObject} from '../api/types';

export interface Span {text: string; className: string}

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
// SGR, other control sequences, operating system commands (titles, links), two-character escapes.
// oxlint-disable-next-line no-control-regex
const escape = /\u001b\[([0-9;]*)m|\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]/g;
// oxlint-disable-next-line no-control-regex
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

export const visible = (text: string) =>
  text.replace(hidden, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });

export function spansOf(text: string): Span[] {
  if (!text.includes('\u001b')) return [{text: visible(text), className: ''}];
  const out: Span[] = [];
  let colour = '';
  let bold = false;
  let from = 0;
  const push = (part: string) => { if (part) out.push({text: visible(part), className: `${colour && `ansi-${colour}`}${bold ? ' ansi-bold' : ''}`.trim()}); };
  for (const match of text.matchAll(escape)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] === undefined) continue;
    const codes = match[1].split(';').map(Number);
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at];
      if (code === 0) [colour, bold] = ['', false];
      else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) colour = '';
      else if (code >= 30 && code <= 37) colour = colours[code - 30];
      else if (code >= 90 && code <= 97) colour = colours[code - 90];
      else if (code === 38 || code === 48) at += codes[at + 1] === 5 ? 2 : 4; // 256 and true colours: not ours to choose
    }
  }
  push(text.slice(from));
  return out;
}
export const plainText = (text: string) => spansOf(text).map((span) => span.text).join('');

const messageNames = ['msg', 'message', 'event', 'text'];
const knownNames = new Set([...messageNames, 'time', 'timestamp', 'ts', '@timestamp', 'level', 'severity', 'lvl']);
const short = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
export interface Fields {message: string; rest: [string, string][]; all: JsonObject}

// The fields of a line that is a JSON object; null for any other.
export function fieldsOf(text: string): Fields | null {
  if (text[0] !== '{' || !text.trimEnd().endsWith('}')) return null;
  try {
    const all = JSON.parse(text) as JsonObject;
    const name = messageNames.find((one) => typeof all[one] === 'string');
    return {all, message: name ? String(all[name]) : '', rest: Object.entries(all).filter(([key]) => !knownNames.has(key)).map(([key, value]) => [key, short(value)])};
  } catch {
    return null;
  }
}

// Where a text occurs, so that it can be marked; an expression likewise.
export function marked(text: string, needle: string, regular: boolean): {text: string; hit: boolean}[] {
  if (!needle) return [{text, hit: false}];
  let pattern: RegExp;
  try {
    pattern = new RegExp(regular ? needle : needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  } catch {
    return [{text, hit: false}];
  }
  const out: {text: string; hit: boolean}[] = [];
  let from = 0;
  for (const match of text.slice(0, 2000).matchAll(pattern)) {
    if (!match[0]) continue;
    if (match.index > from) out.push({text: text.slice(from, match.index), hit: false});
    out.push({text: match[0], hit: true});
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({text: text.slice(from), hit: false});
  return out;
}

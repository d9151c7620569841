// What may stand at a place of the document, from its JSON Schema: keys that are not there yet, or the values that are allowed.
import type {Json, JsonObject} from '../../api/types';
import {t} from '../../messages/en/editor';
import type {Schema} from '../types';
import {type Path, type Place, placeAt} from './place';

export interface Option {label: string; insert: string; detail: string}
export interface Completion {from: number; options: Option[]}
// More values for a path that the schema cannot know (names of servers); null: none.
export type More = (path: Path, text: string) => string[] | null;

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

// A schema, and those it is made of.
function parts(root: Schema, schema: Json | undefined, deep = 0): JsonObject[] {
  if (!isObject(schema) || deep > 8) return [];
  const out: JsonObject[] = [schema];
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#/')) {
    let found: Json | undefined = root;
    for (const name of schema.$ref.slice(2).split('/')) found = isObject(found) ? found[name.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
    out.push(...parts(root, found, deep + 1));
  }
  for (const word of ['allOf', 'anyOf', 'oneOf']) if (Array.isArray(schema[word])) for (const one of schema[word]) out.push(...parts(root, one, deep + 1));
  return out;
}

export function schemasAt(root: Schema, path: Path): JsonObject[] {
  let here = parts(root, root);
  for (const name of path) {
    here = here.flatMap((schema) => {
      if (typeof name === 'number') return parts(root, schema.items);
      const properties = schema.properties;
      if (isObject(properties) && name in properties) return parts(root, properties[name]);
      return parts(root, schema.additionalProperties);
    });
  }
  return here;
}

const typeOf = (root: Schema, schema: Json) => parts(root, schema).map((one) => one.type).find((type) => typeof type === 'string');
const helpOf = (root: Schema, schema: Json) => String(parts(root, schema).map((one) => one.description).find((text) => typeof text === 'string') ?? '');

function keys(root: Schema, place: Place): Option[] {
  const seen = new Set(place.siblings);
  const out: Option[] = [];
  const deeper = ' '.repeat(place.indent + 2);
  for (const schema of schemasAt(root, place.path)) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, one] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
      if (seen.has(name) || name.startsWith('$')) continue;
      seen.add(name);
      const type = typeOf(root, one);
      out.push({label: name, insert: type === 'object' ? `${name}:\n${deeper}` : type === 'array' ? `${name}:\n${deeper}- ` : `${name}: `, detail: `${required.includes(name) ? t.needed : ''}${helpOf(root, one)}`});
    }
  }
  return out;
}

function values(root: Schema, place: Place, more: More, text: string): Option[] {
  const out = new Map<string, Option>();
  const add = (value: Json, detail = '') => out.set(String(value), {label: String(value), insert: String(value), detail});
  for (const schema of schemasAt(root, place.path)) {
    if (Array.isArray(schema.enum)) for (const value of schema.enum) add(value);
    if (schema.const !== undefined) add(schema.const);
    if (schema.type === 'boolean') for (const value of [true, false]) add(value);
  }
  for (const value of more(place.path, text) ?? []) add(value);
  return [...out.values()];
}

// What begins with what is typed comes first, then what contains it.
export function completeAt(root: Schema, text: string, offset: number, more: More = () => null): Completion | null {
  const place = placeAt(text, offset);
  if (!place) return null;
  const typed = place.typed.toLowerCase();
  const all = place.value === null ? keys(root, place) : values(root, place, more, text);
  const fits = all.filter(({label}) => label.toLowerCase().includes(typed) && label !== place.typed);
  const options = [...fits.filter(({label}) => label.toLowerCase().startsWith(typed)), ...fits.filter(({label}) => !label.toLowerCase().startsWith(typed))];
  return options.length ? {from: place.from, options} : null;
}

// The names under a key of the document's first level: what a suite calls its servers.
export function namesUnder(text: string, key: string): string[] {
  const out: string[] = [];
  let inside = false;
  let column = 0;
  for (const row of text.split('\n')) {
    if (/^\s*(#|$)/.test(row)) continue;
    const indent = row.length - row.trimStart().length;
    if (indent === 0) {
      inside = row.startsWith(`${key}:`);
      column = 0;
    } else if (inside && (column === 0 || indent === column)) {
      column = indent;
      const name = /^([^\s:]+):/.exec(row.trim());
      if (name) out.push(name[1]);
    }
  }
  return out;
}

// The tags a suite has, of all its cases: for choosing by tag. Lists in one line and over several.
export function tagsIn(text: string): string[] {
  const tags = new Set<string>();
  const add = (word: string) => { const tag = word.trim().replace(/^["']|["']$/g, ''); if (tag) tags.add(tag); };
  const rows = text.split('\n');
  rows.forEach((row, at) => {
    const match = /^(\s*(?:- )*)tags:\s*(?:\[([^\]]*)\]?)?\s*(?:#.*)?$/.exec(row);
    if (!match) return;
    if (match[2] !== undefined) return match[2].split(',').forEach(add);
    for (let next = at + 1; next < rows.length && /^\s*- /.test(rows[next]) && rows[next].indexOf('-') >= match[1].length; next++) add(rows[next].replace(/^\s*- /, ''));
  });
  return [...tags].sort();
}

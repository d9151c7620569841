// A JSON Schema read for a form: what kind of field, which defaults, which faults. No React here.
import {Validator} from '@cfworker/json-schema';
import type {Json, JsonObject} from '../api/types';

export type Kind = 'string' | 'text' | 'number' | 'integer' | 'boolean' | 'enum' | 'object' | 'array' | 'json';
export interface Choice {value: Json; label: string}
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export function resolve(schema: Json | undefined, root: JsonObject, depth = 0): JsonObject {
  if (!isObject(schema)) return {};
  const reference = schema.$ref;
  if (typeof reference === 'string' && reference.startsWith('#/') && depth < 16) {
    let target: Json | undefined = root;
    for (const step of reference.slice(2).split('/')) target = isObject(target) ? target[step.replace(/~1/g, '/').replace(/~0/g, '~')] : undefined;
    return {...resolve(target, root, depth + 1), ...Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$ref'))};
  }
  return schema;
}

export function choicesOf(schema: JsonObject): Choice[] | null {
  const list = (schema.oneOf ?? schema.anyOf) as Json;
  if (Array.isArray(list) && list.length > 0 && list.every((item) => isObject(item) && 'const' in item))
    return list.map((item) => ({value: (item as JsonObject).const, label: String((item as JsonObject).title ?? (item as JsonObject).const)}));
  if (!Array.isArray(schema.enum)) return null;
  const names = schema.enumNames;
  return schema.enum.map((value, index) => ({value, label: Array.isArray(names) ? String(names[index] ?? value) : String(value)}));
}

export function kindOf(schema: JsonObject): Kind {
  if (choicesOf(schema)) return 'enum';
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'string') return Number(schema.maxLength ?? 0) > 200 || schema.format === 'textarea' ? 'text' : 'string';
  if (type === 'number' || type === 'integer' || type === 'boolean') return type;
  if (type === 'object' || isObject(schema.properties)) return isObject(schema.properties) ? 'object' : 'json';
  if (type === 'array') return 'array';
  return 'json';
}

export function initialValue(schema: JsonObject, root: JsonObject, required: boolean, depth = 0): Json | undefined {
  if ('default' in schema) return schema.default;
  if ('const' in schema) return schema.const;
  if (depth > 8) return undefined;
  if (kindOf(schema) === 'object' && (required || depth === 0)) {
    const out: JsonObject = {};
    const wanted = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, property] of Object.entries((schema.properties ?? {}) as JsonObject)) {
      const value = initialValue(resolve(property, root), root, wanted.includes(name), depth + 1);
      if (value !== undefined) out[name] = value;
    }
    return out;
  }
  if (!required) return undefined;
  return kindOf(schema) === 'boolean' ? false : kindOf(schema) === 'array' ? [] : undefined;
}

export interface Fault {pointer: string; message: string}

export function faultsOf(schema: JsonObject, value: Json): Fault[] {
  try {
    const result = new Validator(schema as object, '2020-12', false).validate(value);
    if (result.valid) return [];
    return result.errors
      .filter((error) => !['properties', 'items', 'oneOf', 'anyOf', 'allOf'].includes(error.keyword) || result.errors.length === 1)
      .map((error) => ({pointer: error.instanceLocation.replace(/^#/, ''), message: error.error}));
  } catch {
    return []; // a schema this validator cannot read decides nothing; the server has the last word
  }
}

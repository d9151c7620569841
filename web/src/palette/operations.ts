// The operations of the server's catalog, as /openapi.json tells them: what can be run by hand, with one schema for all its arguments.
import type {Json, JsonObject} from '../api/types';
import {t} from '../messages/en/palette';

interface Described {operationId?: string; summary?: string; 'x-permission'?: string; parameters?: {name: string; in: string; required?: boolean; description?: string; schema?: JsonObject}[]; requestBody?: {content?: Record<string, {schema?: JsonObject}>}}
export interface CatalogOperation {id: string; method: string; path: string; summary: string; permission: string; perServer: boolean; schema: JsonObject; inPath: string[]; inQuery: string[]}
type Document = {paths: Record<string, Record<string, Described>>; components?: Json};

// For programs: they take offers, bytes or tokens that nobody types, or are a step of something the pages do.
const forPrograms = /^(whep|whip|taps\.|webrtc\.(answer|stream|lens|import|leave)|content\.(add|upload)|metrics\.record|auth\.(ticket|password)|operations\.input|fleet\.(finish_authorization|complete)|tests\.(create|update|validate)|schedules\.preview)/;

export function operationsOf(document: Document): CatalogOperation[] {
  const known = new Map<string, CatalogOperation>(); // the first path of each: the others are old names
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, one] of Object.entries(methods)) {
      const permission = one['x-permission'];
      const id = one.operationId;
      if (method === 'get' || !id || !permission || known.has(id) || forPrograms.test(id)) continue;
      const body = one.requestBody?.content?.['application/json']?.schema;
      if (one.requestBody && !body) continue;
      const given = (one.parameters ?? []).filter((parameter) => parameter.in === 'path' || parameter.in === 'query');
      const properties: JsonObject = {};
      for (const {name, schema, description} of given) properties[name] = {type: 'string', ...schema, ...(description && {description})};
      Object.assign(properties, (body?.properties ?? {}) as JsonObject);
      const required = [...given.filter((parameter) => parameter.in === 'path' || parameter.required).map(({name}) => name), ...(Array.isArray(body?.required) ? (body.required as string[]) : [])];
      known.set(id, {
        id, method: method.toUpperCase(), path, summary: one.summary ?? id, permission, perServer: path.startsWith('/api/servers/{id}'), schema: {type: 'object', properties, required, ...(document.components ? {components: document.components} : {})},
        inPath: given.filter((parameter) => parameter.in === 'path').map(({name}) => name), inQuery: given.filter((parameter) => parameter.in === 'query').map(({name}) => name),
      });
    }
  return [...known.values()];
}

// The request that arguments make: those of the path and the query in the address, the rest as body.
export function requestOf(operation: CatalogOperation, given: JsonObject): {path: string; body: JsonObject | undefined} {
  const body = {...given};
  let path = operation.path;
  for (const name of operation.inPath) {
    path = path.replace(`{${name}}`, encodeURIComponent(String(given[name] ?? '')));
    delete body[name];
  }
  const query = new URLSearchParams();
  for (const name of operation.inQuery) {
    if (given[name] !== undefined) query.set(name, String(given[name]));
    delete body[name];
  }
  const asked = String(query);
  return {path: asked ? `${path}?${asked}` : path, body: operation.method === 'DELETE' ? undefined : body};
}

let reading: Promise<CatalogOperation[]> | null = null;
export const readOperations = () =>
  (reading ??= fetch('/openapi.json').then(async (answer) => {
    if (!answer.ok) throw new Error(t.catalogUnread(answer.status));
    return operationsOf((await answer.json()) as Document);
  }).catch((error: Error) => {
    reading = null; // the next one tries again
    throw error;
  }));

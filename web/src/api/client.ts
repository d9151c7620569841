// REST calls. The access token lives in memory only; it is renewed by the HttpOnly refresh cookie, by one request at a time
// however many calls find it too old.
import {t} from '../messages/en/ui';
import {type Place, refusal} from './permissions';
import type {Operation, Problem, Session, User} from './types';

export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }
}

type Listener = (user: User | null) => void;
let token = '';
let expiresAt = 0;
let user: User | null = null;
let renewing: Promise<boolean> | null = null;
const listeners = new Set<Listener>();
let farewell = ''; // why nobody is logged in any more, if it was not asked for
export const whyLoggedOut = () => farewell;
let away = false; // the last renewal got no answer at all: that says nothing about the session
export const isAway = () => away;

export const currentUser = () => user;
export const onSession = (listener: Listener) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function setSession(session: Session | null, reason = '') {
  // Several calls may find out one after the other: the first says why.
  if (session || user) farewell = session ? '' : reason;
  token = session?.access_token ?? '';
  expiresAt = session ? Date.now() + session.expires_in * 1000 : 0;
  user = session?.user ?? null;
  for (const listener of listeners) listener(user);
}

async function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)});
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    return new ApiError(response.status, (await response.json()) as Problem);
  } catch {
    return new ApiError(response.status, {detail: t.serverAnswered(response.status)});
  }
}

async function signIn(path: string, body: unknown) {
  const response = await post(path, body);
  if (!response.ok) throw await problemOf(response);
  setSession((await response.json()) as Session);
}

export const login = (username: string, password: string) => signIn('/api/auth/login', {username, password});
export const exchangeCode = (code: string) => signIn('/api/auth/link', {code});

export async function logout() {
  await post('/api/auth/logout', {});
  setSession(null);
}

export function renew(): Promise<boolean> {
  // Tabs share the refresh cookie, and it works once: they take turns.
  const turn = <T>(run: () => Promise<T>) => (navigator.locks ? navigator.locks.request('telltale.refresh', run) : run());
  renewing ??= (async () => {
    try {
      const response = await turn(() => post('/api/auth/refresh', {}));
      away = response.status >= 500;
      if (response.ok) setSession((await response.json()) as Session);
      else if (response.status === 401) setSession(null, t.sessionEnded);
      return response.ok;
    } catch {
      away = true;
      return false;
    } finally {
      renewing = null;
    }
  })();
  return renewing;
}

// A token with at least 30 s of life.
export async function accessToken(): Promise<string> {
  if (Date.now() > expiresAt - 30_000) await renew();
  return token;
}

export interface CallOptions {method?: string; body?: unknown; wait?: number; signal?: AbortSignal}
export interface Answer<T> {status: number; body: T}

// The rights of the page may be older than those of the server: after a refusal they are read again.
export async function readRights() {
  const response = await fetch('/api/auth/me', {headers: {authorization: `Bearer ${await accessToken()}`}});
  if (!response.ok) return;
  user = (await response.json()) as User;
  for (const listener of listeners) listener(user);
}

// What an operation came to, however long it takes.
export async function settled(id: string): Promise<Operation> {
  for (;;) {
    const {body} = await request<Operation>(`/api/operations/${id}`, {wait: 20});
    if (body.status !== 'started') return body;
  }
}

export async function request<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const send = async () => {
    const headers: Record<string, string> = {authorization: `Bearer ${await accessToken()}`};
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    if (options.wait !== undefined) headers.prefer = `wait=${options.wait}`;
    return fetch(path, {method: options.method ?? 'GET', headers, signal: options.signal, body: options.body === undefined ? undefined : JSON.stringify(options.body)});
  };
  let response = await send();
  if (response.status === 401 && (await renew())) response = await send();
  if (response.status === 403) await readRights().catch(() => undefined); // the refusal itself is what is told
  if (!response.ok) throw await problemOf(response);
  return {status: response.status, body: response.status === 204 ? (null as T) : ((await response.json()) as T)};
}

export const get = async <T>(path: string, signal?: AbortSignal) => (await request<T>(path, {signal})).body;
export const serverPath = (name: string, rest = '') => `/api/servers/${encodeURIComponent(name)}${rest}`;
export const whyNot = (permission: string, place?: Place) => refusal(user, permission, place);
export const may = (permission: string, place?: Place) => whyNot(permission, place) === '';

// What is said, by room: the history is read when a room is opened, the rest comes live. Unread is what came while the chat was shut.
import {useSyncExternalStore} from 'react';
import {get, request} from '../api/client';
import type {LiveEvent} from '../api/types';
import {live} from '../live/store';
import type {Message} from './types';

const mostKept = 500;

export class Talk {
  rooms = new Map<string, Message[]>(); // oldest first; only those that were opened
  unread = 0;
  open = false;
  version = 0;
  private listeners = new Set<() => void>();
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private changed() {
    this.version++;
    for (const listener of this.listeners) listener();
  }

  hear({data}: LiveEvent) {
    if (data.event === 'said') this.add(data.message as Message);
    else if (data.event === 'removed') {
      const room = this.rooms.get(String(data.room));
      if (room) this.rooms.set(String(data.room), room.filter(({id}) => id !== data.id));
    }
    this.changed();
  }
  private add(message: Message) {
    const room = this.rooms.get(message.room);
    if (room && !room.some(({id}) => id === message.id)) this.rooms.set(message.room, [...room, message].slice(-mostKept));
    if (!this.open && !message.yours) this.unread++;
  }
  setOpen(open: boolean) {
    this.open = open;
    if (open) this.unread = 0;
    this.changed();
  }
  async read(room: string) {
    const {items} = await get<{items: Message[]}>(`/api/presence/chat?${new URLSearchParams({room, limit: '100'})}`);
    this.rooms.set(room, items.reverse());
    this.changed();
  }
  async say(room: string, text: string) {
    const {body} = await request<Message>('/api/presence/chat', {method: 'POST', body: {room, text}});
    this.add(body);
    this.changed();
  }
  async remove(id: string) {
    await request(`/api/presence/chat/${id}`, {method: 'DELETE'});
  }
  // What was said while there was no connection is read again when it is looked at.
  forget() {
    const rooms = [...this.rooms.keys()];
    for (const room of rooms) void this.read(room).catch(() => undefined);
  }
}

// Words that begin with a slash are pages; the rest stays as it was written.
export function partsOf(text: string): {text: string; href?: string}[] {
  return text.split(/(\/[a-z][^\s]*)/g).filter(Boolean).map((part, index, all) => {
    const begins = index === 0 || /[\s(]$/.test(all[index - 1]);
    if (!begins || !/^\/[a-z]/.test(part)) return {text: part};
    return {text: part, href: part.replace(/[.,;:!?)]+$/, '')};
  });
}

export const talk = new Talk();
live.hear('chat', (event) => talk.hear(event));
live.hear('initial_status', () => talk.forget());

export function useTalk(): Talk {
  useSyncExternalStore(talk.subscribe, talk.getVersion);
  return talk;
}

// Who is here, outside React: the server's word, and where oneself is, told to it. Cursors go past React altogether.
import {useSyncExternalStore} from 'react';
import type {LiveEvent} from '../api/types';
import {say} from '../live/connect';
import {live} from '../live/store';
import {t} from '../messages/en/presence';
import type {Cursor, Person} from './types';

export interface View {id: string; elsewhere: boolean; page?: string; query?: string; scroll?: number}
export interface Place {page: string; query: string; scroll: number; idle: boolean; invisible: boolean}

const backMs = 30_000; // a reload, a restart of the server

export class People {
  all = new Map<string, Person>();
  cursors = new Map<string, Cursor>();
  me = '';
  mutual = false;
  following = '';
  private lost: {user: string; at: number} | null = null; // followed until the connection broke, theirs or ours
  view: View | null = null; // of whom one follows
  version = 0;
  private listeners = new Set<() => void>();
  private place: Place | null = null;

  constructor(private send: (message: object) => void = say, private notice: (text: string) => void = () => undefined, private now = Date.now) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  getVersion = () => this.version;
  private changed() {
    this.version++;
    for (const listener of this.listeners) listener();
  }
  onNotice(notice: (text: string) => void) {
    this.notice = notice;
  }

  hear({data}: LiveEvent) {
    const id = String(data.id ?? '');
    switch (data.event) {
      case 'list':
        this.me = String(data.me);
        this.mutual = data.mutual === true;
        this.all = new Map((data.people as Person[]).map((one) => [one.id, one]));
        this.cursors.clear();
        if (this.following && !this.all.has(this.following)) this.stopFollowing();
        for (const person of this.all.values()) this.found(person);
        break;
      case 'joined': case 'changed': {
        const person = data.person as Person;
        const before = this.all.get(person.id);
        this.all.set(person.id, person);
        if (person.page !== this.place?.page) this.cursors.delete(person.id);
        this.found(person);
        if (person.follows_you && !before?.follows_you) this.notice(t.followsYou(person.user));
        break;
      }
      case 'left':
        if (id === this.following) {
          const user = this.all.get(id)?.user ?? '';
          this.notice(t.hasLeft(user));
          this.stopFollowing();
          this.lost = {user, at: this.now()};
        }
        this.all.delete(id);
        this.cursors.delete(id);
        break;
      case 'view':
        if (id === this.following) this.view = data as unknown as View;
        break;
      case 'refused':
        if (id === this.following) { this.notice(t.notFollowed(this.all.get(id)?.user ?? t.they)); this.stopFollowing(); }
        break;
    }
    this.changed();
  }
  hearCursor({data}: LiveEvent) {
    const {id, anchor, selection} = data as unknown as Cursor & {id: string};
    if (anchor || selection) this.cursors.set(id, {anchor, selection});
    else this.cursors.delete(id);
  }

  private found(person: Person) {
    if (!this.lost || person.user !== this.lost.user || person.yours) return;
    const late = this.now() - this.lost.at > backMs;
    this.lost = null;
    if (!late) this.follow(person.id);
  }

  // A new connection is a new person: said again, and followed again where that goes.
  rejoin() {
    const user = this.all.get(this.following)?.user;
    this.following = '';
    this.all.clear();
    this.cursors.clear();
    if (this.place) this.send({action: 'presence', ...this.place});
    if (user) this.lost = {user, at: this.now()};
    this.changed();
  }
  goTo(place: Place) {
    if (this.place && Object.entries(place).every(([key, value]) => this.place?.[key as keyof Place] === value)) return;
    if (place.page !== this.place?.page) this.cursors.clear();
    this.place = place;
    this.send({action: 'presence', ...place});
  }
  point(cursor: Cursor) {
    if (this.place && !this.place.invisible) this.send({action: 'cursor', page: this.place.page, ...(cursor.anchor ? {anchor: cursor.anchor} : {}), ...(cursor.selection ? {selection: cursor.selection} : {})});
  }
  follow(id: string) {
    this.following = id;
    this.view = null;
    this.send({action: 'follow', id});
    this.changed();
  }
  stopFollowing() {
    this.lost = null;
    if (!this.following) return;
    this.following = '';
    this.view = null;
    this.send({action: 'follow'});
    this.changed();
  }
  refuse(id: string) {
    this.send({action: 'refuse', id});
  }
  // Others on the page one looks at: for nobody no cursor is sent.
  beside(): Person[] {
    return [...this.all.values()].filter((one) => one.page !== null && one.page === this.place?.page);
  }
  get followed() {
    return [...this.all.values()].some((one) => one.follows_you);
  }
}

export const people = new People();
live.hear('presence', (event) => people.hear(event));
live.hear('cursor', (event) => people.hearCursor(event));
live.hear('initial_status', () => people.rejoin());

export function usePeople(): People {
  useSyncExternalStore(people.subscribe, people.getVersion);
  return people;
}

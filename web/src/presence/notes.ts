// Notes on the charts of the page one is on: read once a page, then kept up by events.
import {useEffect, useMemo, useSyncExternalStore} from 'react';
import {get, may, request} from '../api/client';
import type {LiveEvent} from '../api/types';
import type {Marker} from '../chart/model';
import {live} from '../live/store';
import type {Note} from './types';

export interface Words {time: string; end?: string; text: string}

export class Notes {
  version = 0;
  all = new Map<string, Note>();
  private read = ''; // the page
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
    const note = data.annotation as Note;
    if (data.event === 'removed') this.all.delete(note.id);
    else if (note.page === this.read) this.all.set(note.id, note);
    this.changed();
  }
  look(page: string, again = false) {
    if (page === this.read && !again) return;
    this.read = page;
    this.all.clear();
    if (!may('presence:read') || !live.presence) return;
    void get<{items: Note[]}>(`/api/annotations?${new URLSearchParams({page, limit: '1000'})}`).then(({items}) => {
      if (page !== this.read) return;
      for (const note of items) this.all.set(note.id, note);
      this.changed();
    }, () => { this.read = ''; }); // asked again by the next chart
  }
  lookAgain() {
    if (this.read || live.presence) this.look(this.read || location.pathname, true);
  }
  async write(page: string, chart: string, words: Words) {
    await request('/api/annotations', {method: 'POST', body: {page, chart, ...words}});
  }
  async change(id: string, words: Words) {
    await request(`/api/annotations/${id}`, {method: 'PUT', body: words});
  }
  async remove(id: string) {
    await request(`/api/annotations/${id}`, {method: 'DELETE'});
  }
  async restore(id: string) {
    await request(`/api/annotations/${id}/restore`, {method: 'POST', body: {}});
  }
}

export const notes = new Notes();
live.hear('annotation', (event) => notes.hear(event));
live.hear('initial_status', () => notes.lookAgain());

const none: Note[] = [];
export function useNotes(chart: string): Note[] {
  const version = useSyncExternalStore(notes.subscribe, notes.getVersion, notes.getVersion);
  const page = typeof location === 'undefined' ? '' : location.pathname;
  useEffect(() => notes.look(page), [page]);
  return useMemo(() => {
    const found = [...notes.all.values()].filter((one) => one.page === page && (one.chart === chart || one.chart === ''));
    return found.length ? found.sort((a, b) => a.time.localeCompare(b.time)) : none;
  }, [version, page, chart]);
}

export const markerOf = (note: Note): Marker => ({at: Date.parse(note.time) / 1000, to: note.end === note.time ? undefined : Date.parse(note.end) / 1000, text: `${note.author}: ${note.text}`, tone: 'info', note: true});

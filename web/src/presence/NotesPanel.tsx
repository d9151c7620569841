// The notes of one chart: write, change, remove and bring back. By keys and by pointer alike.
import {type FormEvent, useEffect, useId, useRef, useState} from 'react';
import {may, whyNot} from '../api/client';
import {locale} from '../messages/language';
import {t} from '../messages/en/presence';
import {safe} from '../ui/format';
import {notes, type Words} from './notes';
import type {Note} from './types';
import './notes.css';

const local = (time: number) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
const iso = (text: string) => new Date(text).toISOString();

function Form({at, to, note, onSave, onCancel}: {at: number; to?: number; note?: Note; onSave(words: Words): Promise<void>; onCancel(): void}) {
  const [text, setText] = useState(note?.text ?? '');
  const [from, setFrom] = useState(local(note ? Date.parse(note.time) : at));
  const [end, setEnd] = useState(note ? (note.end === note.time ? '' : local(Date.parse(note.end))) : to ? local(to) : '');
  const [fault, setFault] = useState('');
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    onSave({time: iso(from), ...(end ? {end: iso(end)} : {}), text: text.trim()}).catch((error: Error) => setFault(error.message));
  };
  return (
    <form className="note-form" onSubmit={save}>
      <label htmlFor={`${id}t`}>{t.note}</label><textarea id={`${id}t`} ref={field} rows={2} maxLength={1000} required value={text} onChange={(event) => setText(event.target.value)} />
      <div className="note-times">
        <label>{t.at} <input type="datetime-local" step={1} required value={from} onChange={(event) => setFrom(event.target.value)} /></label>
        <label>{t.until} <input type="datetime-local" step={1} value={end} onChange={(event) => setEnd(event.target.value)} /></label>
        <button type="submit" className="button small primary" disabled={!text.trim()}>{note ? t.change : t.write}</button>
        <button type="button" className="button small" onClick={onCancel}>{t.cancel}</button>
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
    </form>
  );
}

export default function NotesPanel({title, chart, page, list, at, to, onClose}: {title: string; chart: string; page: string; list: Note[]; at: number; to?: number; onClose(): void}) {
  const refusal = whyNot('annotations:write');
  const [form, setForm] = useState<Note | 'new' | null>(refusal ? null : 'new');
  const [removed, setRemoved] = useState<Note | null>(null);
  const [fault, setFault] = useState('');
  const attempt = (work: Promise<unknown>, then?: () => void) => void work.then(() => { setFault(''); then?.(); }, (error: Error) => setFault(error.message));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section className="notes" aria-label={t.notesOn(title)} onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onClose(); } }}>
      {form ? <Form key={form === 'new' ? 'new' : form.id} at={at} to={to} note={form === 'new' ? undefined : form} onCancel={() => (list.length ? setForm(null) : onClose())} onSave={async (words) => { await (form === 'new' ? notes.write(page, chart, words) : notes.change(form.id, words)); setForm(null); }} />
        : <p className="note-tools"><button type="button" className="button small" disabled={refusal !== ''} title={refusal} onClick={() => setForm('new')}>{t.writeNote}</button> <button type="button" className="button small" onClick={onClose}>{t.close}</button></p>}
      {list.length > 0 && <ul className="plain note-list">{list.map((note) => (
        <li key={note.id}>
          <time dateTime={note.time}>{new Date(note.time).toLocaleString(locale())}</time> <b>{safe(note.author)}</b> <span className="wrap">{safe(note.text)}</span>
          {(note.yours || may('users:manage')) && !refusal && <span className="note-do"><button type="button" className="button small" aria-label={t.editNote(note.text)} onClick={() => setForm(note)}>{t.edit}</button> <button type="button" className="button small" aria-label={t.removeNote(note.text)} onClick={() => attempt(notes.remove(note.id), () => setRemoved(note))}>{t.remove}</button></span>}
        </li>
      ))}</ul>}
      {removed && <p role="status">{t.deleted} <button type="button" className="button small" onClick={() => attempt(notes.restore(removed.id), () => setRemoved(null))}>{t.undo}</button></p>}
      {fault && <p className="fault" role="alert">{fault}</p>}
    </section>
  );
}

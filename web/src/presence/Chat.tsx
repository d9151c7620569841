// The chat: with everybody, or with those who may see this page. Beside the page, not over its work: Esc shuts it.
import {type FormEvent, type KeyboardEvent, useEffect, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';
import {may, whyNot} from '../api/client';
import {locale} from '../messages/language';
import {t} from '../messages/en/presence';
import {ago, safe} from '../ui/format';
import {toast} from '../ui/toast';
import {partsOf, useTalk} from './talk';
import type {Message} from './types';

const failed = (fault: Error) => toast('down', fault.message);

function Said({message}: {message: Message}) {
  const talk = useTalk();
  return (
    <li>
      <span className="said-head"><b>{safe(message.author)}</b> <small title={new Date(message.time).toLocaleString(locale())}>{ago(message.time)}</small>
        {(message.yours || may('users:manage')) && may('presence:chat') && <button type="button" className="said-delete" aria-label={t.removeMessage(message.author)} onClick={() => void talk.remove(message.id).catch(failed)}>{t.remove}</button>}
      </span>
      <p>{partsOf(safe(message.text)).map((part, index) => (part.href ? <Link key={index} href={part.href}>{part.text}</Link> : part.text))}</p>
    </li>
  );
}

export function Chat({onClose}: {onClose(): void}) {
  const talk = useTalk();
  const [path] = useLocation();
  const [here, setHere] = useState(false);
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const room = here ? path : '';
  const messages = talk.rooms.get(room);
  useEffect(() => { talk.setOpen(true); input.current?.focus(); return () => talk.setOpen(false); }, [talk]);
  useEffect(() => { setFault(''); void talk.read(room).catch((error: Error) => setFault(error.message)); }, [talk, room]);
  useEffect(() => { list.current?.scrollTo({top: list.current.scrollHeight}); }, [messages?.length]);
  const refusal = whyNot('presence:chat');
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    const words = text.trim();
    if (!words) return;
    void talk.say(room, words).then(() => { setText(''); setFault(''); }, (error: Error) => setFault(error.message));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') { event.stopPropagation(); onClose(); }
    if (event.key === 'Enter' && !event.shiftKey && event.target === input.current) { event.preventDefault(); send(); }
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section className="chat" aria-label={t.chat} onKeyDown={onKey}>
      <header className="chat-head">
        <h2>{t.chat}</h2>
        <fieldset className="chat-rooms"><legend className="sr">{t.withWhom}</legend>
          <label className="segment"><input type="radio" name="chat-room" checked={!here} onChange={() => setHere(false)} /> {t.everybody}</label>
          <label className="segment"><input type="radio" name="chat-room" checked={here} onChange={() => setHere(true)} /> {t.thisPage}</label>
        </fieldset>
        <button type="button" className="icon-button" aria-label={t.closeChat} onClick={onClose}>×</button>
      </header>
      <div ref={list} className="chat-list" role="log" aria-live="polite" aria-label={here ? t.saidHere : t.saidToAll} tabIndex={0}><ol className="plain">
        {messages?.length === 0 && <li className="muted">{here ? t.nothingHere : t.nothingSaid}</li>}
        {messages?.map((message) => <Said key={message.id} message={message} />)}
      </ol></div>
      {fault && <p className="fault chat-fault" role="alert">{fault}</p>}
      <form className="chat-form" onSubmit={send}>
        <textarea ref={input} rows={2} maxLength={2000} value={text} disabled={refusal !== ''} aria-label={t.message} placeholder={refusal || t.messageHint} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button small primary" disabled={refusal !== '' || !text.trim()}>{t.send}</button>
      </form>
    </section>
  );
}

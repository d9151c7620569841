// The chat: with everybody, or with those who may see this page. Beside the page, not over its work: Esc shuts it.
import {type FormEvent, type KeyboardEvent, useEffect, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';
import {may, whyNot} from '../api/client';
import {ago, safe} from '../ui/format';
import {toast} from '../ui/toast';
import {partsOf, useTalk} from './talk';
import type {Message} from './types';

const failed = (fault: Error) => toast('down', fault.message);

function Said({message}: {message: Message}) {
  const talk = useTalk();
  return (
    <li>
      <span className="said-head"><b>{safe(message.author)}</b> <small title={new Date(message.time).toLocaleString()}>{ago(message.time)}</small>
        {(message.yours || may('users:manage')) && may('presence:chat') && <button type="button" className="said-delete" aria-label={`Delete the message of ${message.author}`} onClick={() => void talk.remove(message.id).catch(failed)}>Delete</button>}
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
    <section className="chat" aria-label="Chat" onKeyDown={onKey}>
      <header className="chat-head">
        <h2>Chat</h2>
        <fieldset className="chat-rooms"><legend className="sr">With whom</legend>
          <label className="segment"><input type="radio" name="chat-room" checked={!here} onChange={() => setHere(false)} /> Everybody</label>
          <label className="segment"><input type="radio" name="chat-room" checked={here} onChange={() => setHere(true)} /> This page</label>
        </fieldset>
        <button type="button" className="icon-button" aria-label="Close the chat" onClick={onClose}>×</button>
      </header>
      <div ref={list} className="chat-list" role="log" aria-live="polite" aria-label={here ? 'What was said on this page' : 'What was said to everybody'} tabIndex={0}><ol className="plain">
        {messages?.length === 0 && <li className="muted">{here ? 'Nothing was said here so far. Only people who may see this page read it.' : 'Nothing was said so far.'}</li>}
        {messages?.map((message) => <Said key={message.id} message={message} />)}
      </ol></div>
      {fault && <p className="fault chat-fault" role="alert">{fault}</p>}
      <form className="chat-form" onSubmit={send}>
        <textarea ref={input} rows={2} maxLength={2000} value={text} disabled={refusal !== ''} aria-label="Message" placeholder={refusal || 'Enter sends; /servers/x becomes a link'} onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button small primary" disabled={refusal !== '' || !text.trim()}>Send</button>
      </form>
    </section>
  );
}

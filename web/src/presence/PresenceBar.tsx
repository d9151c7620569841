// Who else is here, in the header: faces, the list behind them with following and hiding, the chat. What moves over the page hangs here too.
import {useEffect, useRef, useState} from 'react';
import {createPortal} from 'react-dom';
import {Link} from 'wouter';
import {crumbsOf} from '../app/pages';
import {t} from '../messages/en/presence';
import {safe} from '../ui/format';
import {setPref, usePrefs} from '../ui/prefs';
import {toast} from '../ui/toast';
import {Chat} from './Chat';
import {useTalk} from './talk';
import {Cursors} from './Cursors';
import {faceOf} from './faces';
import {Following} from './Following';
import {usePeople} from './people';
import type {Person} from './types';
import {useOwnCursor, useWhereabouts} from './whereabouts';
import './presence.css';

const mostFaces = 4;
const where = (person: Person) => (person.page === null ? t.elsewhere : crumbsOf(person.page).map(({label}) => label).join(' / '));

function Face({person}: {person: Person}) {
  const face = faceOf(person.user);
  return <span className="face" data-idle={person.idle} style={{borderColor: `var(${face.colour})`, borderStyle: face.pattern}} data-letters={safe(face.initials)} aria-hidden="true" />;
}

function Row({person}: {person: Person}) {
  const people = usePeople();
  const mine = people.following === person.id;
  return (
    <li className="person" data-person={person.user}>
      <Face person={person} />
      <span className="person-what">
        <b>{safe(person.user)}{person.yours && t.inAnotherTab}</b>
        <small>{person.page === null ? t.elsewhere : <Link href={person.page}>{safe(where(person))}</Link>}{person.idle && t.idle}{person.follows_you && t.followsYouToo}</small>
      </span>
      {person.follows_you && <button type="button" className="button small" onClick={() => people.refuse(person.id)}>{t.refuse}</button>}
      {!person.yours && <button type="button" className="button small presence-keep" aria-pressed={mine} onClick={() => (mine ? people.stopFollowing() : people.follow(person.id))} aria-label={`${mine ? t.stopFollowing : t.follow} ${person.user}`}>{mine ? t.stop : t.follow}</button>}
    </li>
  );
}

export default function PresenceBar() {
  const people = usePeople();
  const talk = useTalk();
  const prefs = usePrefs();
  const [chat, setChat] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useWhereabouts();
  useOwnCursor();
  useEffect(() => people.onNotice((text) => toast('info', text)), [people]);
  const others = [...people.all.values()].sort((a, b) => a.user.localeCompare(b.user) || a.since.localeCompare(b.since));
  const faces = others.filter((one, index) => !one.yours && others.findIndex(({user}) => user === one.user) === index);
  const close = () => { setChat(false); opener.current?.focus(); };
  return (
    <>
      <button type="button" className="button quiet people-button" popoverTarget="people-menu" aria-label={t.here(faces.length === 0 ? t.nobodyElseIs : faces.length === 1 ? t.oneOtherIs : t.othersAre(faces.length))} title={faces.map((one) => `${one.user}: ${where(one)}`).join('\n') || t.nobodyElse}>
        {faces.slice(0, mostFaces).map((one) => <Face key={one.id} person={one} />)}
        {faces.length > mostFaces && <span className="face" data-letters={`+${faces.length - mostFaces}`} aria-hidden="true" />}
        {faces.length === 0 && <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.4-2.6 2.2-4 4.5-4s4.1 1.4 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.5M12 9.8c1.400.7 2.200 2 2.500 3.700" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" /></svg>}
      </button>
      <div id="people-menu" popover="auto" className="menu" role="dialog" aria-label={t.whoIsHere}>
        {others.length === 0 ? <p className="menu-who muted">{prefs.invisible && people.mutual ? t.whileInvisible : t.nobodyElseHere}</p> : <ul className="plain people">{others.map((one) => <Row key={one.id} person={one} />)}</ul>}
        <label className="menu-item presence-choice"><span>{t.invisible}</span><input type="checkbox" checked={prefs.invisible} onChange={(event) => setPref('invisible', event.target.checked)} /></label>
        <label className="menu-item presence-choice"><span>{t.cursors}</span><input type="checkbox" checked={prefs.cursors} onChange={(event) => setPref('cursors', event.target.checked)} /></label>
      </div>
      <button ref={opener} type="button" className="icon-button chat-button" aria-expanded={chat} aria-label={talk.unread > 0 ? t.chatUnread(talk.unread) : t.chat} title={t.chat} onClick={() => setChat(!chat)}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 3h12v8H7l-3 2.500V11H2z" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinejoin="round" /></svg>
        {talk.unread > 0 && <span className="unread" aria-hidden="true">{Math.min(99, talk.unread)}</span>}
      </button>
      {createPortal(<>{prefs.cursors && <Cursors />}<Following />{chat && <Chat onClose={close} />}</>, document.body)}
    </>
  );
}

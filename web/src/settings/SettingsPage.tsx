// Settings: oneself, who may come in, what is kept, how the fleet is defined, how this looks, what it is.
import '../access/access.css';
import './settings.css';
import {lazy, Suspense, useEffect, useRef} from 'react';
import {Link} from 'wouter';
import {whyNot} from '../api/client';
import {Roles} from '../access/Roles';
import {Sessions} from '../access/Sessions';
import {Tokens} from '../access/Tokens';
import {Users} from '../access/Users';
import {t} from '../messages/en/settings';
import {About} from './About';
import {Account} from './Account';
import {Appearance} from './Appearance';
import {Backups} from './Backups';
import {Retention} from './Retention';

const Configuration = lazy(() => import('./Configuration'));

const groups = [
  {get name() { return t.you; }, rooms: [{path: 'account', get label() { return t.account; }, Room: Account}, {path: 'appearance', get label() { return t.appearance; }, Room: Appearance}]},
  {get name() { return t.access; }, rooms: [{path: 'users', get label() { return t.users; }, Room: Users}, {path: 'roles', get label() { return t.roles; }, Room: Roles}, {path: 'tokens', get label() { return t.tokens; }, Room: Tokens}, {path: 'sessions', get label() { return t.sessions; }, Room: Sessions}]},
  {get name() { return t.server; }, rooms: [{path: 'configuration', get label() { return t.configuration; }, Room: Configuration}, {path: 'retention', get label() { return t.retention; }, Room: Retention}, {path: 'backups', get label() { return t.backups; }, Room: Backups}, {path: 'about', get label() { return t.about; }, Room: About}]},
];

export default function SettingsPage({room}: {room: string}) {
  const usual = whyNot('users:manage') ? 'tokens' : 'users';
  const rooms = groups.flatMap((group) => group.rooms);
  const here = rooms.find(({path}) => path === room) ?? rooms.find(({path}) => path === usual) ?? rooms[0];
  const nav = useRef<HTMLElement>(null);
  useEffect(() => { const link = nav.current?.querySelector<HTMLElement>('[aria-current]'); if (nav.current && link) nav.current.scrollLeft = link.offsetLeft - 24; }, [here.path]);
  return (
    <div className="page settings">
      <h1>{t.settings}</h1>
      <div className="settings-split">
        <nav ref={nav} className="settings-nav" aria-label={t.settings}>{groups.map((group) => <div key={group.name} role="group" aria-label={group.name}><p aria-hidden="true">{group.name}</p>{group.rooms.map(({path, label}) => <Link key={path} href={`/settings/${path}`} aria-current={path === here.path ? 'page' : undefined}>{label}</Link>)}</div>)}</nav>
        <section className="settings-room" aria-label={t.roomOf(here.label)}><Suspense fallback={<p className="empty">{t.loading}</p>}><here.Room /></Suspense></section>
      </div>
    </div>
  );
}

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
import {About} from './About';
import {Account} from './Account';
import {Appearance} from './Appearance';
import {Backups} from './Backups';
import {Retention} from './Retention';

const Configuration = lazy(() => import('./Configuration'));

const groups = [
  {name: 'You', rooms: [{path: 'account', label: 'Account', Room: Account}, {path: 'appearance', label: 'Appearance', Room: Appearance}]},
  {name: 'Access', rooms: [{path: 'users', label: 'Users', Room: Users}, {path: 'roles', label: 'Roles', Room: Roles}, {path: 'tokens', label: 'Tokens', Room: Tokens}, {path: 'sessions', label: 'Sessions', Room: Sessions}]},
  {name: 'Server', rooms: [{path: 'configuration', label: 'Configuration', Room: Configuration}, {path: 'retention', label: 'Retention', Room: Retention}, {path: 'backups', label: 'Backups', Room: Backups}, {path: 'about', label: 'About', Room: About}]},
];

export default function SettingsPage({room}: {room: string}) {
  const usual = whyNot('users:manage') ? 'tokens' : 'users';
  const rooms = groups.flatMap((group) => group.rooms);
  const here = rooms.find(({path}) => path === room) ?? rooms.find(({path}) => path === usual) ?? rooms[0];
  const nav = useRef<HTMLElement>(null);
  useEffect(() => { const link = nav.current?.querySelector<HTMLElement>('[aria-current]'); if (nav.current && link) nav.current.scrollLeft = link.offsetLeft - 24; }, [here.path]);
  return (
    <div className="page settings">
      <h1>Settings</h1>
      <div className="settings-split">
        <nav ref={nav} className="settings-nav" aria-label="Settings">{groups.map((group) => <div key={group.name} role="group" aria-label={group.name}><p aria-hidden="true">{group.name}</p>{group.rooms.map(({path, label}) => <Link key={path} href={`/settings/${path}`} aria-current={path === here.path ? 'page' : undefined}>{label}</Link>)}</div>)}</nav>
        <section className="settings-room" aria-label={`${here.label}, settings`}><Suspense fallback={<p className="empty">Loading</p>}><here.Room /></Suspense></section>
      </div>
    </div>
  );
}

// Who may come in and what each may do: users, roles, tokens, sessions.
import './access.css';
import {Link, useRoute} from 'wouter';
import {whyNot} from '../api/client';
import {Roles} from './Roles';
import {Sessions} from './Sessions';
import {Tokens} from './Tokens';
import {Users} from './Users';

const rooms = [
  {path: 'users', label: 'Users', Room: Users},
  {path: 'roles', label: 'Roles', Room: Roles},
  {path: 'tokens', label: 'Tokens', Room: Tokens},
  {path: 'sessions', label: 'Sessions', Room: Sessions},
];

export default function AccessPage() {
  const [, params] = useRoute('/access/:room');
  const usual = whyNot('users:manage') ? 'tokens' : 'users';
  const here = rooms.find(({path}) => path === params?.room) ?? rooms.find(({path}) => path === usual) ?? rooms[0];
  return (
    <div className="page">
      <h1>Access</h1>
      <nav className="tabs page-tabs" aria-label="Access">{rooms.map(({path, label}) => <Link key={path} href={`/access/${path}`} aria-current={path === here.path ? 'page' : undefined}>{label}</Link>)}</nav>
      <here.Room />
    </div>
  );
}

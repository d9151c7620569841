// Users: who they are, their role, when they were last here; added, changed, disabled, deleted.
import {type FormEvent, useState} from 'react';
import {currentUser, request, whyNot} from '../api/client';
import type {Account, Role} from '../api/types';
import {useAll} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {copy} from '../ui/clipboard';
import {Confirm, type Question} from '../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {plural, safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {builtinRoles, makePassword} from './access';

interface EditProps {user: Account | null; roles: string[]; onClose(): void; onDone(): void}

// One form for a new user and for one that is changed: there an empty password leaves the old one.
function Edit({user, roles, onClose, onDone}: EditProps) {
  const [name, setName] = useState(user?.username ?? '');
  const [email, setEmail] = useState(user?.email ?? '');
  const [role, setRole] = useState(user?.role ?? 'viewer');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [faults, setFaults] = useState(noFaults);
  const [busy, setBusy] = useState(false);
  const self = user !== null && user.id === currentUser()?.id;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const body = user
      ? {...(name !== user.username && {username: name}), ...(email !== user.email && {email}), ...(role !== user.role && {role}), ...(password && {password})}
      : {username: name, role, password, ...(email && {email})};
    request(user ? `/api/users/${user.id}` : '/api/users', {method: user ? 'PUT' : 'POST', body}).then(
      () => { toast('ok', user ? `${name} is changed.` : `${name} is added.`); onDone(); onClose(); },
      (error: unknown) => { setFaults(faultsOf(error, ['username', 'email', 'role', 'password'])); setBusy(false); },
    );
  };
  return (
    <Sheet title={user ? `User ${user.username}` : 'New user'} className="small" onClose={onClose}>
      <form className="fields" aria-label="User" onSubmit={submit}>
        <LabelledField label="User name" fault={faults.at.username}>{(field) => <input {...field} required autoComplete="off" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>
        <LabelledField label="E-mail (optional)" fault={faults.at.email}>{(field) => <input {...field} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} />}</LabelledField>
        <LabelledField label="Role" hint={self ? 'Nobody changes his own role.' : undefined} fault={faults.at.role}>{(field) => <select {...field} value={role} disabled={self} onChange={(event) => setRole(event.target.value)}>{roles.map((one) => <option key={one}>{one}</option>)}</select>}</LabelledField>
        <LabelledField label={user ? 'New password' : 'Password'} hint={user ? 'Empty: it stays as it is. A new one ends the sessions of this user.' : 'At least 10 characters'} fault={faults.at.password}>
          {(field) => <input {...field} type={shown ? 'text' : 'password'} className={shown ? 'mono' : ''} autoComplete="new-password" required={!user} minLength={10} value={password} onChange={(event) => setPassword(event.target.value)} />}
        </LabelledField>
        <div className="bar"><button type="button" className="button small" onClick={() => { setPassword(makePassword()); setShown(true); }}>Make one up</button>{password && <><button type="button" className="button small" aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? 'Hide' : 'Show'}</button><button type="button" className="button small" onClick={() => void copy(password, 'The password was')}>Copy</button></>}</div>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={busy}>{user ? 'Save' : 'Add user'}</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
      </form>
    </Sheet>
  );
}

export function Users() {
  const why = whyNot('users:manage');
  const list = useAll<Account>(why ? null : '/api/users');
  const roles = useAll<Role>(why ? null : '/api/roles');
  const [edited, setEdited] = useState<{user: Account | null} | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [filter, setFilter] = useState('');
  const names = roles.data?.items.map((role) => role.name) ?? builtinRoles;
  const me = currentUser()?.id;
  const setDisabled = async (user: Account, disabled: boolean) => {
    try {
      await request(`/api/users/${user.id}`, {method: 'PUT', body: {disabled}});
      toast('ok', disabled ? `${user.username} cannot log in any more; sessions are ended.` : `${user.username} can log in again.`);
      list.reload();
    } catch (error) {
      toast('down', (error as Error).message);
    }
  };
  const askDelete = (user: Account) => setQuestion({title: `Delete ${user.username}?`, text: 'The user, the tokens and the sessions are gone for good. What the user did stays in the records.', action: 'Delete user', run: async () => { await request(`/api/users/${user.id}`, {method: 'DELETE'}); toast('ok', `${user.username} is deleted.`); list.reload(); }});
  if (why) return <p className="empty">{why}, so users are not shown.</p>;
  const shown = (list.data?.items ?? []).filter((user) => `${user.username} ${user.email} ${user.role}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <>
      <div className="bar">
        <input type="search" aria-label="Search users" placeholder="Search name, e-mail, role" value={filter} onChange={(event) => setFilter(event.target.value)} />
        <span className="muted">{list.data && plural(shown.length, 'user')}</span>
        <ActionButton why="" className="button primary end" onClick={() => setEdited({user: null})}>New user</ActionButton>
      </div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <div className="table-wrap" role="region" aria-label="Users" tabIndex={0}>
        <table className="grid cards">
          <thead><tr><th scope="col">User</th><th scope="col">Role</th><th scope="col">State</th><th scope="col">Last here</th><th scope="col">Since</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
          <tbody>{shown.map((user) => (
            <tr key={user.id} className="row" data-testid={`user-${user.username}`}>
              <th scope="row">{safe(user.username)}{user.id === me && <span className="chip">you</span>}{user.email && <span className="sub">{safe(user.email)}</span>}</th>
              <td>{user.role}</td><td className={user.disabled ? 'tone-warn' : 'muted'}>{user.disabled ? 'Disabled' : 'Active'}</td><td><Ago time={user.last_login_at} /></td><td><Ago time={user.created_at} /></td>
              <td><div className="row-buttons">
                <button type="button" className="button small" aria-label={`Change ${user.username}`} onClick={() => setEdited({user})}>Change</button>
                <ActionButton why={user.id === me ? 'Nobody disables himself' : ''} className="button small" aria-label={`${user.disabled ? 'Enable' : 'Disable'} ${user.username}`} onClick={() => void setDisabled(user, !user.disabled)}>{user.disabled ? 'Enable' : 'Disable'}</ActionButton>
                <ActionButton why={user.id === me ? 'Nobody deletes himself' : ''} className="button small" aria-label={`Delete ${user.username}`} onClick={() => askDelete(user)}>Delete</ActionButton>
              </div></td>
            </tr>))}</tbody>
        </table>
      </div>
      {edited && <Edit user={edited.user} roles={names} onClose={() => setEdited(null)} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

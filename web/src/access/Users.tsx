// Users: who they are, their role, when they were last here; added, changed, disabled, deleted.
import {type FormEvent, useState} from 'react';
import {currentUser, request, whyNot} from '../api/client';
import type {Account, Role} from '../api/types';
import {t} from '../messages/en/access';
import {useAll} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {copy} from '../ui/clipboard';
import {Confirm, type Question} from '../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
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
      () => { toast('ok', user ? t.changed(name) : t.added(name)); onDone(); onClose(); },
      (error: unknown) => { setFaults(faultsOf(error, ['username', 'email', 'role', 'password'])); setBusy(false); },
    );
  };
  return (
    <Sheet title={user ? t.userNamed(user.username) : t.newUser} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.user} onSubmit={submit}>
        <LabelledField label={t.userName} fault={faults.at.username}>{(field) => <input {...field} required autoComplete="off" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>
        <LabelledField label={t.email} fault={faults.at.email}>{(field) => <input {...field} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} />}</LabelledField>
        <LabelledField label={t.role} hint={self ? t.notOwnRole : undefined} fault={faults.at.role}>{(field) => <select {...field} value={role} disabled={self} onChange={(event) => setRole(event.target.value)}>{roles.map((one) => <option key={one}>{one}</option>)}</select>}</LabelledField>
        <LabelledField label={user ? t.newPassword : t.password} hint={user ? t.passwordKept : t.atLeastTen} fault={faults.at.password}>
          {(field) => <input {...field} type={shown ? 'text' : 'password'} className={shown ? 'mono' : ''} autoComplete="new-password" required={!user} minLength={10} value={password} onChange={(event) => setPassword(event.target.value)} />}
        </LabelledField>
        <div className="bar"><button type="button" className="button small" onClick={() => { setPassword(makePassword()); setShown(true); }}>{t.makeUp}</button>{password && <><button type="button" className="button small" aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? t.hide : t.show}</button><button type="button" className="button small" onClick={() => void copy(password, t.passwordCopied)}>{t.copy}</button></>}</div>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={busy}>{user ? t.save : t.addUser}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
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
      toast('ok', disabled ? t.cannotLogIn(user.username) : t.canLogIn(user.username));
      list.reload();
    } catch (error) {
      toast('down', (error as Error).message);
    }
  };
  const askDelete = (user: Account) => setQuestion({title: t.deleteAsk(user.username), text: t.deleteText, action: t.deleteUser, run: async () => { await request(`/api/users/${user.id}`, {method: 'DELETE'}); toast('ok', t.deleted(user.username)); list.reload(); }});
  if (why) return <p className="empty">{t.usersHidden(why)}</p>;
  const shown = (list.data?.items ?? []).filter((user) => `${user.username} ${user.email} ${user.role}`.toLowerCase().includes(filter.toLowerCase()));
  return (
    <>
      <div className="bar">
        <input type="search" aria-label={t.searchUsers} placeholder={t.searchUsersHint} value={filter} onChange={(event) => setFilter(event.target.value)} />
        <span className="muted">{list.data && t.userCount(shown.length)}</span>
        <ActionButton why="" className="button primary end" onClick={() => setEdited({user: null})}>{t.newUser}</ActionButton>
      </div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <div className="table-wrap" role="region" aria-label={t.users} tabIndex={0}>
        <table className="grid cards">
          <thead><tr><th scope="col">{t.user}</th><th scope="col">{t.role}</th><th scope="col">{t.state}</th><th scope="col">{t.lastHere}</th><th scope="col">{t.since}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
          <tbody>{shown.map((user) => (
            <tr key={user.id} className="row" data-testid={`user-${user.username}`}>
              <th scope="row">{safe(user.username)}{user.id === me && <span className="chip">{t.you}</span>}{user.email && <span className="sub">{safe(user.email)}</span>}</th>
              <td>{user.role}</td><td className={user.disabled ? 'tone-warn' : 'muted'}>{user.disabled ? t.disabled : t.active}</td><td><Ago time={user.last_login_at} /></td><td><Ago time={user.created_at} /></td>
              <td><div className="row-buttons">
                <button type="button" className="button small" aria-label={t.changeOne(user.username)} onClick={() => setEdited({user})}>{t.change}</button>
                <ActionButton why={user.id === me ? t.notHimself : ''} className="button small" aria-label={`${user.disabled ? t.enable : t.disable} ${user.username}`} onClick={() => void setDisabled(user, !user.disabled)}>{user.disabled ? t.enable : t.disable}</ActionButton>
                <ActionButton why={user.id === me ? t.notDeleteHimself : ''} className="button small" aria-label={t.deleteOne(user.username)} onClick={() => askDelete(user)}>{t.remove}</ActionButton>
              </div></td>
            </tr>))}</tbody>
        </table>
      </div>
      {edited && <Edit user={edited.user} roles={names} onClose={() => setEdited(null)} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

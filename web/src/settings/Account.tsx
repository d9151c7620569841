// One's own account: who one is, and a new password.
import {type FormEvent, useState} from 'react';
import {ApiError, currentUser, logout, renew, request} from '../api/client';
import {t} from '../messages/en/settings';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';

export function Account() {
  const user = currentUser();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [fault, setFault] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFault('');
    request('/api/auth/password', {method: 'POST', body: {current_password: current, new_password: next}}).then(
      async () => { await renew(); setCurrent(''); setNext(''); toast('ok', t.passwordChanged); },
      (error: Error) => setFault(error instanceof ApiError ? (error.problem.errors?.map((one) => `${one.pointer.slice(1).replace('_', ' ')} ${one.message}`).join('. ') ?? error.message) : error.message),
    );
  };
  return (
    <div className="narrow-room">
      <h2>{safe(user?.username ?? '')}</h2>
      <p className="muted">{t.role} {user?.role}. {user?.must_change_password && t.passwordMadeUp}</p>
      <form className="fields" onSubmit={submit} aria-label={t.changePassword}>
        {!user?.must_change_password && <div className="field"><label htmlFor="current-password">{t.currentPassword}</label><input id="current-password" type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} /></div>}
        <div className="field"><label htmlFor="new-password">{t.newPassword}</label><p className="hint">{t.atLeastTen}</p><input id="new-password" type="password" autoComplete="new-password" required value={next} onChange={(event) => setNext(event.target.value)} /></div>
        <p className="fault" role="alert">{fault}</p>
        <div className="bar"><button type="submit" className="button primary">{t.changePassword}</button></div>
      </form>
      <p><button type="button" className="button" onClick={() => void logout()}>{t.logOutHere}</button></p>
    </div>
  );
}

// Login, or the exchange of the one-time code in the start-up link.
import {type FormEvent, useEffect, useRef, useState} from 'react';
import {exchangeCode, login, whyLoggedOut} from '../api/client';
import {t} from '../messages/en/shell';

export function LoginPage() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);
  useEffect(() => {
    const code = new URLSearchParams(location.hash.slice(1)).get('code');
    if (!code || tried.current) return;
    tried.current = true; // a code works once; React may run this twice
    history.replaceState(null, '', '/');
    setBusy(true);
    exchangeCode(code).catch((error: Error) => setFault(error.message)).finally(() => setBusy(false));
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    login(name, password).catch((error: Error) => setFault(error.message)).finally(() => setBusy(false));
  };
  return (
    <main className="login">
      <form onSubmit={submit} aria-label={t.logIn}>
        <h1><Mark /> Telltale</h1>
        {whyLoggedOut() && <p className="login-note" role="status">{whyLoggedOut()}</p>}
        <label htmlFor="user">{t.userName}</label>
        <input id="user" autoComplete="username" required value={name} onChange={(event) => setName(event.target.value)} />
        <label htmlFor="password">{t.password}</label>
        <input id="password" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        <p className="fault" role="alert">{fault}</p>
        <button type="submit" className="button primary" disabled={busy}>{busy ? t.checking : t.logIn}</button>
      </form>
    </main>
  );
}

export const Mark = () => <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><path d="M1 9h3.5L6 4l3 9 2-5h4" fill="none" stroke="var(--ok)" strokeWidth="1.6" strokeLinejoin="round" strokeLinecap="round" /></svg>;

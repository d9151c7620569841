// A password in place of the one-time link.
import {type FormEvent, useState} from 'react';
import {currentUser, renew, request} from '../api/client';
import {t} from '../messages/en/setup';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';

export function Password({onDone}: {onDone(): void}) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState(noFaults);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== again) return setFaults({general: '', at: {again: t.notTheSame}});
    setBusy(true);
    request('/api/auth/password', {method: 'POST', body: {current_password: '', new_password: password}}).then(
      async () => { await renew(); onDone(); },
      (error: unknown) => { setFaults(faultsOf(error, ['new_password'])); setBusy(false); },
    );
  };
  return (
    <form className="fields" aria-label={t.choosePasswordForm} onSubmit={submit}>
      <p className="muted">{t.linkWorkedOnce(currentUser()?.username ?? '')}</p>
      <input type="hidden" autoComplete="username" value={currentUser()?.username ?? ''} readOnly />
      <LabelledField label={t.newPassword} hint={t.passwordHint} fault={faults.at.new_password}>{(field) => <input {...field} type="password" autoComplete="new-password" required minLength={10} value={password} onChange={(event) => setPassword(event.target.value)} />}</LabelledField>
      <LabelledField label={t.sameAgain} fault={faults.at.again}>{(field) => <input {...field} type="password" autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.target.value)} />}</LabelledField>
      <p className="fault" role="alert">{faults.general}</p>
      <button type="submit" className="button primary" disabled={busy}>{t.setPassword}</button>
    </form>
  );
}

// The first start: a password in place of the one-time link, then the first server. Each step can be left for later.
import {type FormEvent, lazy, Suspense, useEffect, useRef, useState} from 'react';
import {currentUser, get, renew, request} from '../api/client';
import {Mark} from '../app/LoginPage';
import type {Server} from '../api/types';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {plural} from '../ui/format';

const ServerForm = lazy(() => import('../fleet/ServerForm'));

function Password({onDone}: {onDone(): void}) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState(noFaults);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== again) return setFaults({general: '', at: {again: 'is not the same'}});
    setBusy(true);
    request('/api/auth/password', {method: 'POST', body: {current_password: '', new_password: password}}).then(
      async () => { await renew(); onDone(); },
      (error: unknown) => { setFaults(faultsOf(error, ['new_password'])); setBusy(false); },
    );
  };
  return (
    <form className="fields" aria-label="Choose a password" onSubmit={submit}>
      <p className="muted">The link that brought you here works once. From now on you log in as <strong>{currentUser()?.username}</strong> with this password.</p>
      <input type="hidden" autoComplete="username" value={currentUser()?.username ?? ''} readOnly />
      <LabelledField label="New password" hint="At least 10 characters; a sentence is good." fault={faults.at.new_password}>{(field) => <input {...field} type="password" autoComplete="new-password" required minLength={10} value={password} onChange={(event) => setPassword(event.target.value)} />}</LabelledField>
      <LabelledField label="The same again" fault={faults.at.again}>{(field) => <input {...field} type="password" autoComplete="new-password" required value={again} onChange={(event) => setAgain(event.target.value)} />}</LabelledField>
      <p className="fault" role="alert">{faults.general}</p>
      <button type="submit" className="button primary" disabled={busy}>Set password</button>
    </form>
  );
}

function FirstServer({onDone}: {onDone(path: string): void}) {
  const [fleet, setFleet] = useState<Server[] | null>(null);
  useEffect(() => void get<{items: Server[]}>('/api/servers?limit=1000').then((body) => setFleet(body.items), () => setFleet([])), []);
  if (!fleet) return <p className="muted">Looking for servers</p>;
  if (fleet.length > 0)
    return (
      <>
        <p>{plural(fleet.length, 'server')} {fleet.length === 1 ? 'is' : 'are'} here already, from the fleet file: {fleet.map((server) => server.name).slice(0, 8).join(', ')}{fleet.length > 8 && ', …'}.</p>
        <div className="bar"><button type="button" className="button primary" onClick={() => onDone('/')}>To the fleet</button></div>
      </>
    );
  return (
    <>
      <p className="muted">Telltale starts it, watches it and starts it again when it ends. Fleet files of Claude Desktop, VS Code and Cursor can be pasted as they are.</p>
      <Suspense fallback={<p className="muted">Loading</p>}><ServerForm action="Add and watch it start" onAdded={(names) => onDone(names.length === 1 ? `/servers/${encodeURIComponent(names[0])}` : '/')} /></Suspense>
    </>
  );
}

export default function SetupPage({onDone}: {onDone(path: string): void}) {
  const [step, setStep] = useState<1 | 2>(1);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [step]);
  return (
    <main className="login setup">
      <section className="setup-card" aria-labelledby="setup-title">
        <p className="setup-brand"><Mark /> Telltale</p>
        <ol className="steps" aria-label="Steps">{['Password', 'First server'].map((label, at) => <li key={label} aria-current={step === at + 1 ? 'step' : undefined} data-done={step > at + 1}><span aria-hidden="true">{step > at + 1 ? '✓' : at + 1}</span> {label}</li>)}</ol>
        <h1 id="setup-title" ref={heading} tabIndex={-1}>{step === 1 ? 'Choose your password' : 'Add your first server'}</h1>
        {step === 1 ? <Password onDone={() => setStep(2)} /> : <FirstServer onDone={onDone} />}
        <p className="setup-later"><button type="button" className="link" onClick={() => (step === 1 ? setStep(2) : onDone('/'))}>{step === 1 ? 'Later' : 'Skip, show me the dashboard'}</button></p>
      </section>
    </main>
  );
}

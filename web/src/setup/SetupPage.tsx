// First steps: a password in place of the one-time link, the first servers, and their start. Each step can be left for later,
// and all of it taken up again from the menu, the palette or by `g 1`.
import './setup.css';
import {lazy, Suspense, useEffect, useRef, useState} from 'react';
import {currentUser, get} from '../api/client';
import type {Server} from '../api/types';
import {Mark} from '../app/LoginPage';
import {t} from '../messages/en/setup';
import {safe} from '../ui/format';
import {Found} from './Found';
import {Password} from './Password';
import {Starting} from './Starting';

const ServerForm = lazy(() => import('../fleet/ServerForm'));

function FirstServers({onAdded, onDone}: {onAdded(names: string[]): void; onDone(path: string): void}) {
  const [fleet, setFleet] = useState<Server[]>([]);
  useEffect(() => void get<{items: Server[]}>('/api/servers?limit=1000').then((body) => setFleet(body.items), () => undefined), []); // only for the sentence
  return (
    <>
      {fleet.length > 0 && <div className="bar"><p>{t.hereAlready(fleet.length, fleet.slice(0, 8).map(({name}) => safe(name)).join(', ') + (fleet.length > 8 ? ', …' : ''))}</p><button type="button" className="button end" onClick={() => onDone('/')}>{t.toFleet}</button></div>}
      <p className="muted">{t.whatHappens}</p>
      <Found onTaken={onAdded} />
      <h2>{t.orAnother}</h2>
      <Suspense fallback={<p className="muted">{t.loading}</p>}><ServerForm action={t.addAndWatch} onAdded={onAdded} /></Suspense>
    </>
  );
}

type Step = 'password' | 'servers' | 'start';
const steps: Step[] = ['password', 'servers', 'start'];
const labelOf = (step: Step) => ({password: t.passwordStep, servers: t.serversStep, start: t.startStep})[step];
const titleOf = (step: Step) => ({password: t.chooseYourPassword, servers: t.addFirstServers, start: t.itStarts})[step];

// `alone`: before there is anything to look at, without the shell around it.
export default function SetupPage({alone = false, onDone}: {alone?: boolean; onDone(path: string): void}) {
  const [step, setStep] = useState<Step>(currentUser()?.must_change_password ? 'password' : 'servers');
  const [added, setAdded] = useState<string[]>([]);
  const heading = useRef<HTMLHeadingElement>(null);
  const at = steps.indexOf(step);
  useEffect(() => heading.current?.focus(), [step]);
  const watch = (names: string[]) => { setAdded((old) => [...new Set([...old, ...names])]); setStep('start'); };
  const card = (
    <section className="setup-card" data-step={step} aria-labelledby="setup-title">
      <p className="setup-brand"><Mark /> Telltale</p>
      <ol className="steps" aria-label={t.steps}>{steps.map((one, index) => <li key={one} aria-current={step === one ? 'step' : undefined} data-done={at > index}><span aria-hidden="true">{at > index ? '✓' : index + 1}</span> {labelOf(one)}</li>)}</ol>
      <h1 id="setup-title" ref={heading} tabIndex={-1}>{titleOf(step)}</h1>
      {step === 'password' && <Password onDone={() => setStep('servers')} />}
      {step === 'servers' && <FirstServers onAdded={watch} onDone={onDone} />}
      {step === 'start' && <Starting names={added} alone={alone} onDone={onDone} onMore={() => setStep('servers')} />}
      {step !== 'start' && <p className="setup-later"><button type="button" className="link" onClick={() => (step === 'password' ? setStep('servers') : onDone('/'))}>{step === 'password' ? t.later : t.skip}</button> <span className="muted">{t.fromTheMenu}</span></p>}
    </section>
  );
  return alone ? <main className="login setup">{card}</main> : <div className="page setup">{card}</div>;
}

// A protected server's authorization (OAuth): what it is, to begin one, to give it up.
import {useState} from 'react';
import {request, serverPath, whyNot} from '../api/client';
import type {Server} from '../api/types';
import {t} from '../messages/en/server';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {Ago, Countdown} from '../ui/Time';
import {toast} from '../ui/toast';

// The page of an authorization server, and nothing that a browser would run.
export function pageOf(url: string): string {
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new Error(t.noWebPage);
  return parsed.href;
}

const words = {get none() { return t.notAsked; }, get required() { return t.waitsForConsent; }, get authorized() { return t.authorized; }};

export function Authorization({server}: {server: Server}) {
  const [busy, setBusy] = useState(false);
  const authorization = server.authorization;
  if (!authorization) return null;
  const why = whyNot('fleet:define', {server: server.name});
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast('down', `${server.name}: ${(error as Error).message}`);
    }
    setBusy(false);
  };
  const begin = () => run(async () => {
    const {body} = await request<{authorization_url: string}>(serverPath(server.name, '/authorize'), {method: 'POST', body: {}, wait: 30});
    location.assign(pageOf(body.authorization_url));
  });
  const forget = () => run(async () => {
    await request<Server>(serverPath(server.name, '/authorization'), {method: 'DELETE', wait: 30}); // what it is then comes as an event
    toast('ok', t.givenUp(server.name));
  });
  const past = authorization.expires_at && Date.parse(authorization.expires_at) < Date.now();
  return (
    <div>
      <dt>{t.authorization}</dt>
      <dd data-testid="server-authorization" data-state={authorization.state} className={authorization.state === 'required' ? 'tone-warn' : ''}>
        {words[authorization.state]}
        {authorization.issuer && <> {t.by(safe(authorization.issuer))}</>}
        {authorization.scope && <> {t.forScopes} <span className="mono">{safe(authorization.scope)}</span></>}
        {authorization.expires_at && (past ? <>{t.tokenEnded} <Ago time={authorization.expires_at} /></> : <>{t.tokenFor} <Countdown time={authorization.expires_at} /></>)}
        {' '}
        {authorization.grant === 'authorization_code' && authorization.state !== 'authorized' && <ActionButton className="button primary" why={why} disabled={busy} onClick={() => void begin()}>{t.authorize}</ActionButton>}
        {authorization.state === 'authorized' && <ActionButton why={why} disabled={busy} onClick={() => void forget()}>{t.giveUp}</ActionButton>}
      </dd>
    </div>
  );
}

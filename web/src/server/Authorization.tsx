// A protected server's authorization (OAuth): what it is, to begin one, to give it up.
import {useState} from 'react';
import {request, serverPath, whyNot} from '../api/client';
import type {Server} from '../api/types';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {Ago, Countdown} from '../ui/Time';
import {toast} from '../ui/toast';

// The page of an authorization server, and nothing that a browser would run.
export function pageOf(url: string): string {
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw new Error('the authorization server gave no web page');
  return parsed.href;
}

const words = {none: 'not asked for so far', required: 'waits for your consent', authorized: 'authorized'};

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
    toast('ok', `${server.name}: the authorization is given up.`);
  });
  const past = authorization.expires_at && Date.parse(authorization.expires_at) < Date.now();
  return (
    <div>
      <dt>Authorization</dt>
      <dd data-testid="server-authorization" data-state={authorization.state} className={authorization.state === 'required' ? 'tone-warn' : ''}>
        {words[authorization.state]}
        {authorization.issuer && <> by {safe(authorization.issuer)}</>}
        {authorization.scope && <> for <span className="mono">{safe(authorization.scope)}</span></>}
        {authorization.expires_at && (past ? <>, token ended <Ago time={authorization.expires_at} /></> : <>, token for <Countdown time={authorization.expires_at} /></>)}
        {' '}
        {authorization.grant === 'authorization_code' && authorization.state !== 'authorized' && <ActionButton className="button primary" why={why} disabled={busy} onClick={() => void begin()}>Authorize</ActionButton>}
        {authorization.state === 'authorized' && <ActionButton why={why} disabled={busy} onClick={() => void forget()}>Give up</ActionButton>}
      </dd>
    </div>
  );
}

// Where an authorization server sends the browser back to: hands its answer over, then shows the server.
import {useEffect, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';
import {request} from '../api/client';
import type {Server} from '../api/types';
import {t} from '../messages/en/server';
import {toast} from '../ui/toast';

export default function CallbackPage() {
  const [, navigate] = useLocation();
  const [fault, setFault] = useState('');
  const sent = useRef(false); // an answer is good for one attempt
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    const answer = location.href;
    history.replaceState(null, '', location.pathname); // the code stays in no history
    request<Server>('/api/oauth/callback', {method: 'POST', body: {authorization_response: answer}, wait: 60}).then(
      ({body}) => {
        toast('ok', t.isAuthorized(body.name));
        navigate(`/servers/${encodeURIComponent(body.name)}`, {replace: true});
      },
      (error: unknown) => setFault((error as Error).message.replace(/^\/\w+: /, '')), // there is no field to point at
    );
  }, [navigate]);
  return (
    <section className="page" aria-labelledby="callback-title">
      <h1 id="callback-title">{fault ? t.notAuthorized : t.authorizing}</h1>
      {fault ? <p className="fault" role="alert">{fault}</p> : <p className="muted">{t.askingForToken}</p>}
      {fault && <Link href="/servers" className="button">{t.toServers}</Link>}
    </section>
  );
}

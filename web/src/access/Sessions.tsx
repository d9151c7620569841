// Where one is logged in; an admin sees everybody. Ending one ends its access tokens and its live connections too.
import {useState} from 'react';
import {currentUser, logout, request} from '../api/client';
import type {LoginSession} from '../api/types';
import {t} from '../messages/en/access';
import {useAll} from '../server/useList';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {agentText} from './access';

export function Sessions() {
  const list = useAll<LoginSession>('/api/sessions');
  const [busy, setBusy] = useState('');
  const me = currentUser()?.username;
  const end = async (sessions: LoginSession[]) => {
    try {
      for (const session of sessions) {
        setBusy(session.id);
        await request(`/api/sessions/${session.id}`, {method: 'DELETE'});
      }
      toast('ok', t.sessionsEnded(sessions.length));
    } catch (error) {
      toast('down', (error as Error).message);
    }
    setBusy('');
    list.reload();
  };
  const items = list.data?.items ?? [];
  const others = items.filter((session) => session.user === me && !session.current);
  return (
    <>
      <div className="bar"><p className="muted">{list.data && t.sessionCount(items.length)}{t.endsAtOnce}</p><button type="button" className="button end" disabled={others.length === 0 || busy !== ''} onClick={() => void end(others)}>{t.endOthers}{others.length > 0 && ` (${others.length})`}</button></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <div className="table-wrap" role="region" aria-label={t.sessions} tabIndex={0}><table className="grid cards"><thead><tr><th scope="col">{t.user}</th><th scope="col">{t.program}</th><th scope="col">{t.address}</th><th scope="col">{t.lastUsed}</th><th scope="col">{t.since}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{items.map((session) => (
          <tr key={session.id} className="row" data-testid="session" data-current={session.current} data-user={session.user}>
            <th scope="row">{safe(session.user)}{session.current && <span className="chip">{t.thisOne}</span>}</th><td title={safe(session.agent)}>{safe(agentText(session.agent))}</td><td className="mono">{safe(session.address)}</td><td><Ago time={session.last_used_at} /></td><td><Ago time={session.created_at} /></td>
            <td><div className="row-buttons">{session.current ? <button type="button" className="button small" onClick={() => void logout()}>{t.logOut}</button> : <button type="button" className="button small" disabled={busy !== ''} aria-label={t.endSession(session.user, session.address)} onClick={() => void end([session])}>{t.end}</button>}</div></td>
          </tr>))}</tbody></table></div>
    </>
  );
}

// API tokens: made with a scope and an end, shown once, revoked at once.
import {type FormEvent, useState} from 'react';
import {currentUser, request} from '../api/client';
import type {Token} from '../api/types';
import {locale} from '../messages/language';
import {t} from '../messages/en/access';
import {useAll} from '../server/useList';
import {copy} from '../ui/clipboard';
import {Confirm, type Question} from '../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {expiryText} from './access';

const terms = () => [[7, t.sevenDays], [30, t.thirtyDays], [90, t.ninetyDays], [365, t.aYear], [0, t.never]] as const;

function Create({onClose, onMade}: {onClose(): void; onMade(token: Token): void}) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [narrowed, setNarrowed] = useState(false);
  const [scopes, setScopes] = useState<string[]>([]);
  const [faults, setFaults] = useState(noFaults);
  const mine = [...(currentUser()?.permissions ?? [])].sort();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (narrowed && scopes.length === 0) return setFaults({general: '', at: {scopes: t.chooseScope}});
    request<Token>('/api/tokens', {method: 'POST', body: {name, expires_in_days: days, ...(narrowed && {scopes})}}).then(({body}) => onMade(body), (error: unknown) => setFaults(faultsOf(error, ['name', 'scopes', 'expires_in_days'])));
  };
  return (
    <Sheet title={t.newToken} className="small" onClose={onClose}>
      <form className="fields" aria-label={t.token} onSubmit={submit}>
        <LabelledField label={t.name} hint={t.tokenHint} fault={faults.at.name}>{(field) => <input {...field} required value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>
        <LabelledField label={t.endsAfter} fault={faults.at.expires_in_days}>{(field) => <select {...field} value={days} onChange={(event) => setDays(Number(event.target.value))}>{terms().map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>}</LabelledField>
        <fieldset className="grant">
          <legend>{t.mayDo}</legend>
          <label className="check"><input type="radio" name="narrowed" checked={!narrowed} onChange={() => setNarrowed(false)} /> {t.allYouMay}</label>
          <label className="check"><input type="radio" name="narrowed" checked={narrowed} onChange={() => setNarrowed(true)} /> {t.onlyThis}</label>
          {narrowed && <div className="choices" role="group" aria-label={t.scopes}>{mine.map((one) => <label key={one} className="check mono"><input type="checkbox" checked={scopes.includes(one)} onChange={(event) => setScopes(event.target.checked ? [...scopes, one] : scopes.filter((old) => old !== one))} /> {one}</label>)}</div>}
          {faults.at.scopes && <p className="fault" role="alert">{faults.at.scopes}</p>}
        </fieldset>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">{t.makeToken}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

function Made({token, onClose}: {token: Token; onClose(): void}) {
  const text = token.token ?? '';
  return (
    <Sheet title={t.tokenNamed(token.name)} className="small" onClose={onClose}>
      <p>{t.onlyShownOnce}</p>
      <output className="secret mono" data-testid="token-text" aria-label={t.theToken}>{text}</output>
      <div className="bar"><button type="button" className="button primary" onClick={() => void copy(text, t.tokenCopied)}>{t.copy}</button><button type="button" className="button" onClick={onClose}>{t.iHaveIt}</button></div>
      <pre className="block mono">{`curl -H "Authorization: Bearer $TELLTALE_TOKEN" ${location.origin}/api/servers`}</pre>
    </Sheet>
  );
}

export function Tokens() {
  const list = useAll<Token>('/api/tokens');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Token | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const askRevoke = (token: Token) => setQuestion({title: t.revokeAsk(token.name), text: t.revokeText, action: t.revokeToken, run: async () => { await request(`/api/tokens/${token.id}`, {method: 'DELETE'}); toast('ok', t.revoked(token.name)); list.reload(); }});
  const items = list.data?.items;
  return (
    <>
      <div className="bar"><p className="muted">{t.tokensAre}</p><button type="button" className="button primary end" onClick={() => setCreating(true)}>{t.newToken}</button></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      {items?.length === 0 && <p className="empty">{t.noTokens}</p>}
      {items && items.length > 0 && (
        <div className="table-wrap" role="region" aria-label={t.tokens} tabIndex={0}><table className="grid cards"><thead><tr><th scope="col">{t.token}</th><th scope="col">{t.owner}</th><th scope="col">{t.mayDo}</th><th scope="col">{t.ends}</th><th scope="col">{t.lastUsed}</th><th scope="col">{t.made}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
          <tbody>{items.map((token) => {
            const {text, tone} = expiryText(token.expires_at);
            return (
              <tr key={token.id} className="row" data-testid={`token-${token.name}`}>
                <th scope="row">{safe(token.name)}<span className="sub mono">{token.prefix}…</span></th><td>{safe(token.owner)}</td><td>{token.scopes.length ? <span className="mono">{token.scopes.join(', ')}</span> : <span className="muted">{t.allOwnerMay}</span>}</td><td className={tone} title={token.expires_at ? new Date(token.expires_at).toLocaleString(locale()) : undefined}>{text}</td><td><Ago time={token.last_used_at} /></td><td><Ago time={token.created_at} /></td>
                <td><div className="row-buttons"><button type="button" className="button small" aria-label={t.revokeOne(token.name)} onClick={() => askRevoke(token)}>{t.revoke}</button></div></td>
              </tr>);
          })}</tbody></table></div>
      )}
      {creating && <Create onClose={() => setCreating(false)} onMade={(token) => { setCreating(false); setMade(token); list.reload(); }} />}
      {made && <Made token={made} onClose={() => setMade(null)} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

// API tokens: made with a scope and an end, shown once, revoked at once.
import {type FormEvent, useState} from 'react';
import {currentUser, request} from '../api/client';
import type {Token} from '../api/types';
import {useAll} from '../server/useList';
import {copy} from '../ui/clipboard';
import {Confirm, type Question} from '../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {expiryText} from './access';

const terms = [[7, '7 days'], [30, '30 days'], [90, '90 days'], [365, 'a year'], [0, 'never']] as const;

function Create({onClose, onMade}: {onClose(): void; onMade(token: Token): void}) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [narrowed, setNarrowed] = useState(false);
  const [scopes, setScopes] = useState<string[]>([]);
  const [faults, setFaults] = useState(noFaults);
  const mine = [...(currentUser()?.permissions ?? [])].sort();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (narrowed && scopes.length === 0) return setFaults({general: '', at: {scopes: 'Choose at least one, or let it do all that you may.'}});
    request<Token>('/api/tokens', {method: 'POST', body: {name, expires_in_days: days, ...(narrowed && {scopes})}}).then(({body}) => onMade(body), (error: unknown) => setFaults(faultsOf(error, ['name', 'scopes', 'expires_in_days'])));
  };
  return (
    <Sheet title="New token" className="small" onClose={onClose}>
      <form className="fields" aria-label="Token" onSubmit={submit}>
        <LabelledField label="Name" hint="What uses it: a script, a program, a machine" fault={faults.at.name}>{(field) => <input {...field} required value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>
        <LabelledField label="Ends after" fault={faults.at.expires_in_days}>{(field) => <select {...field} value={days} onChange={(event) => setDays(Number(event.target.value))}>{terms.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select>}</LabelledField>
        <fieldset className="grant">
          <legend>May</legend>
          <label className="check"><input type="radio" name="narrowed" checked={!narrowed} onChange={() => setNarrowed(false)} /> all that you may</label>
          <label className="check"><input type="radio" name="narrowed" checked={narrowed} onChange={() => setNarrowed(true)} /> only this</label>
          {narrowed && <div className="choices" role="group" aria-label="Scopes">{mine.map((one) => <label key={one} className="check mono"><input type="checkbox" checked={scopes.includes(one)} onChange={(event) => setScopes(event.target.checked ? [...scopes, one] : scopes.filter((old) => old !== one))} /> {one}</label>)}</div>}
          {faults.at.scopes && <p className="fault" role="alert">{faults.at.scopes}</p>}
        </fieldset>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">Make token</button><button type="button" className="button" onClick={onClose}>Cancel</button></div>
      </form>
    </Sheet>
  );
}

function Made({token, onClose}: {token: Token; onClose(): void}) {
  const text = token.token ?? '';
  return (
    <Sheet title={`Token ${token.name}`} className="small" onClose={onClose}>
      <p>This is the only time it is shown. Who has it can do what it may.</p>
      <output className="secret mono" data-testid="token-text" aria-label="The token">{text}</output>
      <div className="bar"><button type="button" className="button primary" onClick={() => void copy(text, 'The token was')}>Copy</button><button type="button" className="button" onClick={onClose}>I have it</button></div>
      <pre className="block mono">{`curl -H "Authorization: Bearer $TELLTALE_TOKEN" ${location.origin}/api/servers`}</pre>
    </Sheet>
  );
}

export function Tokens() {
  const list = useAll<Token>('/api/tokens');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Token | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const askRevoke = (token: Token) => setQuestion({title: `Revoke ${token.name}?`, text: 'What uses it is refused from this moment on.', action: 'Revoke token', run: async () => { await request(`/api/tokens/${token.id}`, {method: 'DELETE'}); toast('ok', `${token.name} is revoked.`); list.reload(); }});
  const items = list.data?.items;
  return (
    <>
      <div className="bar"><p className="muted">For programs: a token acts for you, with no more rights than you have.</p><button type="button" className="button primary end" onClick={() => setCreating(true)}>New token</button></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      {items?.length === 0 && <p className="empty">No tokens yet.</p>}
      {items && items.length > 0 && (
        <div className="table-wrap" role="region" aria-label="Tokens" tabIndex={0}><table className="grid cards"><thead><tr><th scope="col">Token</th><th scope="col">Owner</th><th scope="col">May</th><th scope="col">Ends</th><th scope="col">Last used</th><th scope="col">Made</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
          <tbody>{items.map((token) => {
            const {text, tone} = expiryText(token.expires_at);
            return (
              <tr key={token.id} className="row" data-testid={`token-${token.name}`}>
                <th scope="row">{safe(token.name)}<span className="sub mono">{token.prefix}…</span></th><td>{safe(token.owner)}</td><td>{token.scopes.length ? <span className="mono">{token.scopes.join(', ')}</span> : <span className="muted">all the owner may</span>}</td><td className={tone} title={token.expires_at ? new Date(token.expires_at).toLocaleString() : undefined}>{text}</td><td><Ago time={token.last_used_at} /></td><td><Ago time={token.created_at} /></td>
                <td><div className="row-buttons"><button type="button" className="button small" aria-label={`Revoke ${token.name}`} onClick={() => askRevoke(token)}>Revoke</button></div></td>
              </tr>);
          })}</tbody></table></div>
      )}
      {creating && <Create onClose={() => setCreating(false)} onMade={(token) => { setCreating(false); setMade(token); list.reload(); }} />}
      {made && <Made token={made} onClose={() => setMade(null)} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

// One button verifies the whole chain, and says what it found.
import {useState} from 'react';
import {request} from '../api/client';
import {copy} from '../ui/clipboard';
import {type Verdict, verdictText} from './entries';

export function useVerify() {
  const [busy, setBusy] = useState(false);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [fault, setFault] = useState('');
  const verify = () => {
    setBusy(true);
    setFault('');
    request<Verdict>('/api/audit/verify', {method: 'POST', body: {}}).then(({body}) => setVerdict(body), (error: Error) => setFault(error.message)).finally(() => setBusy(false));
  };
  return {busy, verdict, fault, verify, clear: () => { setVerdict(null); setFault(''); }};
}

export function VerdictLine({verify, onEntry}: {verify: ReturnType<typeof useVerify>; onEntry(seq: number): void}) {
  const {busy, verdict, fault, clear} = verify;
  if (!busy && !verdict && !fault) return null;
  return (
    <section className={`verdict ${verdict ? (verdict.ok ? 'good' : 'bad') : ''}`} role="status" aria-label="The chain" data-testid="verdict">
      {busy ? <p>Every entry is read and its hash reckoned again.</p> : fault ? <p className="fault">{fault}</p> : verdict && <>
        <p><b>{verdict.ok ? 'The chain is whole.' : 'The chain is broken.'}</b> {verdictText(verdict)}
          {verdict.broken_at !== null && <> <button type="button" className="button small" onClick={() => onEntry(Number(verdict.broken_at))}>Entry {verdict.broken_at}</button></>}</p>
        {verdict.head && <p className="muted verdict-head">Head <code className="mono">{verdict.head}</code> <button type="button" className="button small" onClick={() => void copy(verdict.head, 'The head was')}>Copy</button> <span>Noted elsewhere, it proves later that nothing up to it was replaced.</span></p>}
      </>}
      {!busy && <button type="button" className="icon-button" aria-label="Close" onClick={clear}>×</button>}
    </section>
  );
}

// One button verifies the whole chain, and says what it found.
import {useState} from 'react';
import {request} from '../api/client';
import {t} from '../messages/en/audit';
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
    <section className={`verdict ${verdict ? (verdict.ok ? 'good' : 'bad') : ''}`} role="status" aria-label={t.chain} data-testid="verdict">
      {busy ? <p>{t.everyEntryRead}</p> : fault ? <p className="fault">{fault}</p> : verdict && <>
        <p><b>{verdict.ok ? t.whole : t.broken}</b> {verdictText(verdict)}
          {verdict.broken_at !== null && <> <button type="button" className="button small" onClick={() => onEntry(Number(verdict.broken_at))}>{t.entryNumber(verdict.broken_at)}</button></>}</p>
        {verdict.head && <p className="muted verdict-head">{t.head} <code className="mono">{verdict.head}</code> <button type="button" className="button small" onClick={() => void copy(verdict.head, t.headCopied)}>{t.copy}</button> <span>{t.headText}</span></p>}
      </>}
      {!busy && <button type="button" className="icon-button" aria-label={t.close} onClick={clear}>×</button>}
    </section>
  );
}

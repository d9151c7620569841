// A real connection of the server with itself, step by step.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {t} from '../messages/en/webrtc';
import {ActionButton} from '../ui/ActionButton';
import {milliseconds, safe} from '../ui/format';
import type {TestReport} from './types';

export function useSelfTest() {
  const [report, setReport] = useState<TestReport | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError('');
    try {
      setReport((await request<TestReport>('/api/v0/webrtc/test_connection', {method: 'POST', wait: 30, body: {}})).body);
    } catch (fault) {
      setError((fault as Error).message);
    }
    setBusy(false);
  };
  return {report, error, busy, run, clear: () => { setReport(null); setError(''); }};
}

export function TestButton({test}: {test: ReturnType<typeof useSelfTest>}) {
  return <ActionButton why={whyNot('webrtc:control')} aria-busy={test.busy} disabled={test.busy} onClick={() => void test.run()}>{test.busy ? t.testing : t.testConnection}</ActionButton>;
}

export function TestResult({test: {report, error, clear}}: {test: ReturnType<typeof useSelfTest>}) {
  if (!report && !error) return null;
  return (
    <section className="result self-test" aria-label={t.connectionTest}>
      <header className="bar"><h2>{t.connectionTest}</h2>{report && <span className={report.success ? 'tone-ok' : 'tone-down'} role="status">{(report.success ? t.passedIn : t.failedIn)(milliseconds(report.took_ms))}</span>}<button type="button" className="button small" onClick={clear}>{t.dismiss}</button></header>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {report && <div className="table-wrap" role="region" aria-label={t.steps} tabIndex={0}><table className="grid"><thead><tr><th>{t.step}</th><th>{t.result}</th><th className="num">{t.took}</th><th>{t.detail}</th></tr></thead><tbody>{report.steps.map((step) => <tr key={step.name}><th scope="row">{step.name.replaceAll('_', ' ')}</th><td className={step.ok ? 'tone-ok' : 'tone-down'}>{step.ok ? 'ok' : t.failed}</td><td className="num">{milliseconds(step.took_ms)}</td><td>{safe(step.detail)}</td></tr>)}</tbody></table></div>}
    </section>
  );
}

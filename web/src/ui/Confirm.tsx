// What cannot be undone is asked once more, in words that say what happens.
import {useState} from 'react';
import {t} from '../messages/en/ui';
import {Sheet} from './Sheet';

export interface Question {title: string; text: string; action: string; run(): Promise<void>}

export function Confirm({question, onClose}: {question: Question; onClose(): void}) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const run = () => {
    setBusy(true);
    question.run().then(onClose, (error: Error) => { setBusy(false); setFault(error.message); });
  };
  return (
    <Sheet title={question.title} className="small" onClose={onClose}>
      <p>{question.text}</p>
      <p className="fault" role="alert">{fault}</p>
      <div className="bar"><button type="button" className="button danger" disabled={busy} onClick={run}>{question.action}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
    </Sheet>
  );
}

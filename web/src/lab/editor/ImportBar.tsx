// A suite made from what was recorded: a file of `telltale tap --record`, or the last messages with a server of the fleet.
import {type ChangeEvent, useState} from 'react';
import {request, whyNot} from '../../api/client';
import {live} from '../../live/store';
import {t} from '../../messages/en/editor';
import {ActionButton} from '../../ui/ActionButton';
import {safe} from '../../ui/format';
import {toast} from '../../ui/toast';

interface Imported {yaml: string; cases: number; left_out: number}
const megabytes = 8;

export function ImportBar({onText}: {onText(yaml: string): void}) {
  const servers = [...live.servers.keys()].sort();
  const [server, setServer] = useState(servers[0] ?? '');
  const [busy, setBusy] = useState('');
  const [fault, setFault] = useState('');
  const make = (body: {recording?: string; server?: string}) => {
    setBusy(t.beingMade);
    setFault('');
    request<Imported>('/api/tests/import', {method: 'POST', body}).then(({body: made}) => {
      onText(made.yaml);
      toast('ok', t.made(made.cases, made.left_out ? t.leftOut(made.left_out) : ''));
    }, (wrong: Error) => setFault(wrong.message)).finally(() => setBusy(''));
  };
  const onFile = ({target}: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    target.value = ''; // the same file may be chosen again
    if (!file) return;
    if (file.size > megabytes * 2 ** 20) return setFault(t.tooLarge(file.name, megabytes));
    file.text().then((recording) => make({recording}), (wrong: Error) => setFault(wrong.message));
  };
  const why = busy || whyNot('fleet:operate') || (server ? '' : t.noServer);
  return (
    <>
      <div className="bar" role="group" aria-label={t.beginFrom}>
        <label>{t.server} <select aria-label={t.serverOf} value={server} onChange={({target}) => setServer(target.value)}>{servers.map((name) => <option key={name}>{name}</option>)}</select></label>
        <ActionButton why={why} onClick={() => make({server})}>{t.fromCalls}</ActionButton>
        <label>{t.fromRecording} <input type="file" accept=".jsonl,application/jsonl,application/x-ndjson" disabled={busy !== ''} onChange={onFile} /></label>
      </div>
      {fault && <p className="fault" role="alert">{safe(fault)}</p>}
    </>
  );
}

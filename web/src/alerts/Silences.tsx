// What keeps alerts quiet, and until when.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {locale} from '../messages/language';
import {t} from '../messages/en/alerts';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {SilenceForm} from './SilenceForm';
import {readAlerts} from './store';
import type {Silence} from './types';

export function Silences() {
  const list = useList<{items: Silence[]}>('/api/alerts/silences');
  const [adding, setAdding] = useState(false);
  const why = whyNot('alerts:write');
  const again = () => { list.reload(); void readAlerts(); };
  const end = (one: Silence) => void request(`/api/alerts/silences/${one.id}`, {method: 'DELETE'}).then(() => { toast('ok', t.silenceOver); again(); }, (error: Error) => toast('down', error.message));
  const items = list.data?.items;
  return (
    <>
      <div className="bar"><p className="muted">{t.silencesAre}</p><ActionButton className="button primary end" why={why} onClick={() => setAdding(true)}>{t.newSilence}</ActionButton></div>
      <ListState data={items} error={list.error} reload={list.reload} empty={t.nothingSilenced} />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label={t.silences} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.whichAlerts}</th><th scope="col">{t.until}</th><th scope="col">{t.why}</th><th scope="col">{t.by}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{items.map((one) => <tr key={one.id} className="row"><th scope="row" className="mono">{safe(one.matchers)}</th><td>{new Date(one.until).toLocaleString(locale())}</td><td>{safe(one.reason)}</td><td>{safe(one.created_by)}</td><td><ActionButton className="button small" why={why} aria-label={t.endOne(one.matchers)} onClick={() => end(one)}>{t.end}</ActionButton></td></tr>)}</tbody></table></div>}
      {adding && <SilenceForm onClose={() => setAdding(false)} onDone={again} />}
    </>
  );
}

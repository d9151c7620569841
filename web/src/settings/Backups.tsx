// Backups: made now or by the clock, downloaded, removed.
import {useState} from 'react';
import {Link} from 'wouter';
import {request, whyNot} from '../api/client';
import type {Schedule} from '../lab/reports/schedule';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {downloadFrom} from '../ui/download';
import {bytes, safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {undoable} from '../ui/undo';

interface Backup {name: string; bytes: number; time: string}
const nightly = () => ({name: 'Nightly backup', cron: '30 3 * * *', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC', operation: 'store.backup', arguments: {}, jitter_s: 0, missed: 'run_once', enabled: true});

export function Backups() {
  const why = whyNot('store:backup');
  const whySchedule = whyNot('schedules:write');
  const list = useList<{folder: string; items: Backup[]}>(why ? null : '/api/store/backups');
  const schedules = useList<{items: Schedule[]}>(why || whyNot('schedules:read') ? null : '/api/schedules');
  const [busy, setBusy] = useState('');
  const [gone, setGone] = useState<string[]>([]);
  if (why) return <p className="empty">{why}, so backups are not shown.</p>;
  const make = () => {
    setBusy('make');
    request<{file: string; bytes: number}>('/api/store/backup', {method: 'POST', body: {}, wait: 600}).then(({body}) => { toast('ok', `A backup of ${bytes(body.bytes)} is made.`); list.reload(); }, (error: Error) => toast('down', error.message)).finally(() => setBusy(''));
  };
  const save = (name: string) => {
    setBusy(name);
    downloadFrom(`/api/store/backups/${encodeURIComponent(name)}`).catch((error: Error) => toast('down', error.message)).finally(() => setBusy(''));
  };
  const remove = (name: string) => undoable({text: `${name} is removed.`, apply: () => setGone((old) => [...old, name]), revert: () => setGone((old) => old.filter((one) => one !== name)), commit: async () => { await request(`/api/store/backups/${encodeURIComponent(name)}`, {method: 'DELETE'}); list.reload(); }});
  const plan = () => void request('/api/schedules', {method: 'POST', body: nightly()}).then(() => { toast('ok', 'Every night at 3:30 from now on.'); schedules.reload(); }, (error: Error) => toast('down', error.message));
  const planned = schedules.data?.items.filter((one) => one.operation === 'store.backup') ?? [];
  const shown = list.data?.items.filter(({name}) => !gone.includes(name)) ?? [];
  return (
    <>
      <div className="bar"><p className="muted">The whole database at one moment in one file, made while it is used. The keys are not in it: keep <code>master.key</code> and <code>audit.key</code> elsewhere too.</p><button type="button" className="button primary end" disabled={busy !== ''} onClick={make}>{busy === 'make' ? 'Making one' : 'Back up now'}</button></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <p>{planned.length > 0 ? <>By the clock: {planned.map((one, at) => <span key={one.id}>{at > 0 && ', '}<Link href="/reports/schedules">{safe(one.name)}</Link> <span className="muted mono">{one.cron} {one.time_zone}</span>{one.enabled ? '' : ' (off)'}</span>)}</> : <>None is made by the clock. <ActionButton why={whySchedule} className="button small" onClick={plan}>Every night at 3:30</ActionButton></>}</p>
      <div className="table-wrap" role="region" aria-label="Backups" tabIndex={0}>
        <table className="grid cards">
          <thead><tr><th scope="col">File</th><th scope="col" className="num">Size</th><th scope="col">Made</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
          <tbody>{shown.map((one) => <tr key={one.name} className="row"><th scope="row" className="mono">{safe(one.name)}</th><td className="num">{bytes(one.bytes)}</td><td><Ago time={one.time} /></td><td><div className="row-buttons"><button type="button" className="button small" disabled={busy !== ''} aria-label={`Download ${one.name}`} onClick={() => save(one.name)}>{busy === one.name ? 'Reading' : 'Download'}</button><button type="button" className="button small" aria-label={`Remove ${one.name}`} onClick={() => remove(one.name)}>Remove</button></div></td></tr>)}</tbody>
        </table>
        {list.data && shown.length === 0 && <p className="empty">No backup yet.</p>}
      </div>
      {list.data && <p className="muted">In <code>{safe(list.data.folder)}</code>. To put one back: stop Telltale, then <code>telltale restore {safe(list.data.folder)}/NAME</code>.</p>}
    </>
  );
}

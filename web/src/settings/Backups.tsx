// Backups: made now or by the clock, downloaded, removed.
import {useState} from 'react';
import {Link} from 'wouter';
import {request, whyNot} from '../api/client';
import type {Schedule} from '../lab/reports/schedule';
import {t} from '../messages/en/settings';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {downloadFrom} from '../ui/download';
import {bytes, safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {undoable} from '../ui/undo';

interface Backup {name: string; bytes: number; time: string}
const nightly = () => ({name: t.nightlyBackup, cron: '30 3 * * *', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC', operation: 'store.backup', arguments: {}, jitter_s: 0, missed: 'run_once', enabled: true});

export function Backups() {
  const why = whyNot('store:backup');
  const whySchedule = whyNot('schedules:write');
  const list = useList<{folder: string; items: Backup[]}>(why ? null : '/api/store/backups');
  const schedules = useList<{items: Schedule[]}>(why || whyNot('schedules:read') ? null : '/api/schedules');
  const [busy, setBusy] = useState('');
  const [gone, setGone] = useState<string[]>([]);
  if (why) return <p className="empty">{t.backupsHidden(why)}</p>;
  const make = () => {
    setBusy('make');
    request<{file: string; bytes: number}>('/api/store/backup', {method: 'POST', body: {}, wait: 600}).then(({body}) => { toast('ok', t.backupMade(bytes(body.bytes))); list.reload(); }, (error: Error) => toast('down', error.message)).finally(() => setBusy(''));
  };
  const save = (name: string) => {
    setBusy(name);
    downloadFrom(`/api/store/backups/${encodeURIComponent(name)}`).catch((error: Error) => toast('down', error.message)).finally(() => setBusy(''));
  };
  const remove = (name: string) => undoable({text: t.removed(name), apply: () => setGone((old) => [...old, name]), revert: () => setGone((old) => old.filter((one) => one !== name)), commit: async () => { await request(`/api/store/backups/${encodeURIComponent(name)}`, {method: 'DELETE'}); list.reload(); }});
  const plan = () => void request('/api/schedules', {method: 'POST', body: nightly()}).then(() => { toast('ok', t.nightlyFromNow); schedules.reload(); }, (error: Error) => toast('down', error.message));
  const planned = schedules.data?.items.filter((one) => one.operation === 'store.backup') ?? [];
  const shown = list.data?.items.filter(({name}) => !gone.includes(name)) ?? [];
  return (
    <>
      <div className="bar"><p className="muted">{t.backupIs} <code>master.key</code> {t.and} <code>audit.key</code> {t.elsewhereToo}</p><button type="button" className="button primary end" disabled={busy !== ''} onClick={make}>{busy === 'make' ? t.makingOne : t.backUpNow}</button></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <p>{planned.length > 0 ? <>{t.byTheClock} {planned.map((one, at) => <span key={one.id}>{at > 0 && ', '}<Link href="/reports/schedules">{safe(one.name)}</Link> <span className="muted mono">{one.cron} {one.time_zone}</span>{one.enabled ? '' : t.off}</span>)}</> : <>{t.noneByTheClock} <ActionButton why={whySchedule} className="button small" onClick={plan}>{t.everyNight}</ActionButton></>}</p>
      <div className="table-wrap" role="region" aria-label={t.backups} tabIndex={0}>
        <table className="grid cards">
          <thead><tr><th scope="col">{t.file}</th><th scope="col" className="num">{t.size}</th><th scope="col">{t.made}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
          <tbody>{shown.map((one) => <tr key={one.name} className="row"><th scope="row" className="mono">{safe(one.name)}</th><td className="num">{bytes(one.bytes)}</td><td><Ago time={one.time} /></td><td><div className="row-buttons"><button type="button" className="button small" disabled={busy !== ''} aria-label={t.downloadOne(one.name)} onClick={() => save(one.name)}>{busy === one.name ? t.reading : t.download}</button><button type="button" className="button small" aria-label={t.removeOne(one.name)} onClick={() => remove(one.name)}>{t.remove}</button></div></td></tr>)}</tbody>
        </table>
        {list.data && shown.length === 0 && <p className="empty">{t.noBackup}</p>}
      </div>
      {list.data && <p className="muted">{t.inFolder} <code>{safe(list.data.folder)}</code>{t.toPutBack} <code>telltale restore {safe(list.data.folder)}/NAME</code>.</p>}
    </>
  );
}

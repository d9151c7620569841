// A schedule: what runs, when, in which zone. The next runs are shown while one types, as the server counts them.
import {type FormEvent, useEffect, useId, useState} from 'react';
import {ApiError, request} from '../../api/client';
import {t} from '../../messages/en/reports';
import {faultsOf, LabelledField, noFaults} from '../../ui/fields';
import {safe} from '../../ui/format';
import {Sheet} from '../../ui/Sheet';
import {toast} from '../../ui/toast';
import {type Definition, definitionOf, readArguments, type Schedule, usualTimes, zones} from './schedule';

interface Upcoming {time: string; local: string}
interface Preview {runs: Upcoming[]; cron: string; zone: string}

function usePreview(cron: string, zone: string): Preview {
  const [preview, setPreview] = useState<Preview>({runs: [], cron: '', zone: ''});
  useEffect(() => {
    if (!cron.trim()) return setPreview({runs: [], cron: '', zone: ''});
    const abort = new AbortController();
    const timer = setTimeout(() => {
      request<{items: Upcoming[]}>('/api/schedules/preview', {method: 'POST', body: {cron, time_zone: zone}, signal: abort.signal}).then(
        ({body}) => setPreview({runs: body.items, cron: '', zone: ''}),
        (error: Error) => {
          if (error.name === 'AbortError') return;
          const at = (pointer: string) => (error instanceof ApiError ? (error.problem.errors ?? []).filter((one) => one.pointer === pointer).map(({message}) => message).join('. ') : '');
          setPreview({runs: [], cron: at('/cron') || (at('/time_zone') ? '' : error.message), zone: at('/time_zone')});
        },
      );
    }, 200);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [cron, zone]);
  return preview;
}

const blank: Definition = {name: '', cron: '30 6 * * mon-fri', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC', operation: '', arguments: {}, jitter_s: 0, missed: 'skip', enabled: true};

export function ScheduleForm({schedule, operations, onClose, onDone}: {schedule: Schedule | null; operations: string[]; onClose(): void; onDone(): void}) {
  const [draft, setDraft] = useState<Definition>(schedule ? definitionOf(schedule) : blank);
  const [text, setText] = useState(() => JSON.stringify(draft.arguments, null, 2));
  const [faults, setFaults] = useState(noFaults);
  const preview = usePreview(draft.cron, draft.time_zone);
  const given = readArguments(text);
  const id = useId();
  const put = (change: Partial<Definition>) => setDraft((old) => ({...old, ...change}));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!given.value) return;
    request(schedule ? `/api/schedules/${schedule.id}` : '/api/schedules', {method: schedule ? 'PUT' : 'POST', body: {...draft, arguments: given.value}}).then(
      () => { toast('ok', t.scheduleSaved(draft.name)); onDone(); onClose(); },
      (error: unknown) => setFaults(faultsOf(error, ['name', 'cron', 'time_zone', 'operation', 'arguments', 'jitter_s', 'missed'])),
    );
  };
  return (
    <Sheet title={schedule ? t.scheduleNamed(schedule.name) : t.newSchedule} onClose={onClose}>
      <form className="fields" aria-label={t.schedule} onSubmit={submit}>
        <LabelledField label={t.name} fault={faults.at.name}>{(field) => <input {...field} required value={draft.name} onChange={(event) => put({name: event.target.value})} />}</LabelledField>
        <LabelledField label={t.when} hint={t.whenHint} fault={preview.cron || faults.at.cron}>{(field) => <><input {...field} className="mono" required list={`${id}-times`} value={draft.cron} onChange={(event) => put({cron: event.target.value})} /><datalist id={`${id}-times`}>{usualTimes().map(([cron, word]) => <option key={cron} value={cron}>{word}</option>)}</datalist></>}</LabelledField>
        <LabelledField label={t.timeZone} hint={t.timeZoneHint} fault={preview.zone || faults.at.time_zone}>{(field) => <><input {...field} list={`${id}-zones`} value={draft.time_zone} onChange={(event) => put({time_zone: event.target.value})} /><datalist id={`${id}-zones`}>{zones().map((zone) => <option key={zone} value={zone} />)}</datalist></>}</LabelledField>
        {preview.runs.length > 0 && <section aria-label={t.nextRuns} data-testid="next-runs" aria-live="polite"><p className="hint">{t.nextRuns}</p><ol className="plain next-runs">{preview.runs.slice(0, 5).map((one) => <li key={one.time} className="mono">{safe(one.local.replace('T', ' '))}</li>)}</ol></section>}
        <LabelledField label={t.operation} hint={t.operationHint} fault={faults.at.operation}>{(field) => <><input {...field} className="mono" required list={`${id}-operations`} value={draft.operation} onChange={(event) => put({operation: event.target.value})} /><datalist id={`${id}-operations`}>{operations.map((one) => <option key={one} value={one} />)}</datalist></>}</LabelledField>
        <LabelledField label={t.arguments} hint="JSON" fault={given.fault || faults.at.arguments}>{(field) => <textarea {...field} className="mono" rows={5} value={text} onChange={(event) => setText(event.target.value)} />}</LabelledField>
        <LabelledField label={t.jitter} hint={t.jitterHint} fault={faults.at.jitter_s}>{(field) => <input {...field} type="number" min={0} max={3600} value={draft.jitter_s} onChange={(event) => put({jitter_s: Number(event.target.value)})} />}</LabelledField>
        <LabelledField label={t.missedRuns} fault={faults.at.missed}>{(field) => <select {...field} value={draft.missed} onChange={(event) => put({missed: event.target.value as Definition['missed']})}><option value="skip">{t.leftOut}</option><option value="run_once">{t.madeUp}</option></select>}</LabelledField>
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => put({enabled: event.target.checked})} /> {t.on}</label>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary" disabled={!given.value}>{t.saveSchedule}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

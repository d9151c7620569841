// How this browser tells of alerts: a notification of the system, a tone, when not. Permission is asked for on a click only.
import {useState} from 'react';
import {t} from '../messages/en/alerts';
import {LabelledField} from '../ui/fields';
import {setPref, usePrefs} from '../ui/prefs';
import {canNotify, play} from './notify';

export function BrowserSettings() {
  const {alertNotify, alertSound, alertVolume, alertQuietFrom, alertQuietTo} = usePrefs();
  const [permission, setPermission] = useState(canNotify() ? Notification.permission : 'denied');
  const notify = (on: boolean) => {
    setPref('alertNotify', on);
    if (on && canNotify() && Notification.permission === 'default') void Notification.requestPermission().then(setPermission);
  };
  return (
    <section className="browser-settings fields" aria-label={t.thisBrowser}>
      <h2>{t.thisBrowser}</h2>
      <label className="check"><input type="checkbox" checked={alertNotify} onChange={(event) => notify(event.target.checked)} /> {t.systemNotifications}</label>
      {alertNotify && permission !== 'granted' && <p className="hint">{permission === 'denied' ? t.browserDenies : t.browserAsks}</p>}
      <label className="check"><input type="checkbox" checked={alertSound} onChange={(event) => setPref('alertSound', event.target.checked)} /> {t.aTone}</label>
      <div className="pair">
        <LabelledField label={t.volume(alertVolume)}>{(field) => <input {...field} type="range" min={0} max={100} step={5} value={alertVolume} onChange={(event) => setPref('alertVolume', Number(event.target.value))} />}</LabelledField>
        <LabelledField label={t.quietFrom}>{(field) => <input {...field} type="time" value={alertQuietFrom} onChange={(event) => setPref('alertQuietFrom', event.target.value)} />}</LabelledField>
        <LabelledField label={t.quietTo}>{(field) => <input {...field} type="time" value={alertQuietTo} onChange={(event) => setPref('alertQuietTo', event.target.value)} />}</LabelledField>
      </div>
      <div className="bar"><button type="button" className="button" onClick={() => play('warning', alertVolume)}>{t.hearWarning}</button><button type="button" className="button" onClick={() => play('critical', alertVolume)}>{t.hearCritical}</button></div>
    </section>
  );
}

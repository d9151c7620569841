// How the dashboard looks in this browser: theme, rows, time zone, keys.
import {useState} from 'react';
import {LabelledField} from '../ui/fields';
import {isZone, momentText} from '../ui/moment';
import {setPref, usePrefs} from '../ui/prefs';
import {applyTheme, readTheme, type Theme, themes} from '../ui/theme';

const zones = (): string[] => (Intl as unknown as {supportedValuesOf?(key: string): string[]}).supportedValuesOf?.('timeZone') ?? ['UTC'];

export function Appearance() {
  const {density, timeZone, keys} = usePrefs();
  const [theme, setTheme] = useState<Theme>(readTheme());
  const [zone, setZone] = useState(timeZone);
  const put = (next: string) => {
    setZone(next);
    if (isZone(next)) setPref('timeZone', next);
  };
  return (
    <div className="narrow-room fields">
      <p className="muted">Kept in this browser; the same in all its tabs.</p>
      <fieldset className="menu-choice"><legend>Theme</legend>{(Object.entries(themes) as [Theme, string][]).map(([one, text]) => <label key={one} className="segment"><input type="radio" name="theme" checked={theme === one} onChange={() => { applyTheme(one); setTheme(one); }} /> {text}</label>)}</fieldset>
      <fieldset className="menu-choice"><legend>Rows</legend>{(['comfortable', 'compact'] as const).map((one) => <label key={one} className="segment"><input type="radio" name="density" checked={density === one} onChange={() => setPref('density', one)} /> {one === 'comfortable' ? 'Comfortable' : 'Compact'}</label>)}</fieldset>
      <LabelledField label="Time zone" hint={`Of moments in the logs, the audit and where one points at. Empty: that of this browser, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`} fault={isZone(zone) ? undefined : 'is no time zone'}>{(field) => <input {...field} list="all-zones" value={zone} placeholder="As the browser" onChange={(event) => put(event.target.value)} />}</LabelledField>
      <datalist id="all-zones"><option value="UTC" />{zones().map((one) => <option key={one} value={one} />)}</datalist>
      <p className="muted">Now it is {momentText(Date.now())}.</p>
      <label className="check"><input type="checkbox" checked={keys} onChange={(event) => setPref('keys', event.target.checked)} /> Single keys do something (? shows them)</label>
    </div>
  );
}

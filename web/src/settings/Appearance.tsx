// How the dashboard looks in this browser: theme, rows, time zone, keys.
import {useEffect, useRef, useState} from 'react';
import {t} from '../messages/en/settings';
import {LabelledField} from '../ui/fields';
import {isZone, momentText} from '../ui/moment';
import {languageFor, languages, type Language, showLanguage} from '../messages/language';
import {setPref, usePrefs} from '../ui/prefs';
import {toast} from '../ui/toast';
import {applyTheme, readTheme, type Theme, themes} from '../ui/theme';

// What is chosen is drawn anew from the top: the control that was used gets its focus back.
let chosen = false;

const zones = (): string[] => (Intl as unknown as {supportedValuesOf?(key: string): string[]}).supportedValuesOf?.('timeZone') ?? ['UTC'];

export function Appearance() {
  const {density, language, timeZone, keys} = usePrefs();
  const speech = useRef<HTMLSelectElement>(null);
  useEffect(() => { if (chosen) { chosen = false; speech.current?.focus(); } }, []);
  const [theme, setTheme] = useState<Theme>(readTheme());
  const [zone, setZone] = useState(timeZone);
  const put = (next: string) => {
    setZone(next);
    if (isZone(next)) setPref('timeZone', next);
  };
  const speak = (next: string) => {
    const before = language;
    setPref('language', next);
    chosen = languageFor(next, navigator.languages) !== languageFor(before, navigator.languages);
    showLanguage().catch((error: Error) => { chosen = false; setPref('language', before); toast('down', t.asItWas(error.message)); });
  };
  return (
    <div className="narrow-room fields">
      <p className="muted">{t.keptHere}</p>
      <fieldset className="menu-choice"><legend>{t.theme}</legend>{(Object.entries(themes) as [Theme, string][]).map(([one, text]) => <label key={one} className="segment"><input type="radio" name="theme" checked={theme === one} onChange={() => { applyTheme(one); setTheme(one); }} /> {text}</label>)}</fieldset>
      <fieldset className="menu-choice"><legend>{t.rows}</legend>{(['comfortable', 'compact'] as const).map((one) => <label key={one} className="segment"><input type="radio" name="density" checked={density === one} onChange={() => setPref('density', one)} /> {one === 'comfortable' ? t.comfortable : t.compact}</label>)}</fieldset>
      <LabelledField label={t.language} hint={t.languageHint}>{(field) => <select {...field} ref={speech} value={language in languages ? language : ''} onChange={(event) => speak(event.target.value)}><option value="">{t.asBrowser}</option>{(Object.keys(languages) as Language[]).map((one) => <option key={one} value={one} lang={one}>{languages[one]}</option>)}</select>}</LabelledField>
      <LabelledField label={t.timeZone} hint={t.timeZoneHint(Intl.DateTimeFormat().resolvedOptions().timeZone)} fault={isZone(zone) ? undefined : t.noTimeZone}>{(field) => <input {...field} list="all-zones" value={zone} placeholder={t.asBrowser} onChange={(event) => put(event.target.value)} />}</LabelledField>
      <datalist id="all-zones"><option value="UTC" />{zones().map((one) => <option key={one} value={one} />)}</datalist>
      <p className="muted">{t.nowItIs(momentText(Date.now()))}</p>
      <label className="check"><input type="checkbox" checked={keys} onChange={(event) => setPref('keys', event.target.checked)} /> {t.singleKeys}</label>
    </div>
  );
}

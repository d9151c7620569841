// Oneself: account, how the dashboard looks, the keys, installing it, leaving.
import {useEffect, useRef, useState} from 'react';
import {Link, useLocation} from 'wouter';
import {currentUser, logout} from '../api/client';
import {t} from '../messages/en/shell';
import {safe} from '../ui/format';
import {setPref, usePrefs} from '../ui/prefs';
import {applyTheme, readTheme, type Theme, themes} from '../ui/theme';
import {useInstall} from './install';

function Choice<T extends string>({label, options, value, onChange}: {label: string; options: [T, string][]; value: T; onChange(value: T): void}) {
  return <fieldset className="menu-choice"><legend>{label}</legend>{options.map(([one, text]) => <label key={one} className="segment"><input type="radio" name={label} checked={value === one} onChange={() => onChange(one)} /> {text}</label>)}</fieldset>;
}

export function UserMenu({onKeyMap}: {onKeyMap(): void}) {
  const user = currentUser();
  const menu = useRef<HTMLDivElement>(null);
  const [path] = useLocation();
  const {density} = usePrefs();
  const [theme, setTheme] = useState<Theme>(readTheme());
  const install = useInstall();
  const close = () => menu.current?.hidePopover();
  useEffect(close, [path]);
  return (
    <>
      <button type="button" className="button quiet user" popoverTarget="user-menu" aria-label={t.menuOf(user?.username ?? '')} title={user?.role}><span className="avatar" aria-hidden="true" data-letter={(user?.username ?? '?').slice(0, 1).toUpperCase()} /><span className="user-name">{safe(user?.username ?? '')}</span></button>
      <div ref={menu} id="user-menu" popover="auto" className="menu" role="dialog" aria-label={t.youAndDashboard}>
        <p className="menu-who"><b>{safe(user?.username ?? '')}</b> <span className="muted">{safe(user?.role ?? '')}</span></p>
        <Link href="/settings/account" className="menu-item" onClick={close}>{t.accountAndPassword}</Link>
        <Link href="/settings/appearance" className="menu-item" onClick={close}>{t.allSettings}</Link>
        <Link href="/setup" className="menu-item" onClick={close}>{t.firstSteps}</Link>
        <Choice label={t.theme} options={Object.entries(themes) as [Theme, string][]} value={theme} onChange={(next) => { applyTheme(next); setTheme(next); }} />
        <Choice label={t.rows} options={[['comfortable', t.comfortable], ['compact', t.compact]]} value={density} onChange={(next) => setPref('density', next)} />
        <button type="button" className="menu-item" onClick={() => { close(); onKeyMap(); }}>{t.keyboard} <kbd>?</kbd></button>
        {install && <button type="button" className="menu-item" onClick={() => { close(); install(); }}>{t.install}</button>}
        <button type="button" className="menu-item" onClick={() => { close(); print(); }}>{t.print}</button>
        <button type="button" className="menu-item" onClick={() => void logout()}>{t.logOut}</button>
      </div>
    </>
  );
}

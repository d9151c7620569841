// The line above every page: where one is, search, the time range, live or paused, how the connection is, and oneself.
import {Fragment, lazy, Suspense} from 'react';
import {Link, useLocation} from 'wouter';
import {Bell} from '../alerts/Bell';
import {useLive} from '../live/store';
import {may} from '../api/client';
import {t} from '../messages/en/shell';
import {number, safe} from '../ui/format';
import {usePrefs} from '../ui/prefs';
import {crumbsOf, isRanged} from './pages';
import {Pulse} from './Pulse';
import {UserMenu} from './UserMenu';

const PresenceBar = lazy(() => import('../presence/PresenceBar'));
const RangeControl = lazy(() => import('../time/RangeControl'));

function Crumbs() {
  const [path] = useLocation();
  return <nav className="crumbs" aria-label={t.breadcrumb}><ol>{crumbsOf(path).map(({label, href}) => <Fragment key={label}><li>{href ? <Link href={href}>{label}</Link> : <span aria-current="page">{safe(label)}</span>}</li></Fragment>)}</ol></nav>;
}

function LiveSwitch() {
  const store = useLive();
  const count = store.waiting.length;
  return <button type="button" className={`button quiet live-switch ${store.paused ? 'paused' : ''}`} aria-pressed={store.paused} aria-keyshortcuts="p" title={store.paused ? t.goOn : t.hold} onClick={() => store.setPaused(!store.paused)}>{store.paused ? <>{t.paused}{count > 0 && <span className="pill">{t.newCount(number(count))}</span>}</> : t.live}</button>;
}

function Connection() {
  const store = useLive();
  const fresh = store.freshness();
  return <span className={`connection ${store.connection}`} data-testid="connection-state" data-state={store.connection} role="status">{store.connection === 'live' ? t.liveWithDelay(fresh === null ? '' : t.delay(Math.round(fresh))) : store.connection === 'offline' ? t.offline : t.connecting}</span>;
}

export function Header({onPalette, onKeyMap, onDebug}: {onPalette(): void; onKeyMap(): void; onDebug(): void}) {
  const [path] = useLocation();
  const {debugOpen} = usePrefs();
  const store = useLive();
  return (
    <header>
      <div className="top">
        <Crumbs />
        <button type="button" className="button quiet search-button" onClick={onPalette} aria-keyshortcuts="Control+K">{t.searchOrRun} <kbd>{t.paletteKeys}</kbd></button>
        <span className="end" />
        {isRanged(path) && <Suspense fallback={null}><RangeControl /></Suspense>}
        {store.presence && may('presence:read') && <Suspense fallback={null}><PresenceBar /></Suspense>}
        <LiveSwitch />
        <Connection />
        <Bell />
        <button type="button" className="icon-button debug-toggle" aria-label={t.debugWindow} aria-expanded={debugOpen} aria-controls={debugOpen ? 'debug-window' : undefined} aria-keyshortcuts="d" title={t.debugWindowHint} onClick={onDebug}><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M5.5 3v10m0-10L3 5.5M5.5 3L8 5.5M10.5 13V3m0 10L8 10.5m2.5 2.5l2.5-2.5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" /></svg></button>
        <button type="button" className="icon-button key-button" aria-label={t.shortcuts} aria-keyshortcuts="?" title={t.shortcutsHint} onClick={onKeyMap}><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round" /></svg></button>
        <UserMenu onKeyMap={onKeyMap} />
      </div>
      <Pulse />
    </header>
  );
}

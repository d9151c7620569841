// The shell: rail, header, Pulse, pages, drawer.
import {lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {Link, Route, Switch, useLocation, useRoute} from 'wouter';
import {currentUser, logout, may, onSession, renew} from '../api/client';
import {FleetPage} from '../fleet/FleetPage';
import {goLive} from '../live/connect';
import {useLive} from '../live/store';
import {Boundary} from '../ui/Boundary';
import {useKeys} from '../ui/keys';
import {setPref, usePrefs} from '../ui/prefs';
import {dismiss, getToasts, subscribeToasts} from '../ui/toast';
import {LoginPage, Mark} from './LoginPage';
import {Pulse} from './Pulse';
import {applyTheme, readTheme, type Theme} from './theme';

const ServerDrawer = lazy(() => import('../server/ServerDrawer'));
const LogsPage = lazy(() => import('../logs/LogsPage'));
const OperationsPage = lazy(() => import('../operations/OperationsPage'));
const WebrtcPage = lazy(() => import('../webrtc/WebrtcPage'));
const ConnectionDrawer = lazy(() => import('../webrtc/ConnectionDrawer'));
const TestsPage = lazy(() => import('../lab/tests/TestsPage'));
const BenchmarksPage = lazy(() => import('../lab/benchmarks/BenchmarksPage'));
const AnalyticsPage = lazy(() => import('../lab/analytics/AnalyticsPage'));
const ReportsPage = lazy(() => import('../lab/reports/ReportsPage'));
const SystemPage = lazy(() => import('../system/SystemPage'));
const DocsPage = lazy(() => import('../system/DocsPage'));
const AccountPage = lazy(() => import('./AccountPage'));
const AccessPage = lazy(() => import('../access/AccessPage'));
const SetupPage = lazy(() => import('../setup/SetupPage'));
const CallbackPage = lazy(() => import('../server/CallbackPage'));
const AddServer = lazy(() => import('../fleet/AddServer'));
const Palette = lazy(() => import('./Palette'));
const DebugWindow = lazy(() => import('../debug/DebugWindow'));
const KeyMap = lazy(() => import('./KeyMap'));

const pages: {path: string; label: string; icon: string; permission?: string}[] = [
  {path: '/', label: 'Fleet', icon: 'M2 4h12M2 8h12M2 12h12'},
  {path: '/logs', label: 'Logs', icon: 'M3 2h10v12H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3'},
  {path: '/operations', label: 'Operations', icon: 'M2 8h3l2-5 2 10 2-5h3'},
  {path: '/webrtc', label: 'Streams', icon: 'M2 4h12v8H2zM6.5 6.2v3.6l3-1.8z'},
  {path: '/tests', label: 'Tests', icon: 'M3 4.5l1.2 1.2L6.5 3.4M3 11l1.2 1.2 2.3-2.3M9 4.5h4.5M9 11h4.5', permission: 'tests:read'},
  {path: '/benchmarks', label: 'Bench', icon: 'M8 13a5.5 5.5 0 1 1 5.5-5.5M8 7.5L11 5M11 11h3M12.5 13.5H14', permission: 'tests:read'},
  {path: '/analytics', label: 'Analytics', icon: 'M2.5 2.5v11h11M5 10.5l2.5-3 2 1.5 3.5-5', permission: 'metrics:read'},
  {path: '/reports', label: 'Reports', icon: 'M4 1.5h6l3 3v10H4zM10 1.5v3h3M6 8h5M6 11h5', permission: 'reports:read'},
  {path: '/access', label: 'Access', icon: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5'},
  {path: '/system', label: 'System', icon: 'M4 4h8v8H4zM6 1v3M10 1v3M6 12v3M10 12v3M1 6h3M1 10h3M12 6h3M12 10h3'},
];

function Rail() {
  const [path] = useLocation();
  return (
    <nav className="rail" aria-label="Pages">
      <Link href="/" className="rail-mark" aria-label="Telltale, to the fleet"><Mark /></Link>
      {pages.filter(({permission}) => !permission || may(permission)).map((page) => {
        const here = page.path === '/' ? path === '/' || path.startsWith('/servers') : path.startsWith(page.path);
        return <Link key={page.path} href={page.path} className="rail-link" aria-current={here ? 'page' : undefined}><svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><path d={page.icon} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" /></svg><span>{page.label}</span></Link>;
      })}
    </nav>
  );
}

function Header({onPalette, onKeyMap, onDebug}: {onPalette(): void; onKeyMap(): void; onDebug(): void}) {
  const prefs = usePrefs();
  const store = useLive();
  const [theme, setTheme] = useState<Theme>(readTheme());
  const user = currentUser();
  const fresh = store.freshness();
  const change = (next: Theme) => { applyTheme(next); setTheme(next); };
  return (
    <header>
    <div className="top">
      <button type="button" className="button quiet" onClick={onPalette} aria-keyshortcuts="Control+K">Search or run <kbd>Ctrl K</kbd></button>
      <span className="end" />
      <button type="button" className="button quiet" aria-pressed={store.paused} onClick={() => store.setPaused(!store.paused)}>{store.paused ? `Paused${store.waiting.length ? ` · ${store.waiting.length} new` : ''}` : 'Live'}</button>
      <span className={`connection ${store.connection}`} data-testid="connection-state" data-state={store.connection} role="status">{store.connection === 'live' ? `live${fresh === null ? '' : `, ${Math.round(fresh)} ms`}` : store.connection === 'offline' ? 'offline, trying again' : 'connecting'}</span>
      <button type="button" className="icon-button debug-toggle" aria-label="Debug window" aria-expanded={prefs.debugOpen} aria-controls={prefs.debugOpen ? 'debug-window' : undefined} aria-keyshortcuts="d" title="Debug window: every message of the live connection (d)" onClick={onDebug}><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M5.5 3v10m0-10L3 5.5M5.5 3L8 5.5M10.5 13V3m0 10L8 10.5m2.5 2.5l2.5-2.5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" /></svg></button>
      <button type="button" className="icon-button key-button" aria-label="Keyboard shortcuts" aria-keyshortcuts="?" title="Keyboard shortcuts (?)" onClick={onKeyMap}><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round" /></svg></button>
      <select aria-label="Theme" value={theme} onChange={(event) => change(event.target.value as Theme)}><option value="system">Theme: system</option><option value="dark">Theme: dark</option><option value="light">Theme: light</option></select>
      <Link href="/account" className="user" title={user?.role}>{user?.username}</Link>
      <button type="button" className="button quiet logout" onClick={() => void logout()}>Log out</button>
    </div>
    <Pulse />
    </header>
  );
}

// Too narrow for two things side by side: the drawer becomes the page. On a phone nothing floats.
const narrowScreen = matchMedia('(max-width: 1180px)');
const phoneScreen = matchMedia('(max-width: 720px)');
const useMedia = (query: MediaQueryList) =>
  useSyncExternalStore((listener) => {
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  }, () => query.matches);

function Toasts() {
  const toasts = useSyncExternalStore(subscribeToasts, getToasts);
  return <div className="toasts" role="status" aria-live="polite">{toasts.map((toast) => <button key={toast.id} type="button" className={`toast tone-${toast.tone}`} onClick={() => dismiss(toast.id)}>{toast.text}</button>)}</div>;
}

function Shell() {
  const store = useLive();
  const [palette, setPalette] = useState(false);
  const [inServer, params] = useRoute('/servers/:name');
  const [inStream, stream] = useRoute('/webrtc/:id');
  const beside = inServer || inStream;
  const narrow = useMedia(narrowScreen);
  const [keyMap, setKeyMap] = useState(false);
  const [path, navigate] = useLocation();
  const {debugOpen} = usePrefs();
  const opened = useRef(false); // by hand, not remembered: only then it takes the focus
  const closeDebug = () => {
    setPref('debugOpen', false);
    document.querySelector<HTMLElement>('.debug-toggle')?.focus();
  };
  const toggleDebug = () => {
    if (debugOpen) return closeDebug();
    opened.current = true;
    setPref('debugOpen', true);
  };
  const phone = useMedia(phoneScreen);
  const closeKeyMap = useCallback(() => setKeyMap(false), []);
  useKeys({
    '?': () => setKeyMap(true),
    '/': () => document.querySelector<HTMLElement>('main input[type="search"], aside input[type="search"]')?.focus(),
    d: toggleDebug,
    p: () => store.setPaused(!store.paused),
    'g f': () => navigate('/'), 'g l': () => navigate('/logs'), 'g o': () => navigate('/operations'), 'g w': () => navigate('/webrtc'), 'g t': () => navigate('/tests'), 'g b': () => navigate('/benchmarks'), 'g n': () => navigate('/analytics'), 'g r': () => navigate('/reports'), 'g s': () => navigate('/system'), 'g u': () => navigate('/access'), 'g a': () => navigate('/account'),
  });
  useEffect(() => goLive(), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); setPalette(true); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const down = [...store.servers.values()].filter((server) => ['disconnected', 'circuit_open'].includes(server.health_status)).length;
  useEffect(() => { document.title = down ? `(${down}) Telltale` : 'Telltale'; }, [down]);
  return (
    <div className="shell">
      <a className="skip" href="#main">Skip to content</a>
      <Rail />
      <div className="column">
        <Header onPalette={() => setPalette(true)} onKeyMap={() => setKeyMap(true)} onDebug={toggleDebug} />
        {store.connection === 'offline' && <p className="banner" role="alert">The connection to Telltale is lost. What you see is how it was; it is tried again by itself and nothing is missed.</p>}
        {currentUser()?.must_change_password && <section className="banner info" aria-label="Notice">The admin password was made up at the first start. <Link href="/account">Choose your own</Link></section>}
        <div className={beside ? 'with-drawer' : 'without-drawer'}>
          {!(beside && narrow) && <main id="main" tabIndex={-1}>
            <Boundary at={path}><Suspense fallback={<p className="empty">Loading</p>}>
              <Switch>
                <Route path="/logs"><LogsPage /></Route>
                <Route path="/operations"><OperationsPage /></Route>
                <Route path="/webrtc/:id?">{(at) => <WebrtcPage chosen={at.id ? decodeURIComponent(at.id) : ''} />}</Route>
                <Route path="/tests/*?"><TestsPage /></Route>
                <Route path="/benchmarks"><BenchmarksPage /></Route>
                <Route path="/analytics/:room?"><AnalyticsPage /></Route>
                <Route path="/reports/:room?"><ReportsPage /></Route>
                <Route path="/system"><SystemPage /></Route>
                <Route path="/docs"><DocsPage /></Route>
                <Route path="/oauth/callback"><CallbackPage /></Route>
                <Route path="/add"><AddServer /></Route>
                <Route path="/access/:room?"><AccessPage /></Route>
                <Route path="/account"><AccountPage /></Route>
                <Route><FleetPage /></Route>
              </Switch>
            </Suspense></Boundary>
          </main>}
          {inServer && <Boundary at={path}><Suspense fallback={null}><ServerDrawer name={decodeURIComponent(params.name)} whole={narrow} /></Suspense></Boundary>}
          {inStream && <Boundary at={path}><Suspense fallback={null}><ConnectionDrawer id={decodeURIComponent(stream.id)} whole={narrow} /></Suspense></Boundary>}
        </div>
        {debugOpen && <Suspense fallback={null}><DebugWindow narrow={phone} takeFocus={opened.current} onClose={closeDebug} /></Suspense>}
      </div>
      {palette && <Suspense fallback={null}><Palette onClose={() => setPalette(false)} /></Suspense>}
      {keyMap && <Suspense fallback={null}><KeyMap onClose={closeKeyMap} /></Suspense>}
      <Toasts />
    </div>
  );
}

export function App() {
  const [state, setState] = useState<'starting' | 'in' | 'out'>('starting');
  const [setup, setSetup] = useState(false);
  const [, setRound] = useState(0);
  const [, navigate] = useLocation();
  useEffect(() => {
    const stop = onSession((user) => {
      setState((old) => {
        if (old !== 'in' && user?.must_change_password) setSetup(true);
        return user ? 'in' : 'out';
      });
      if (!user) setSetup(false);
      setRound((old) => old + 1); // the rights may be others: everything is drawn anew
    });
    if (location.hash.includes('code=')) setState('out');
    else void renew().then((ok) => { if (!ok) setState('out'); });
    return stop;
  }, []);
  if (state === 'starting') return null;
  if (state === 'out') return <LoginPage />;
  if (setup) return <Suspense fallback={null}><SetupPage onDone={(path) => { setSetup(false); navigate(path); }} /><Toasts /></Suspense>;
  return <Shell />;
}

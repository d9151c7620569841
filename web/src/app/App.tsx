// The shell: rail, header, Pulse, pages, drawer.
import {lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {Link, Redirect, Route, Switch, useLocation, useRoute} from 'wouter';
import {currentUser, isAway, onSession, renew} from '../api/client';
import {goLive} from '../live/connect';
import {useLive} from '../live/store';
import {useLanguage} from '../messages/language';
import {t} from '../messages/en/shell';
import {Overview} from '../overview/Overview';
import {Boundary} from '../ui/Boundary';
import {useKeys} from '../ui/keys';
import {setPref, usePrefs} from '../ui/prefs';
import {dismiss, getToasts, subscribeToasts} from '../ui/toast';
import {AwayPage} from './AwayPage';
import {Header} from './Header';
import {LoginPage} from './LoginPage';
import {NotFound} from './NotFound';
import {pages} from './pages';
import {Rail} from './Rail';
import {useTab} from './tab';
import {usePart} from './usePart';

const FleetPage = lazy(async () => ({default: (await import('../fleet/FleetPage')).FleetPage}));
const ServerDrawer = lazy(() => import('../server/ServerDrawer'));
const LogsPage = lazy(() => import('../logs/LogsPage'));
const AuditPage = lazy(() => import('../audit/AuditPage'));
const OperationsPage = lazy(() => import('../operations/OperationsPage'));
const TracesPage = lazy(() => import('../traces/TracesPage'));
const WebrtcPage = lazy(() => import('../webrtc/WebrtcPage'));
const ConnectionDrawer = lazy(() => import('../webrtc/ConnectionDrawer'));
const TestsPage = lazy(() => import('../lab/tests/TestsPage'));
const BenchmarksPage = lazy(() => import('../lab/benchmarks/BenchmarksPage'));
const AnalyticsPage = lazy(() => import('../lab/analytics/AnalyticsPage'));
const AlertsPage = lazy(() => import('../alerts/AlertsPage'));
const ReportsPage = lazy(() => import('../lab/reports/ReportsPage'));
const SystemPage = lazy(() => import('../system/SystemPage'));
const DocsPage = lazy(() => import('../system/DocsPage'));
const SettingsPage = lazy(() => import('../settings/SettingsPage'));
const SetupPage = lazy(() => import('../setup/SetupPage'));
const CallbackPage = lazy(() => import('../server/CallbackPage'));
const AddServer = lazy(() => import('../fleet/AddServer'));
const loadPalette = () => import('../palette/Palette');
const DebugWindow = lazy(() => import('../debug/DebugWindow'));
const KeyMap = lazy(() => import('./KeyMap'));

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
  return <div className="toasts" role="status" aria-live="polite">{toasts.map((toast) => (toast.action ? <div key={toast.id} className={`toast tone-${toast.tone}`}>{toast.text} <button type="button" className="button small" onClick={toast.action.run}>{toast.action.label}</button></div> : <button key={toast.id} type="button" className={`toast tone-${toast.tone}`} onClick={() => dismiss(toast.id)}>{toast.text}</button>))}</div>;
}

// The fleet was at `/` once, with its search in the address.
function First() {
  const search = new URLSearchParams(location.search);
  return search.has('q') || search.has('state') ? <Redirect to={`/servers?${search}`} replace /> : <Overview />;
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
  const {debugOpen, railOpen} = usePrefs();
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
  // What was left is gone with its button: the focus goes on to what is there instead.
  const leaveSetup = (to: string) => { navigate(to); document.getElementById('main')?.focus(); };
  const closeKeyMap = useCallback(() => setKeyMap(false), []);
  useKeys({
    '?': () => setKeyMap(true),
    '/': () => document.querySelector<HTMLElement>('main input[type="search"], aside input[type="search"]')?.focus(),
    d: toggleDebug,
    p: () => store.setPaused(!store.paused),
    '[': () => setPref('railOpen', !railOpen),
    ...Object.fromEntries(pages.map(({key, path: to}) => [key, () => navigate(to)])),
    'g a': () => navigate('/settings/account'),
    'g 1': () => navigate('/setup'),
  });
  useEffect(() => goLive(), []);
  const Palette = usePart(loadPalette, palette); // there at once, so that no letter typed after Ctrl-K is lost
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); setPalette(true); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useTab();
  return (
    <div className="shell">
      <a className="skip" href="#main">{t.skip}</a>
      <Rail />
      <div className="column">
        <Header onPalette={() => setPalette(true)} onKeyMap={() => setKeyMap(true)} onDebug={toggleDebug} />
        {store.connection === 'offline' && <p className="banner" role="alert">{t.connectionLost}</p>}
        {currentUser()?.must_change_password && <section className="banner info" aria-label={t.notice}>{t.passwordMadeUp} <Link href="/settings/account">{t.chooseYourOwn}</Link></section>}
        <div className={beside ? 'with-drawer' : 'without-drawer'}>
          {!(beside && narrow) && <main id="main" tabIndex={-1}>
            <Boundary at={path}><Suspense fallback={<p className="empty">{t.loading}</p>}>
              <Switch>
                <Route path="/logs"><LogsPage /></Route>
                <Route path="/audit"><AuditPage /></Route>
                <Route path="/operations"><OperationsPage /></Route>
                <Route path="/traces/:id?">{(at) => <TracesPage id={at.id ? decodeURIComponent(at.id) : ''} />}</Route>
                <Route path="/webrtc/:id?">{(at) => <WebrtcPage chosen={at.id ? decodeURIComponent(at.id) : ''} />}</Route>
                <Route path="/tests/*?"><TestsPage /></Route>
                <Route path="/benchmarks"><BenchmarksPage /></Route>
                <Route path="/analytics/:room?"><AnalyticsPage /></Route>
                <Route path="/alerts/:room?"><AlertsPage /></Route>
                <Route path="/reports/:room?"><ReportsPage /></Route>
                <Route path="/system"><SystemPage /></Route>
                <Route path="/docs"><DocsPage /></Route>
                <Route path="/oauth/callback"><CallbackPage /></Route>
                <Route path="/add"><AddServer /></Route>
                <Route path="/setup"><SetupPage onDone={leaveSetup} /></Route>
                <Route path="/settings/:room?">{(at) => <SettingsPage room={at.room ?? ''} />}</Route>
                <Route path="/access/:room?">{(at) => <Redirect to={`/settings/${at.room ?? ''}`} replace />}</Route>
                <Route path="/account"><Redirect to="/settings/account" replace /></Route>
                <Route path="/servers/:name?"><FleetPage /></Route>
                <Route path="/login"><Redirect to="/" replace /></Route>
                <Route path="/"><First /></Route>
                <Route><NotFound /></Route>
              </Switch>
            </Suspense></Boundary>
          </main>}
          {inServer && <Boundary at={path}><Suspense fallback={null}><ServerDrawer name={decodeURIComponent(params.name)} whole={narrow} /></Suspense></Boundary>}
          {inStream && <Boundary at={path}><Suspense fallback={null}><ConnectionDrawer id={decodeURIComponent(stream.id)} whole={narrow} /></Suspense></Boundary>}
        </div>
        {debugOpen && <Suspense fallback={null}><DebugWindow narrow={phone} takeFocus={opened.current} onClose={closeDebug} /></Suspense>}
      </div>
      {palette && Palette && <Palette onClose={() => setPalette(false)} />}
      {keyMap && <Suspense fallback={null}><KeyMap onClose={closeKeyMap} /></Suspense>}
      <Toasts />
    </div>
  );
}

export function App() {
  const [state, setState] = useState<'starting' | 'in' | 'out' | 'away'>('starting');
  const [setup, setSetup] = useState(false);
  const [, setRound] = useState(0);
  const language = useLanguage();
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
    else void renew().then((ok) => { if (!ok) setState(isAway() ? 'away' : 'out'); });
    return stop;
  }, []);
  if (state === 'starting') return null;
  if (state === 'away') return <AwayPage onAnswer={(ok) => setState((old) => (old === 'in' || ok ? 'in' : 'out'))} />;
  if (state === 'out') return <LoginPage />;
  if (setup) return <Suspense fallback={null}><SetupPage alone onDone={(path) => { setSetup(false); navigate(path); requestAnimationFrame(() => document.getElementById('main')?.focus()); }} /><Toasts /></Suspense>;
  return <Shell key={language} />; // every word anew
}

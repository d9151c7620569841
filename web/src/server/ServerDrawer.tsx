// One server, in a drawer beside the fleet: it has its own address, Esc closes it, and the page behind stays usable.
import {lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {Link, useLocation, useSearchParams} from 'wouter';
import {may, serverPath} from '../api/client';
import type {Server, Tool} from '../api/types';
import {useLive} from '../live/store';
import {t} from '../messages/en/server';
import {TraceLink} from '../traces/TraceLink';
import {milliseconds, safe} from '../ui/format';
import {setPref, usePrefs} from '../ui/prefs';
import {Separator} from '../ui/Separator';
import {Glyph} from '../ui/Status';
import {Ago} from '../ui/Time';
import {Overview} from './Overview';
import {Prompts, Resources} from './Resources';
import {useList} from './useList';

const LogViewer = lazy(async () => ({default: (await import('../logs/LogViewer')).LogViewer}));
const ToolRunner = lazy(() => import('../tools/ToolRunner'));
const tabs = ['overview', 'tools', 'resources', 'prompts', 'logs', 'calls'] as const;
type Tab = (typeof tabs)[number];
interface Calls {items: {id: string; operation_id: string; tool: string; actor: string; time: string; duration_ms: number; ok: boolean; error: string}[]}

function Tools({server}: {server: Server}) {
  const list = useList<{items: Tool[]}>(serverPath(server.name, '/tools'), `${server.tools_count}${server.since}`);
  const [search, setSearch] = useSearchParams();
  const [filter, setFilter] = useState('');
  const chosen = list.data?.items.find((tool) => tool.name === search.get('tool'));
  if (list.error) return <p className="fault">{list.error}</p>;
  return (
    <div className="tools">
      <div>
        {(list.data?.items.length ?? 0) > 8 && <input type="search" aria-label={t.searchTools} placeholder={t.searchTools} value={filter} onChange={(event) => setFilter(event.target.value)} />}
        <ul className="plain list" aria-label={t.tools}>{list.data?.items.filter((tool) => tool.name.includes(filter)).map((tool) => <li key={tool.name}><button type="button" className="link mono" aria-pressed={tool === chosen} onClick={() => setSearch((old) => { const next = new URLSearchParams(old); next.set('tool', tool.name); return next; })}>{safe(tool.name)}</button></li>)}</ul>
        {list.data?.items.length === 0 && <p className="muted">{t.noTools}</p>}
      </div>
      {chosen ? <Suspense fallback={<p className="muted">{t.loading}</p>}><ToolRunner key={chosen.name} server={server.name} tool={chosen} /></Suspense> : <p className="muted">{t.chooseTool}</p>}
    </div>
  );
}

function CallList({server}: {server: Server}) {
  const list = useList<Calls>(serverPath(server.name, '/calls?limit=100'), server.calls.total);
  const traces = may('operations:read');
  if (list.data?.items.length === 0) return <p className="muted">{t.noCalls}</p>;
  return <>{traces && <p><Link href={`/traces?server=${encodeURIComponent(server.name)}`}>{t.tracesOf}</Link></p>}<div className="table-wrap" role="region" aria-label={t.calls} tabIndex={0}><table className="grid"><thead><tr><th>{t.when}</th><th>{t.tool}</th><th>{t.who}</th><th className="num">{t.took}</th><th>{t.result}</th>{traces && <th>{t.trace}</th>}</tr></thead><tbody>{list.data?.items.map((call) => <tr key={call.id}><td><Ago time={call.time} /></td><td className="mono">{safe(call.tool)}</td><td>{safe(call.actor)}</td><td className="num">{milliseconds(call.duration_ms)}</td><td className={call.ok ? 'tone-ok' : 'tone-down'}>{call.ok ? 'ok' : safe(call.error)}</td>{traces && <td><TraceLink operation={call.operation_id}>{t.trace}</TraceLink></td>}</tr>)}</tbody></table></div></>;
}

// The fleet beside it keeps room for its list.
const narrowest = 420;
const beside = 56 + 440;
const widest = () => Math.max(narrowest, innerWidth - beside);
const onResize = (listener: () => void) => {
  addEventListener('resize', listener);
  return () => removeEventListener('resize', listener);
};
const useWidest = () => useSyncExternalStore(onResize, widest);

// `whole`: there is no room beside it, so it is the page itself.
export default function ServerDrawer({name, whole}: {name: string; whole: boolean}) {
  const Frame = whole ? 'main' : 'aside';
  const store = useLive();
  const server = store.servers.get(name);
  const [, navigate] = useLocation();
  const [search, setSearch] = useSearchParams();
  const tab = (tabs as readonly string[]).includes(search.get('tab') ?? '') ? (search.get('tab') as Tab) : 'overview';
  const heading = useRef<HTMLHeadingElement>(null);
  const close = () => navigate('/servers');
  useEffect(() => heading.current?.focus(), [name]);
  const prefs = usePrefs();
  const most = useWidest();
  const width = Math.max(narrowest, Math.min(prefs.drawerWidth, most));
  return (
    <Frame id={whole ? 'main' : 'server-drawer'} tabIndex={-1} className="drawer" style={whole ? undefined : {width}} aria-label={t.serverNamed(name)} onKeyDown={(event) => event.key === 'Escape' && close()}>
      {!whole && <Separator label={t.panelWidth} controls="server-drawer" toward="left" size={prefs.drawerWidth} least={narrowest} most={most} usual={640} onSize={(size) => setPref('drawerWidth', size)} />}
      {whole && <h1 className="sr">{t.serverNamed(safe(name))}</h1>}
      <header className="drawer-head">
        <h2 ref={heading} tabIndex={-1}>{server && <Glyph status={server.health_status} />} {safe(name)}</h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={close}>×</button>
      </header>
      {!server ? <p className="empty">{store.connection === 'live' ? t.noServer : t.connecting}</p> : (
        <>
          <div className="tabs" role="tablist" aria-label={t.aboutServer} onKeyDown={(event) => {
            const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
            if (step) { const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]; setSearch({tab: next}); document.getElementById(`tab-${next}`)?.focus(); }
          }}>
            {tabs.map((one) => <button key={one} id={`tab-${one}`} type="button" role="tab" aria-selected={tab === one} aria-controls="drawer-panel" tabIndex={tab === one ? 0 : -1} onClick={() => setSearch({tab: one})}>{t.tabs[one]}</button>)}
          </div>
          <div className="drawer-body" id="drawer-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            {tab === 'overview' && <Overview server={server} />}
            {tab === 'tools' && <Tools server={server} />}
            {tab === 'resources' && <Resources server={server} />}
            {tab === 'prompts' && <Prompts server={server} />}
            {tab === 'logs' && <Suspense fallback={null}><LogViewer key={server.name} server={server.name} /></Suspense>}
            {tab === 'calls' && <CallList server={server} />}
          </div>
        </>
      )}
    </Frame>
  );
}

// Every page there is: for the rail, the breadcrumb, the palette and the keys.
import {t} from '../messages/en/shell';
export interface Page {path: string; label: string; short?: string; icon: string; key: string; permission?: string; rooms?: {path: string; label: string}[]}

export const pages: Page[] = [
  {path: '/', get label() { return t.overview; }, key: 'g h', icon: 'M2 2.5h5v5H2zM9 2.5h5v3H9zM9 7.5h5v6H9zM2 9.5h5v4H2z'},
  {path: '/servers', get label() { return t.servers; }, key: 'g f', icon: 'M2 3h12v4H2zM2 9h12v4H2zM4.5 5h.01M4.5 11h.01', rooms: [{path: '/add', get label() { return t.addServer; }}, {path: '/setup', get label() { return t.firstSteps; }}]},
  {path: '/logs', get label() { return t.logs; }, key: 'g l', icon: 'M3 2h10v12H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3'},
  {path: '/audit', get label() { return t.audit; }, key: 'g i', icon: 'M4 2h8v12H4zM6.5 2v2h3V2M6.2 9l1.4 1.4 2.4-2.8', permission: 'audit:read'},
  {path: '/operations', get label() { return t.operations; }, key: 'g o', icon: 'M2 8h3l2-5 2 10 2-5h3'},
  {path: '/traces', get label() { return t.traces; }, key: 'g c', icon: 'M2 3h7M4 6.3h5M5.5 9.7h7M8 13h6', permission: 'operations:read'},
  {path: '/webrtc', get label() { return t.streams; }, key: 'g w', icon: 'M2 4h12v8H2zM6.5 6.2v3.6l3-1.8z'},
  {path: '/tests', get label() { return t.tests; }, key: 'g t', icon: 'M3 4.5l1.2 1.2L6.5 3.4M3 11l1.2 1.2 2.3-2.3M9 4.5h4.5M9 11h4.5', permission: 'tests:read', rooms: [{path: '/tests/runs', get label() { return t.runs; }}, {path: '/tests/suite/new', get label() { return t.newSuite; }}]},
  {path: '/benchmarks', get label() { return t.bench; }, get short() { return t.benchShort; }, key: 'g b', icon: 'M8 13a5.5 5.5 0 1 1 5.5-5.5M8 7.5L11 5M11 11h3M12.5 13.5H14', permission: 'tests:read'},
  {path: '/analytics', get label() { return t.analytics; }, key: 'g n', icon: 'M2.5 2.5v11h11M5 10.5l2.5-3 2 1.5 3.5-5', permission: 'metrics:read', rooms: [{path: '/analytics/latency', get label() { return t.latency; }}, {path: '/analytics/heatmap', get label() { return t.toolByHour; }}, {path: '/analytics/slowest', get label() { return t.slowestTools; }}, {path: '/analytics/errors', get label() { return t.failuresAlike; }}, {path: '/analytics/change', get label() { return t.beforeAndAfter; }}]},
  {path: '/alerts', get label() { return t.alerts; }, key: 'g e', icon: 'M8 2a4 4 0 0 0-4 4c0 4-1.5 5-1.5 5h11S12 10 12 6a4 4 0 0 0-4-4zM6.7 13.5a1.4 1.4 0 0 0 2.6 0', permission: 'alerts:read', rooms: [{path: '/alerts/rules', get label() { return t.rules; }}, {path: '/alerts/silences', get label() { return t.silences; }}, {path: '/alerts/history', get label() { return t.history; }}, {path: '/alerts/channels', get label() { return t.channels; }}]},
  {path: '/reports', get label() { return t.reports; }, key: 'g r', icon: 'M4 1.5h6l3 3v10H4zM10 1.5v3h3M6 8h5M6 11h5', permission: 'reports:read', rooms: [{path: '/reports/schedules', get label() { return t.schedules; }}]},
  {path: '/system', get label() { return t.system; }, key: 'g s', icon: 'M4 4h8v8H4zM6 1v3M10 1v3M6 12v3M10 12v3M1 6h3M1 10h3M12 6h3M12 10h3', rooms: [{path: '/docs', get label() { return t.restApi; }}]},
  {path: '/settings', get label() { return t.settings; }, get short() { return t.settingsShort; }, key: 'g u', icon: 'M2 4.5h6M11 4.5h3M9.5 3v3M2 11.5h3M8 11.5h6M6.5 10v3', rooms: (['account', 'users', 'roles', 'tokens', 'sessions', 'retention', 'configuration', 'backups', 'appearance', 'about'] as const).map((room) => ({path: `/settings/${room}`, get label() { return t[room]; }}))},
];

const within = (path: string, at: string) => path === at || (at !== '/' && path.startsWith(`${at}/`));
export const pageAt = (path: string): Page | undefined => pages.find((page) => within(path, page.path) || page.rooms?.some((room) => within(path, room.path)));

export interface Crumb {label: string; href?: string}
// Where one is, from the page inwards; the last is here.
export function crumbsOf(path: string): Crumb[] {
  const page = pageAt(path);
  if (!page) return [{label: t.notFound}];
  if (path === page.path) return [{label: page.label}];
  const room = page.rooms?.find((one) => one.path === path);
  const rest = room ? room.label : decodeURIComponent(path.slice(page.path === '/' ? 0 : page.path.length + 1).split('/').at(-1) ?? '');
  return [{label: page.label, href: page.path}, {label: rest}];
}

// Where charts show the shared range of time.
export const isRanged = (path: string) => path === '/' || within(path, '/analytics') || path === '/audit' || path === '/traces' || path.startsWith('/servers/');

// The pages of the gallery: where they are and what is there when they are drawn.
const heading = (name) => (page) => page.getByRole('heading', {name, level: 1});
const region = (name) => (page) => page.getByRole('region', {name, exact: true}).first();
const testId = (id) => (page) => page.getByTestId(id).first();
const charts = (page) => page.locator('.overview-charts[data-ready="true"] .uplot').first();
const table = (page) => page.getByRole('table').first();
const settings = ['account', 'users', 'roles', 'tokens', 'sessions', 'retention', 'configuration', 'backups', 'appearance', 'about'];
const settingsPages = settings.map((room) => ({name: `settings-${room}`, path: `/settings/${room}`, ready: region(`${room[0].toUpperCase()}${room.slice(1)}, settings`)}));

export const fullPages = [
  {name: 'overview', path: '/', ready: charts},
  {name: 'servers', path: '/servers', ready: testId('server-row-everything')},
  {name: 'server', path: '/servers/everything', ready: testId('server-pid')},
  {name: 'server-tool', path: '/servers/everything?tab=tools&tool=get-sum', ready: testId('tool-run')},
  {name: 'server-tool-result', path: '/servers/everything?tab=tools&tool=get-structured-content', ready: testId('tool-run'), async prepare(page) {
    await page.getByLabel(/^location/).first().selectOption({index: 1});
    await page.getByTestId('tool-run').click();
    await page.getByTestId('tool-result').getByText('Structured content').waitFor();
  }},
  {name: 'server-logs', path: '/servers/flaky?tab=logs', ready: testId('log-viewer')},
  {name: 'server-new', path: '/add', ready: (page) => page.getByRole('form', {name: 'New server'})},
  {name: 'logs', path: '/logs', ready: testId('log-histogram')},
  {name: 'audit', path: '/audit', ready: testId('audit-list')},
  {name: 'operations', path: '/operations', ready: table},
  {name: 'traces', path: '/traces?range=15m&operation=fleet.tool_call', ready: (page) => page.locator('.traces canvas').first()},
  {name: 'trace', path: '/traces?range=15m&operation=fleet.tool_call&server=flaky', ready: testId('trace-list'), async prepare(page) {
    await page.getByTestId('trace-list').getByRole('option').first().click();
    await page.getByTestId('self-times').waitFor();
  }},
  {name: 'traces-compare', path: '/traces?range=15m&operation=fleet.tool_call&server=flaky', ready: testId('trace-list'), async prepare(page) {
    await page.getByTestId('trace-list').focus();
    for (const key of ['Home', 'x', 'ArrowDown', 'x']) await page.keyboard.press(key);
    await page.getByRole('link', {name: 'Compare them'}).click();
    await page.getByTestId('pairs').waitFor();
  }},
  {name: 'streams', path: '/webrtc', ready: region('Connections')},
  {name: 'stream', path: ({connection}) => `/webrtc/${connection}`, ready: (page) => page.locator('.timeline canvas').nth(5)},
  {name: 'tests', path: '/tests', ready: testId('suite-gallery')},
  {name: 'tests-suite', path: ({suite}) => `/tests/suite/${suite}`, ready: (page) => page.getByRole('textbox', {name: 'Suite'})},
  {name: 'tests-runs', path: '/tests/runs', ready: testId('run-row')},
  {name: 'tests-run', path: ({run}) => `/tests/run/${run}`, ready: testId('run')},
  {name: 'tests-run-time', path: ({run}) => `/tests/run/${run}?view=time`, ready: (page) => page.locator('.waterfall canvas')},
  {name: 'tests-case', path: ({run, case: one}) => `/tests/run/${run}?case=${encodeURIComponent(one)}`, ready: testId('run')},
  {name: 'benchmarks', path: '/benchmarks', ready: (page) => page.getByTestId(/^bench-/).first()},
  {name: 'benchmarks-details', path: '/benchmarks?case=echo+under+load', ready: (page) => page.locator('.uplot').first()},
  {name: 'analytics', path: '/analytics', ready: testId('query-told')},
  {name: 'analytics-latency', path: '/analytics/latency?range=15m', ready: (page) => page.locator('.bars path').first()},
  {name: 'analytics-reliability', path: '/analytics/reliability', ready: table},
  {name: 'analytics-heatmap', path: '/analytics/heatmap', ready: region('Heatmap')},
  {name: 'analytics-slowest', path: '/analytics/slowest', ready: region('Slowest tools')},
  {name: 'analytics-errors', path: '/analytics/errors', ready: (page) => page.getByRole('list', {name: 'Failures alike'}).getByRole('listitem').first()},
  {name: 'analytics-change', path: '/analytics/change', ready: (page) => page.getByRole('button', {name: 'Compare'})},
  {name: 'alerts', path: '/alerts', ready: heading('Alerts')},
  {name: 'alerts-rules', path: '/alerts/rules', ready: testId('rule-server_down')},
  {name: 'alerts-silences', path: '/alerts/silences', ready: heading('Alerts')},
  {name: 'alerts-history', path: '/alerts/history', ready: heading('Alerts')},
  {name: 'alerts-channels', path: '/alerts/channels', ready: testId('channel-Browsers')},
  {name: 'reports', path: '/reports', ready: (page) => page.getByRole('button', {name: 'New report'})},
  {name: 'reports-schedules', path: '/reports/schedules', ready: heading('Reports')},
  {name: 'system', path: '/system', ready: table},
  {name: 'api', path: '/docs', ready: heading('REST API')},
  ...settingsPages,
  {name: 'palette', path: '/', ready: charts, async prepare(page) {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').first().waitFor();
  }},
  {name: 'chart-table', path: '/', ready: charts, prepare: (page) => page.getByRole('button', {name: 'Requests as a table'}).click({force: true})},
];

export const emptyPages = [
  {name: 'overview', path: '/', ready: heading('No servers yet')},
  ...[['servers', '/servers'], ['logs', '/logs'], ['audit', '/audit'], ['operations', '/operations'], ['traces', '/traces'], ['streams', '/webrtc'], ['tests', '/tests'], ['tests-runs', '/tests/runs'], ['benchmarks', '/benchmarks'], ['analytics', '/analytics'],
    ['analytics-reliability', '/analytics/reliability'], ['analytics-latency', '/analytics/latency'], ['analytics-heatmap', '/analytics/heatmap'], ['analytics-slowest', '/analytics/slowest'], ['analytics-errors', '/analytics/errors'], ['alerts', '/alerts'], ['alerts-history', '/alerts/history'], ['reports', '/reports'], ['reports-schedules', '/reports/schedules']].map(([name, path]) => ({name, path, ready: (page) => page.locator('main').getByRole('heading').first()})),
  {name: 'nowhere', path: '/nowhere', ready: heading('Nothing is here')},
  {name: 'no-server', path: '/servers/nobody', ready: (page) => page.locator('aside, main').getByText(/nobody/).first()},
];

const away = (path) => async (page) => {
  await page.evaluate((to) => document.querySelector(`nav a[href="${to}"]`)?.click(), path);
  await page.locator('main').getByRole('heading').first().waitFor();
};
export const gonePages = [
  {name: 'analytics', go: away('/analytics')},
  {name: 'tests', go: away('/tests')},
  {name: 'logs', go: away('/logs')},
  {name: 'away', async go(page, origin) { // the service worker opens the page, which finds nobody
    await page.goto(origin);
    await page.getByRole('heading', {name: 'The server does not answer'}).waitFor();
  }},
];

// Stands in for roles, tokens and sessions while the binary under test has none of them, by the shapes of docs/api.md:
// the pages are tested then, the server is not, and the test says so. With a binary that has them it does nothing.
const json = (route, status, body) => route.fulfill({status, headers: {'content-type': status < 400 ? 'application/json' : 'application/problem+json'}, body: body === null ? '' : JSON.stringify(body)});
const problem = (route, status, detail, errors = []) => json(route, status, {type: 'about:blank', title: detail, status, detail, errors});

export async function standIn(context, origin) {
  const {paths} = await (await fetch(`${origin}/openapi.json`)).json();
  if (paths['/api/tokens'] && paths['/api/roles'] && paths['/api/sessions']) return false;
  const permissions = ['fleet:read', 'tools:read', 'operations:read', 'system:read', 'fleet:operate', 'tools:call', 'operations:cancel', 'fleet:define', 'server:exec', 'users:manage', 'config:reload'];
  const all = (names) => [{permissions: names, servers: ['*'], tools: ['*']}];
  const roles = new Map([['viewer', 4], ['operator', 7], ['admin', 11]].map(([name, count]) => [name, {name, description: `built in`, builtin: true, grants: all(permissions.slice(0, count))}]));
  const tokens = new Map();
  const now = () => new Date().toISOString();
  const sessions = new Map(['this', 'other'].map((id) => [id, {id, user: 'admin', created_at: now(), last_used_at: now(), address: '127.0.0.1', agent: 'curl/8.5', current: id === 'this'}]));
  let next = 1;
  const answer = {
    'GET permissions': (route) => json(route, 200, {items: permissions.map((name) => ({name, description: `${name} in words`, per_server: !/users|config|system/.test(name)})), next_cursor: null}),
    'GET roles': (route) => json(route, 200, {items: [...roles.values()], next_cursor: null}),
    'POST roles': (route, _, body) => {
      if (roles.has(body.name)) return problem(route, 409, 'a role of this name exists', [{pointer: '/name', message: 'is taken'}]);
      roles.set(body.name, {...body, builtin: false});
      return json(route, 201, roles.get(body.name));
    },
    'PUT roles': (route, id, body) => json(route, 200, roles.set(id, {name: id, builtin: false, ...body}).get(id)),
    'DELETE roles': (route, id) => json(route, roles.delete(id) ? 204 : 404, null),
    'GET tokens': (route) => json(route, 200, {items: [...tokens.values()], next_cursor: null}),
    'POST tokens': (route, _, {name, scopes = [], expires_in_days: days = 90}) => {
      const token = {id: `tok_${next++}`, name, prefix: 'tt_abcd', owner: 'admin', scopes, created_at: now(), expires_at: days ? new Date(Date.now() + days * 86_400_000).toISOString() : null, last_used_at: null};
      tokens.set(token.id, token);
      return json(route, 201, {...token, token: `tt_abcd${'0'.repeat(36)}`});
    },
    'DELETE tokens': (route, id) => json(route, tokens.delete(id) ? 204 : 404, null),
    'GET sessions': (route) => json(route, 200, {items: [...sessions.values()], next_cursor: null}),
    'DELETE sessions': (route, id) => json(route, sessions.delete(id) ? 204 : 404, null),
  };
  await context.route(/\/api\/(permissions|roles|tokens|sessions)(\/|\?|$)/, (route) => {
    const [, , what, id] = new URL(route.request().url()).pathname.split('/');
    return answer[`${route.request().method()} ${what}`](route, decodeURIComponent(id ?? ''), route.request().postDataJSON());
  });
  return true;
}

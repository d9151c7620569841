import {beforeEach, expect, test, vi} from 'vitest';
import {currentUser, get, login, whyLoggedOut} from './client';

const answer = (status: number, body: object) => new Response(JSON.stringify(body), {status, headers: {'content-type': 'application/json'}});
let ended = false;
beforeEach(() => {
  ended = false;
  vi.stubGlobal('navigator', {languages: ['en']});
  vi.stubGlobal('fetch', vi.fn(async (path: string) => {
    if (path.endsWith('/login')) return answer(200, {access_token: 'a', expires_in: 3600, user: {username: 'ada'}});
    return ended ? answer(401, {detail: 'not logged in'}) : answer(200, {});
  }));
});

test('why one is logged out is said, however many calls find it out', async () => {
  await login('ada', 'x');
  expect(currentUser()).not.toBeNull();
  ended = true;
  for (let call = 0; call < 3; call++) {
    await expect(get('/api/servers')).rejects.toThrow();
    expect(currentUser()).toBeNull();
    expect(whyLoggedOut()).toMatch(/^Your session has ended/);
  }
  ended = false;
  await login('ada', 'x');
  expect(whyLoggedOut()).toBe('');
});

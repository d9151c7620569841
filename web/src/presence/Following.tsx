// Looking with somebody: their page, range and scroll become mine, until I do something myself.
import {useEffect} from 'react';
import {useLocation} from 'wouter';
import {t} from '../messages/en/presence';
import {safe} from '../ui/format';
import {usePeople} from './people';
import {scroller} from './whereabouts';

export function Following() {
  const people = usePeople();
  const [, navigate] = useLocation();
  const {following, view} = people;
  useEffect(() => {
    if (!view || view.elsewhere || view.page === undefined) return;
    const to = view.query ? `${view.page}?${view.query}` : view.page;
    if (to !== location.pathname + location.search) navigate(to, {replace: true});
    const timer = setTimeout(() => {
      const main = scroller();
      if (main) main.scrollTop = (view.scroll ?? 0) * (main.scrollHeight - main.clientHeight);
    }, 50);
    return () => clearTimeout(timer);
  }, [view]);
  useEffect(() => {
    if (!following) return;
    const stop = (event: Event) => {
      const pressed = !(event instanceof KeyboardEvent) || event.key === 'Enter' || event.key === ' ';
      const onButton = pressed && event.target instanceof Element && event.target.closest('.presence-keep') !== null;
      if (event.isTrusted && !onButton) people.stopFollowing();
    };
    const inputs = ['pointerdown', 'wheel', 'touchstart', 'keydown'] as const;
    for (const input of inputs) addEventListener(input, stop, {capture: true, passive: true});
    return () => { for (const input of inputs) removeEventListener(input, stop, {capture: true}); };
  }, [following]);
  if (!following) return null;
  const user = safe(people.all.get(following)?.user ?? '');
  return (
    <div className="following" role="status">
      <span>{t.followingBar(view?.elsewhere ? t.whereYouMayNot(user) : t.following(user))}</span>
      <button type="button" className="button small" onClick={() => people.stopFollowing()}>{t.stop}</button>
    </div>
  );
}

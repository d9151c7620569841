// A relative time with the absolute one on hover and focus; it ages by itself.
import {useEffect, useState} from 'react';
import {ago, until} from './format';
import {momentText} from './moment';

function useNow(active: boolean) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}

export function Ago({time}: {time: string | null}) {
  const now = useNow(time !== null);
  return <time dateTime={time ?? undefined} title={time ? momentText(Date.parse(time)) : undefined}>{ago(time, now)}</time>;
}
export function Countdown({time}: {time: string | null}) {
  const now = useNow(time !== null);
  return <>{until(time, now)}</>;
}

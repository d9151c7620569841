// The page was opened while the server is away: it is asked again until it answers, and one is where one wanted to be.
import {useEffect, useState} from 'react';
import {isAway, renew} from '../api/client';
import {t} from '../messages/en/shell';
import {Mark} from './LoginPage';

const pauseMs = 3000;

export function AwayPage({onAnswer}: {onAnswer(loggedIn: boolean): void}) {
  const [asking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    const ok = await renew();
    setAsking(false);
    if (ok || !isAway()) onAnswer(ok);
  };
  useEffect(() => {
    const timer = setInterval(() => void ask(), pauseMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <main className="login">
      <section className="setup-card" aria-labelledby="away-title">
        <p className="setup-brand"><Mark /> Telltale</p>
        <h1 id="away-title">{t.serverDoesNotAnswer}</h1>
        <p role="status">{t.askedAgain(location.host, pauseMs / 1000)}</p>
        <button type="button" className="button primary" disabled={asking} onClick={() => void ask()}>{t.askNow}</button>
      </section>
    </main>
  );
}

// What is chosen to compare, and the way there.
import {Link} from 'wouter';
import {t} from '../messages/en/traces';
import {addressOf} from './picks';

export function PickBar({picks, onNone}: {picks: string[]; onNone(): void}) {
  const [a, b] = picks;
  return (
    <p className="trace-picks" role="status">
      {a && <>{b ? <>{t.twoChosen} <Link className="button small primary" href={addressOf(a, b)}>{t.compareThem}</Link></> : t.oneChosen} <button type="button" className="button small" onClick={onNone}>{t.chooseNone}</button></>}
    </p>
  );
}

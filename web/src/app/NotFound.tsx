// An address that leads nowhere.
import {Link, useLocation} from 'wouter';
import {t} from '../messages/en/shell';
import {safe} from '../ui/format';

export function NotFound() {
  const [path] = useLocation();
  return <div className="page"><section className="empty"><h1>{t.nothingHere}</h1><p>{t.noPageHas} <code>{safe(path)}</code>. <kbd>{t.paletteKeys}</kbd> {t.findsWhatThereIs}</p><Link href="/" className="button">{t.toOverview}</Link></section></div>;
}

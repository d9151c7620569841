// An address that leads nowhere.
import {Link, useLocation} from 'wouter';
import {safe} from '../ui/format';

export function NotFound() {
  const [path] = useLocation();
  return <div className="page"><section className="empty"><h1>Nothing is here</h1><p>No page has the address <code>{safe(path)}</code>. <kbd>Ctrl K</kbd> finds what there is.</p><Link href="/" className="button">To the overview</Link></section></div>;
}

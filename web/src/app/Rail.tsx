// The pages at the left edge: icons, or icons and words when it is expanded.
import {Link, useLocation} from 'wouter';
import {may} from '../api/client';
import {t} from '../messages/en/shell';
import {setPref, usePrefs} from '../ui/prefs';
import {Mark} from './LoginPage';
import {pageAt, pages} from './pages';

const Icon = ({path}: {path: string}) => <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><path d={path} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" /></svg>;

export function Rail() {
  const [path] = useLocation();
  const {railOpen} = usePrefs();
  const here = pageAt(path);
  return (
    <nav className="rail" data-open={railOpen} aria-label={t.pages}>
      <Link href="/" className="rail-mark" aria-label={t.home}><Mark />{railOpen && <b>Telltale</b>}</Link>
      {pages.filter(({permission}) => !permission || may(permission)).map((page) => <Link key={page.path} href={page.path} className="rail-link" title={page.short === undefined ? undefined : page.label} aria-current={page === here ? 'page' : undefined}><Icon path={page.icon} /><span>{railOpen ? page.label : (page.short ?? page.label)}</span></Link>)}
      <button type="button" className="rail-link rail-toggle" aria-expanded={railOpen} aria-keyshortcuts="[" title={`${railOpen ? t.collapse : t.expand} ([)`} onClick={() => setPref('railOpen', !railOpen)}><Icon path={railOpen ? 'M10 4L6 8l4 4' : 'M6 4l4 4-4 4'} /><span>{railOpen ? t.collapse : t.expand}</span></button>
    </nav>
  );
}

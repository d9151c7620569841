// Before there is a server: the ways to the first one.
import {Link} from 'wouter';
import {whyNot} from '../api/client';
import {t} from '../messages/en/overview';

const ways = () => [
  {href: '/setup', title: t.findThem, text: t.findText, action: t.firstSteps, permission: 'server:exec'},
  {href: '/add', title: t.addAServer, text: t.addText, action: t.addServer, permission: 'fleet:define'},
  {href: '/add?kind=paste', title: t.pasteOne, text: t.pasteText, action: t.pasteFile, permission: 'fleet:define'},
];

export function Empty() {
  return (
    <div className="page overview">
      <h1>{t.noServers}</h1>
      <p className="muted">{t.withinMinute}</p>
      <div className="ways">
        {ways().map((way, index) => (
          <section key={way.href} className="panel" aria-label={way.title}>
            <h2>{way.title}</h2><p>{way.text}</p>
            {whyNot(way.permission) ? <p className="muted">{whyNot(way.permission)}.</p> : <Link href={way.href} className={`button ${index === 0 ? 'primary' : ''}`}>{way.action}</Link>}
          </section>
        ))}
        <section className="panel" aria-label={t.demo}><h2>{t.seeDemo}</h2><p>{t.demoText}</p><pre className="block mono">./dev run</pre></section>
        <section className="panel" aria-label={t.fromFile}><h2>{t.startWithFile}</h2><p>{t.readAgain}</p><pre className="block mono">telltale serve --mcp-config mcp.json</pre></section>
      </div>
    </div>
  );
}

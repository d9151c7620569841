// Before there is a server: three ways to the first one.
import {Link} from 'wouter';
import {whyNot} from '../api/client';

const ways = [
  {href: '/add', title: 'Add a server', text: 'A command that Telltale starts and watches, or the address of one that runs.', action: 'Add server'},
  {href: '/add?kind=paste', title: 'Paste an mcp.json', text: 'What Claude Desktop, VS Code and Cursor use, as it is.', action: 'Paste a file'},
];

export function Empty() {
  const why = whyNot('fleet:define');
  return (
    <div className="page overview">
      <h1>No servers yet</h1>
      <p className="muted">Within a minute the first one is started, checked and drawn here.</p>
      <div className="ways">
        {ways.map((way, index) => (
          <section key={way.href} className="panel" aria-label={way.title}>
            <h2>{way.title}</h2><p>{way.text}</p>
            {why ? <p className="muted">{why}.</p> : <Link href={way.href} className={`button ${index === 0 ? 'primary' : ''}`}>{way.action}</Link>}
          </section>
        ))}
        <section className="panel" aria-label="The demo fleet"><h2>See the demo fleet</h2><p>Six real servers, one of them flaky. In Telltale's folder:</p><pre className="block mono">./dev run</pre></section>
        <section className="panel" aria-label="From a file"><h2>Start with a fleet file</h2><p>It is read again when you ask for it.</p><pre className="block mono">telltale serve --mcp-config mcp.json</pre></section>
      </div>
    </div>
  );
}

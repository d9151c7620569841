// The open streams, worst first.
import {Link} from 'wouter';
import {t} from '../messages/en/overview';
import {renditionWord} from '../messages/en/streams';
import {safe} from '../ui/format';
import {bitrate} from '../webrtc/format';
import {Health} from '../webrtc/Health';
import {StateWord} from '../webrtc/StateWord';
import type {Connection} from '../webrtc/types';

const most = 5;
const healthOf = ({scores}: Connection) => scores?.health ?? 101;

export function Streams({streams}: {streams: Connection[] | null}) {
  const shown = [...(streams ?? [])].sort((a, b) => healthOf(a) - healthOf(b)).slice(0, most);
  return (
    <section className="panel" aria-label={t.streams}>
      <h2>{t.streams}</h2>
      {shown.length === 0 && <p className="muted">{t.nobodyConnected} <Link href="/webrtc">{t.startStream}</Link></p>}
      <ul className="plain changes">{shown.map((one) => <li key={one.id}><Health health={one.scores?.health ?? null} sentence={one.scores?.sentence} /><span className="change-text"><Link href={`/webrtc/${encodeURIComponent(one.id)}`}>{safe(one.source || one.id)}</Link> <span className="muted"><StateWord state={one.state} />{one.rate_bps !== undefined && `, ${bitrate(one.rate_bps)}`}</span></span><span className="muted">{renditionWord(one.rendition)}</span></li>)}</ul>
      {streams && streams.length > most && <p><Link href="/webrtc">{t.more(streams.length - most)}</Link></p>}
    </section>
  );
}

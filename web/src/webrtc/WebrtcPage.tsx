// Streams: start one, watch it here, and every connection of the server with what can be done to it.
import {useEffect, useState, useSyncExternalStore} from 'react';
import {get, request, whyNot} from '../api/client';
import {live, useLive} from '../live/store';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {milliseconds, plural, safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {bitrate} from './format';
import {PlayerCard, QualitySelect} from './PlayerCard';
import {players} from './player';
import {TestButton, TestResult, useSelfTest} from './SelfTest';
import {type Connection, isOpen, qualities, type Quality, qualityLabels} from './types';
import './webrtc.css';

const tones: Record<Connection['state'], string> = {connecting: 'tone-info', connected: 'tone-ok', disconnected: 'tone-warn', closed: 'tone-idle'};
const shrug = (error: Error) => toast('down', error.message);

function Start({test}: {test: ReturnType<typeof useSelfTest>}) {
  const [content, setContent] = useState('');
  const [quality, setQuality] = useState<Quality>('auto');
  const why = whyNot('webrtc:read');
  const start = (what: string) => void players.play({content: what, quality});
  return (
    <form className="bar stream-form" onSubmit={(event) => { event.preventDefault(); if (content.trim() && !why) start(content.trim()); }}>
      <ActionButton className="button primary" why={why} onClick={() => start('test')}>Stream test content</ActionButton>
      <TestButton test={test} />
      <input aria-label="Content: a CID, or the name of a live source" placeholder="CID or live name" value={content} spellCheck={false} autoComplete="off" onChange={(event) => setContent(event.target.value)} />
      <label>Quality <select value={quality} onChange={(event) => setQuality(event.target.value as Quality)}>{qualities.map((one) => <option key={one} value={one}>{qualityLabels[one]}</option>)}</select></label>
      <ActionButton why={why || (content.trim() ? '' : 'Give a CID or the name of a live source')} onClick={() => start(content.trim())}>Stream</ActionButton>
    </form>
  );
}

function Row({connection}: {connection: Connection}) {
  const open = isOpen(connection);
  const heard = connection.stats.remoteInboundRtp.find((one) => one.kind === 'video') ?? connection.stats.remoteInboundRtp[0];
  const trip = connection.stats.candidatePair.currentRoundTripTime ?? heard?.roundTripTime;
  const close = () => request(`/api/v0/webrtc/close/${connection.id}`, {method: 'POST', body: {}}).then(() => toast('ok', `${connection.id} is closed.`), shrug);
  return (
    <tr className="row">
      <td className={connection.error ? 'tone-down' : tones[connection.state]}>{connection.error ? 'failed' : connection.state}</td>
      <th scope="row" className="mono" title={safe(connection.error ?? '') || undefined}>{connection.id}</th>
      <td className="source">{safe(connection.source)}{connection.role === 'publisher' && <small className="muted"> published</small>}</td>
      <td>{open && connection.role === 'viewer' ? <QualitySelect connection={connection} /> : connection.quality}</td>
      <td>{connection.rendition || '–'}</td>
      <td className="num">{open ? bitrate(connection.rate_bps) : '–'}</td>
      <td className="num">{heard ? `${(100 * heard.fractionLost).toFixed(1)} %` : '–'}</td>
      <td className="num">{milliseconds(trip === undefined ? null : trip * 1000)}</td>
      <td className="mono">{safe(connection.peer_address)}</td>
      <td><Ago time={connection.created_at} /></td>
      <td>{open ? <ActionButton className="button small" why={whyNot('webrtc:control')} aria-label={`Close ${connection.id}`} onClick={() => void close()}>Close</ActionButton> : <span className="muted">{safe(connection.close_reason ?? '')}</span>}</td>
    </tr>
  );
}

// One sentence of how it is.
function sentence(all: Connection[]): string {
  const active = all.filter((one) => one.state === 'connected');
  const connecting = all.filter((one) => one.state === 'connecting').length;
  if (active.length + connecting === 0) return 'Nobody is connected.';
  const rate = active.reduce((sum, one) => sum + (one.rate_bps ?? 0), 0);
  return `${plural(active.length, 'connection')}${connecting ? `, ${connecting} connecting` : ''}, ${bitrate(rate)} together.`;
}

export default function WebrtcPage() {
  const store = useLive();
  useSyncExternalStore(players.subscribe, players.getVersion);
  const test = useSelfTest();
  const [question, setQuestion] = useState<Question | null>(null);
  const [error, setError] = useState('');
  const reading = store.connection === 'live';
  useEffect(() => void get<{items: Connection[]}>('/api/webrtc/connections?ended=true&limit=500').then((body) => { live.setConnections(body.items); setError(''); }, (fault: Error) => setError(fault.message)), [reading]);
  const all = [...store.connections.values()].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.created_at.localeCompare(a.created_at));
  const open = all.filter(isOpen).length;
  const closeAll = () => setQuestion({title: 'Close every connection?', text: `${plural(open, 'connection')} will end, those of others too.`, action: 'Close all', run: async () => {
    const {body} = await request<{count: number}>('/api/v0/webrtc/close_all', {method: 'POST', wait: 20, body: {}});
    toast('ok', `${plural(body.count, 'connection')} closed.`);
  }});
  return (
    <div className="page webrtc">
      <h1>Streams</h1>
      <p className="lead" role="status">{sentence(all)}</p>
      <Start test={test} />
      <TestResult test={test} />
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {players.all.length > 0 && <div className="players">{players.all.map((player, index) => <PlayerCard key={`${players.all.length - index}`} player={player} />)}</div>}
      <div className="bar"><h2>Connections</h2><span className="end" />{open > 0 && <ActionButton why={whyNot('webrtc:control')} onClick={closeAll}>Close all</ActionButton>}</div>
      <div className="table-wrap" role="region" aria-label="Connections" tabIndex={0}><table className="grid"><caption className="sr">WebRTC connections, open ones first</caption><thead><tr><th>State</th><th>Connection</th><th>Content</th><th>Quality</th><th>Rendition</th><th className="num">Rate</th><th className="num">Loss</th><th className="num">Round trip</th><th>Peer</th><th>Since</th><th><span className="sr">Actions</span></th></tr></thead>
        <tbody>{all.slice(0, 500).map((connection) => <Row key={connection.id} connection={connection} />)}</tbody></table>{all.length === 0 && <p className="empty">No connection so far. Stream the test content, or give a CID: <code>telltale content add film.mp4</code> prints one.</p>}</div>
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </div>
  );
}

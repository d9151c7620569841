// One stream that plays here: picture and sound, what the viewer can steer, and what the browser measured.
import {useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {request, whyNot} from '../api/client';
import {useLive} from '../live/store';
import {ActionButton} from '../ui/ActionButton';
import {milliseconds, safe} from '../ui/format';
import {toast} from '../ui/toast';
import {bitrate, clock} from './format';
import {type Player, players} from './player';
import {qualities, type Connection, type Playback, type Quality} from './types';

const words: Record<Player['state'], string> = {connecting: 'connecting', playing: 'playing', interrupted: 'interrupted, trying again', closed: 'closed', failed: 'failed'};
const tones: Record<Player['state'], string> = {connecting: 'tone-info', playing: 'tone-ok', interrupted: 'tone-warn', closed: 'tone-idle', failed: 'tone-down'};
const shrug = (error: Error) => toast('down', error.message);

function Position({id, playback, why}: {id: string; playback: Playback; why: string}) {
  const [dragged, setDragged] = useState<number | null>(null);
  const ask = (body: Partial<Record<'position_s', number> & Record<'paused' | 'loop', boolean>>) => void request(`/api/webrtc/connections/${id}/playback`, {method: 'POST', body}).catch(shrug);
  const duration = playback.duration_s ?? 0;
  const seek = () => {
    if (dragged !== null) ask({position_s: dragged});
    setDragged(null);
  };
  if (playback.live) return <p className="muted">Live: nothing to seek in.</p>;
  return (
    <div className="player-position">
      <ActionButton why={why} onClick={() => ask({paused: !playback.paused})}>{playback.paused ? 'Play' : 'Pause'}</ActionButton>
      {duration > 0 && <input type="range" aria-label="Position" aria-valuetext={`${clock(dragged ?? playback.position_s)} of ${clock(duration)}`} min={0} max={duration} step={0.1} value={dragged ?? Math.min(duration, playback.position_s)} disabled={why !== ''} onChange={(event) => setDragged(Number(event.target.value))} onPointerUp={seek} onKeyUp={seek} onBlur={seek} />}
      <span className="mono">{clock(dragged ?? playback.position_s)}{duration > 0 && ` / ${clock(duration)}`}</span>
      <ActionButton why={why} aria-pressed={playback.loop} onClick={() => ask({loop: !playback.loop})}>Loop</ActionButton>
    </div>
  );
}

export function QualitySelect({connection}: {connection: Connection}) {
  const [asked, setAsked] = useState<Quality | null>(null);
  const why = whyNot('webrtc:control');
  const choose = async (quality: Quality) => {
    setAsked(quality);
    await request(`/api/v0/webrtc/quality/${connection.connection_id}`, {method: 'POST', body: {quality}}).catch(shrug);
    setAsked(null);
  };
  return <select aria-label={`Quality of ${connection.connection_id}`} value={asked ?? connection.quality} disabled={why !== '' || asked !== null} title={why || undefined} onChange={(event) => void choose(event.target.value as Quality)}>{qualities.map((quality) => <option key={quality} value={quality}>{quality}</option>)}</select>;
}

function Figures({player, connection}: {player: Player; connection: Connection | undefined}) {
  const {measured, firstPictureMs} = player;
  const rows: [string, string][] = [
    ['Picture', measured?.width ? `${measured.width} × ${measured.height}, ${measured.frames_per_second.toFixed(0)} a second, ${measured.codec}` : '–'],
    ['Rendition', connection?.rendition || '–'],
    ['Rate', bitrate(measured?.bitrate_bps)],
    ['Loss', measured ? `${measured.loss_percent.toFixed(1)} %, ${measured.frames_dropped} frames dropped` : '–'],
    ['Froze', measured ? `${measured.freezes} times, ${measured.freeze_seconds.toFixed(1)} s` : '–'],
    ['Round trip', milliseconds(measured?.round_trip_ms)],
    ['Jitter, buffer', measured ? `${milliseconds(measured.jitter_ms)}, ${milliseconds(measured.jitter_buffer_ms)}` : '–'],
    ['First picture after', milliseconds(firstPictureMs)],
  ];
  return <dl className="figures">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export function PlayerCard({player}: {player: Player}) {
  useSyncExternalStore(player.subscribe, player.getVersion);
  const connection = useLive().connections.get(player.id);
  const video = useRef<HTMLVideoElement>(null);
  const [muted, setMuted] = useState(true); // a page may not begin with sound by itself
  const why = whyNot('webrtc:control');
  const name = player.wanted.content === 'test' ? 'Test pattern' : player.wanted.content;
  useEffect(() => {
    if (video.current) video.current.srcObject = player.stream;
  }, [player]);
  const over = connection?.status === 'closed' || connection?.status === 'failed' ? connection.close_reason || connection.status : '';
  useEffect(() => {
    if (over) player.ended(over);
  }, [player, over]);
  return (
    <article className="player" aria-label={`Stream of ${safe(name)}`} data-state={player.state}>
      <header><h2 className={name === 'Test pattern' ? '' : 'mono'}>{safe(name)}</h2><span className={tones[player.state]} role="status">{words[player.state]}</span></header>
      <video ref={video} autoPlay playsInline muted={muted} onPlaying={() => player.onPicture()} aria-label={`Picture of ${safe(name)}`} />
      {player.error && <p className="fault" role="alert">{safe(player.error)}</p>}
      {connection?.playback && player.state !== 'closed' && player.state !== 'failed' && <Position id={player.id} playback={connection.playback} why={why} />}
      <div className="bar">
        {connection && <label>Quality <QualitySelect connection={connection} /></label>}
        <button type="button" className="button" aria-pressed={!muted} onClick={() => setMuted(!muted)}>{muted ? 'Sound on' : 'Sound off'}</button>
        <button type="button" className="button" onClick={() => void players.dismiss(player).catch(shrug)}>{player.state === 'closed' || player.state === 'failed' ? 'Dismiss' : 'Close'}</button>
      </div>
      <Figures player={player} connection={connection} />
    </article>
  );
}

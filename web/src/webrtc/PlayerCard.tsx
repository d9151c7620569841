// One stream that plays here: picture and sound, what the viewer can steer, and what the browser measured.
import {useEffect, useRef, useState, useSyncExternalStore} from 'react';
import {get, request, whyNot} from '../api/client';
import {useLive} from '../live/store';
import {renditionWord} from '../messages/en/streams';
import {t} from '../messages/en/webrtc';
import {ActionButton} from '../ui/ActionButton';
import {fixed, milliseconds, safe} from '../ui/format';
import {toast} from '../ui/toast';
import {QualitySelect} from './actions';
import {bitrate, clock} from './format';
import {Health} from './Health';
import {type Player, players} from './player';
import type {Connection, Playing} from './types';

const tones: Record<Player['state'], string> = {connecting: 'tone-info', playing: 'tone-ok', interrupted: 'tone-warn', closed: 'tone-idle', failed: 'tone-down'};
const reasonText = (reason = 'closed') => (t.overBecause as Record<string, string>)[reason] ?? reason;
const shrug = (error: Error) => toast('down', error.message);

// Read each second, and again with every answer to what was asked for.
function usePlaying(id: string, running: boolean): [Playing | null, (what: 'seek' | 'pause' | 'loop', body: object) => void] {
  const [playing, setPlaying] = useState<Playing | null>(null);
  useEffect(() => {
    if (!id || !running) return setPlaying(null);
    const read = () => void get<{playing?: Playing}>(`/api/webrtc/connections/${id}`).then((body) => setPlaying(body.playing ?? null), () => undefined); // the card says when it is over
    read();
    const timer = setInterval(read, 1000);
    return () => clearInterval(timer);
  }, [id, running]);
  return [playing, (what, body) => void request<Playing>(`/api/webrtc/connections/${id}/${what}`, {method: 'POST', body}).then((answer) => setPlaying(answer.body), shrug)];
}

function Position({id, running, why}: {id: string; running: boolean; why: string}) {
  const [playing, ask] = usePlaying(id, running);
  const [dragged, setDragged] = useState<number | null>(null);
  if (!playing || playing.ended) return null;
  if (playing.live) return <p className="muted">{t.liveOnly}</p>;
  const duration = playing.duration_seconds ?? 0;
  const seek = () => {
    if (dragged !== null) ask('seek', {position_seconds: dragged});
    setDragged(null);
  };
  return (
    <div className="player-position">
      <ActionButton why={why} onClick={() => ask('pause', {paused: !playing.paused})}>{playing.paused ? t.play : t.pause}</ActionButton>
      {duration > 0 && <input type="range" aria-label={t.position} aria-valuetext={t.positionOf(clock(dragged ?? playing.position_seconds), clock(duration))} min={0} max={duration} step={0.1} value={dragged ?? Math.min(duration, playing.position_seconds)} disabled={why !== ''} onChange={(event) => setDragged(Number(event.target.value))} onPointerUp={seek} onKeyUp={seek} onBlur={seek} />}
      <span className="mono">{clock(dragged ?? playing.position_seconds)}{duration > 0 && ` / ${clock(duration)}`}</span>
      <ActionButton why={why} aria-pressed={playing.loop} onClick={() => ask('loop', {loop: !playing.loop})}>{t.loop}</ActionButton>
    </div>
  );
}

function Figures({player, connection}: {player: Player; connection: Connection | undefined}) {
  const {measured, firstPictureMs} = player;
  const rows: [string, string][] = [
    [t.picture, measured?.width ? t.pictureText(`${measured.width} × ${measured.height}`, fixed(measured.frames_per_second, 0), measured.codec) : '–'],
    [t.columns.rendition, renditionWord(connection?.rendition ?? '') || '–'],
    [t.columns.rate, bitrate(measured?.bitrate_bps)],
    [t.columns.loss, measured ? t.lossText(fixed(measured.loss_percent, 1), measured.frames_dropped) : '–'],
    [t.froze, measured ? t.frozeText(measured.freezes, fixed(measured.freeze_seconds, 1)) : '–'],
    [t.columns.trip, milliseconds(measured?.round_trip_ms)],
    [t.jitterAndBuffer, measured ? `${milliseconds(measured.jitter_ms)}, ${milliseconds(measured.jitter_buffer_ms)}` : '–'],
    [t.firstPictureAfter, milliseconds(firstPictureMs)],
  ];
  return <dl className="measured">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export function PlayerCard({player, onOpen}: {player: Player; onOpen(id: string): void}) {
  useSyncExternalStore(player.subscribe, player.getVersion);
  const connection = useLive().connections.get(player.id);
  const video = useRef<HTMLVideoElement>(null);
  const [muted, setMuted] = useState(true); // a page may not begin with sound by itself
  const why = whyNot('webrtc:control');
  const pattern = player.wanted.content === 'test';
  const name = pattern ? t.testPattern : player.wanted.content;
  useEffect(() => {
    if (video.current) video.current.srcObject = player.stream;
  }, [player]);
  const over = connection?.state === 'closed' ? connection.error || reasonText(connection.close_reason) : '';
  useEffect(() => {
    if (over) player.ended(over);
  }, [player, over]);
  return (
    <article className="player" aria-label={t.streamOf(safe(name))} data-state={player.state}>
      <header><h2 className={pattern ? '' : 'mono'}>{safe(name)}</h2><span className="player-state">{connection?.scores && connection.state === 'connected' && <Health health={connection.scores.health} sentence={connection.scores.sentence} />}<span className={tones[player.state]} role="status">{t.playing[player.state]}</span></span></header>
      <video ref={video} autoPlay playsInline muted={muted} onPlaying={() => player.onPicture()} aria-label={t.pictureOf(safe(name))} />
      {player.error && <p className={player.state === 'failed' ? 'fault' : 'muted'} role="alert">{safe(player.error)}</p>}
      <Position id={player.id} running={player.state === 'playing' || player.state === 'interrupted'} why={why} />
      <div className="bar">
        {connection && <label>{t.quality} <QualitySelect connection={connection} /></label>}
        {connection && <button type="button" className="button" onClick={() => onOpen(player.id)}>{t.details}</button>}
        <button type="button" className="button" aria-pressed={!muted} onClick={() => setMuted(!muted)}>{muted ? t.soundOn : t.soundOff}</button>
        <button type="button" className="button" onClick={() => void players.dismiss(player).catch(shrug)}>{player.state === 'closed' || player.state === 'failed' ? t.dismiss : t.close}</button>
      </div>
      {(player.state !== 'failed' || player.measured) && <Figures player={player} connection={connection} />}
    </article>
  );
}

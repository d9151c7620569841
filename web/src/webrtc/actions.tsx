// What can be done to a connection. A change is shown as requested, accepted, confirmed: confirmed only when the connection itself
// says so, never before.
import {useEffect, useRef, useState} from 'react';
import {request, whyNot} from '../api/client';
import {renditionWord} from '../messages/en/streams';
import {t} from '../messages/en/webrtc';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {type Connection, isOpen, qualities, type Quality} from './types';

export type Phase = 'idle' | 'requested' | 'accepted' | 'confirmed' | 'failed';
interface Asked {phase: Phase; what: string; error: string}
const nothing: Asked = {phase: 'idle', what: '', error: ''};

function useAsk(confirmed: (what: string) => boolean) {
  const [asked, setAsked] = useState<Asked>(nothing);
  const round = useRef(0);
  const ask = async (what: string, path: string, body: object) => {
    const mine = ++round.current;
    setAsked({phase: 'requested', what, error: ''});
    try {
      await request(path, {method: 'POST', body, wait: 20});
      if (mine === round.current) setAsked({phase: 'accepted', what, error: ''});
    } catch (fault) {
      if (mine === round.current) setAsked({phase: 'failed', what, error: (fault as Error).message});
      toast('down', (fault as Error).message);
    }
  };
  const there = asked.phase === 'accepted' && confirmed(asked.what);
  useEffect(() => {
    if (there) setAsked((old) => ({...old, phase: 'confirmed'}));
  }, [there]);
  return {asked, ask};
}

// `told`: also says in words how far it is.
export function QualitySelect({connection, told = false}: {connection: Connection; told?: boolean}) {
  const {asked, ask} = useAsk((what) => connection.quality === what);
  const why = whyNot('webrtc:read');
  const pending = asked.phase === 'requested' || asked.phase === 'accepted';
  const what = renditionWord(asked.what);
  const words: Record<Phase, string> = {idle: '', requested: t.requested(what), accepted: t.accepted(what), confirmed: t.confirmed(what, renditionWord(connection.rendition)), failed: asked.error};
  return (
    <>
      <select aria-label={t.qualityOf(connection.id)} aria-busy={pending || undefined} value={pending ? asked.what : connection.quality} disabled={why !== ''} title={why || undefined} onClick={(event) => event.stopPropagation()}
        onChange={(event) => void ask(event.target.value as Quality, `/api/v0/webrtc/quality/${connection.id}`, {quality: event.target.value})}>
        {qualities.map((quality) => <option key={quality} value={quality}>{t.qualities[quality]}</option>)}
      </select>
      {told && <span role="status" data-phase={asked.phase} className={asked.phase === 'failed' ? 'tone-down' : asked.phase === 'confirmed' ? 'tone-ok' : 'muted'}>{safe(words[asked.phase])}</span>}
    </>
  );
}

export function CloseButton({connection, label = t.close, className}: {connection: Connection; label?: string; className?: string}) {
  const {asked, ask} = useAsk(() => !isOpen(connection));
  const pending = asked.phase === 'requested' || asked.phase === 'accepted';
  return <ActionButton className={className ?? 'button small'} why={whyNot('webrtc:control')} aria-busy={pending || undefined} aria-label={`${pending ? t.closing : label} ${connection.id}`} title={asked.phase === 'failed' ? asked.error : undefined} onClick={() => { if (!pending) void ask('closed', `/api/v0/webrtc/close/${connection.id}`, {}); }}>{pending ? t.closing : label}</ActionButton>;
}

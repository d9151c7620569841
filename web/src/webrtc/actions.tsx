// What can be done to a connection. A change is shown as requested, accepted, confirmed: confirmed only when the connection itself
// says so, never before.
import {useEffect, useRef, useState} from 'react';
import {request, whyNot} from '../api/client';
import {ActionButton} from '../ui/ActionButton';
import {safe} from '../ui/format';
import {toast} from '../ui/toast';
import {type Connection, isOpen, qualities, type Quality, qualityLabels} from './types';

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
  const words: Record<Phase, string> = {idle: '', requested: `${asked.what} is requested`, accepted: `${asked.what} is accepted`, confirmed: `now ${asked.what}${connection.rendition ? `, plays ${connection.rendition}` : ''}`, failed: asked.error};
  return (
    <>
      <select aria-label={`Quality of ${connection.id}`} aria-busy={pending || undefined} value={pending ? asked.what : connection.quality} disabled={why !== ''} title={why || undefined} onClick={(event) => event.stopPropagation()}
        onChange={(event) => void ask(event.target.value as Quality, `/api/v0/webrtc/quality/${connection.id}`, {quality: event.target.value})}>
        {qualities.map((quality) => <option key={quality} value={quality}>{qualityLabels[quality]}</option>)}
      </select>
      {told && <span role="status" data-phase={asked.phase} className={asked.phase === 'failed' ? 'tone-down' : asked.phase === 'confirmed' ? 'tone-ok' : 'muted'}>{safe(words[asked.phase])}</span>}
    </>
  );
}

export function CloseButton({connection, label = 'Close', className = 'button small'}: {connection: Connection; label?: string; className?: string}) {
  const {asked, ask} = useAsk(() => !isOpen(connection));
  const pending = asked.phase === 'requested' || asked.phase === 'accepted';
  return <ActionButton className={className} why={whyNot('webrtc:control')} aria-busy={pending || undefined} aria-label={`${pending ? 'Closing' : label} ${connection.id}`} title={asked.phase === 'failed' ? asked.error : undefined} onClick={() => { if (!pending) void ask('closed', `/api/v0/webrtc/close/${connection.id}`, {}); }}>{pending ? 'Closing' : label}</ActionButton>;
}

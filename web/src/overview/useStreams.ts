// The open WebRTC connections: read once, then told by events.
import {useEffect, useMemo} from 'react';
import {get, may} from '../api/client';
import {live} from '../live/store';
import {type Connection, isOpen} from '../webrtc/types';
import {useConnectionVersion} from '../webrtc/useRows';

export function useStreams(): Connection[] | null {
  const sees = may('webrtc:read');
  const version = useConnectionVersion();
  useEffect(() => {
    if (!sees || live.connections.size > 0) return;
    const abort = new AbortController();
    get<{items: Connection[]}>('/api/webrtc/connections?limit=1000', abort.signal).then(({items}) => { if (live.connections.size === 0) live.setConnections(items); }, () => undefined); // events bring them as well
    return () => abort.abort();
  }, [sees]);
  return useMemo(() => (sees ? [...live.connections.values()].filter(isOpen) : null), [sees, version]);
}

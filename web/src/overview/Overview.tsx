// The page people leave open all day: how the fleet is in one sentence, what is wrong first, and what changed.
import {useMemo} from 'react';
import {Link} from 'wouter';
import {may} from '../api/client';
import type {Server} from '../api/types';
import {sentence, worstFirst} from '../fleet/sentence';
import {useLive} from '../live/store';
import {t} from '../messages/en/overview';
import {safe} from '../ui/format';
import {Glyph, statusWord} from '../ui/Status';
import {Ago} from '../ui/Time';
import {useRange} from '../time/useRange';
import {useSeries} from '../chart/useSeries';
import {Changes} from './Changes';
import {Charts} from './Charts';
import {Empty} from './Empty';
import {queries} from './figures';
import {KeyFigures} from './KeyFigures';
import {Runs} from './Runs';
import {Streams} from './Streams';
import {Strips} from './Strips';
import {markersOf, since} from './changes';
import {useChanges} from './useChanges';
import {useStreams} from './useStreams';
import './overview.css';

const hour = 3_600_000;

// The worst one by name, and why: the way to the cause begins here.
function Worst({servers}: {servers: Server[]}) {
  const worst = servers.find(({health_status}) => ['disconnected', 'circuit_open', 'degraded'].includes(health_status));
  if (!worst) return null;
  return <p className="worst"><Glyph status={worst.health_status} /> <Link href={`/servers/${encodeURIComponent(worst.name)}`}>{safe(worst.name)}</Link> {t.isSince(statusWord[worst.health_status].toLowerCase())} <Ago time={worst.since} />: {safe(worst.reason)}</p>;
}

export function Overview() {
  const store = useLive();
  const all = useMemo(() => [...store.servers.values()].sort(worstFirst), [store.version]);
  const {choice, zoom} = useRange();
  const sees = may('metrics:read');
  const series = useSeries(sees && all.length > 0 ? queries : [], choice);
  const changes = useChanges();
  const streams = useStreams();
  const markers = useMemo(() => markersOf(since(series.from * 1000, changes)), [changes, series.from]);
  if (all.length === 0 && store.connection === 'live') return <Empty />;
  // What comes under the servers waits for them, so that nothing is moved once it stands.
  if (all.length === 0) return <div className="page overview"><h1 aria-live="polite">{t.reading}</h1></div>;
  return (
    <div className="page overview">
      <header className="page-head">
        <div><h1 aria-live="polite">{sentence(all)}</h1><Worst servers={all} /></div>
        <KeyFigures series={series} servers={all} streams={streams} />
      </header>
      <Strips servers={all} />
      {sees && <Charts series={series} servers={all.length} markers={markers} onZoom={zoom} />}
      <div className="overview-lists">
        <Changes changes={since(Date.now() - hour, changes)} />
        {may('tests:read') && <Runs />}
        {may('webrtc:read') && <Streams streams={streams} />}
      </div>
    </div>
  );
}

// One connection, in a drawer beside the list: what it is worth and why, its timeline, both sides' figures, what can be done. It has its
// own address, and is there as well after the connection ended.
import {lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore} from 'react';
import {useLocation} from 'wouter';
import {get, whyNot} from '../api/client';
import {live, useLive} from '../live/store';
import {t} from '../messages/en/connection';
import {renditionWord} from '../messages/en/streams';
import {locale} from '../messages/language';
import {fixed, milliseconds, safe} from '../ui/format';
import {setPref, usePrefs} from '../ui/prefs';
import {Separator} from '../ui/Separator';
import {Ago} from '../ui/Time';
import {CloseButton, QualitySelect} from './actions';
import {bitrate, clock} from './format';
import {Health} from './Health';
import {describe, extent, lanesOf, reasonWord, seriesOf, setupSteps} from './lanes';
import {StateWord} from './StateWord';
import {Path, Statistics} from './Statistics';
import {type Connection, isOpen, type Scores, type StreamStatistics, type Summary, type Timeline} from './types';
import {useOperations} from './useOperations';
import {useTimeline} from './useTimeline';
import './webrtc.css';

const TimelineCharts = lazy(() => import('./TimelineCharts'));

const partTexts: Record<keyof typeof t.parts, (value: number) => string> = {
  loss: (value) => `${fixed(value, 1)} %`, round_trip: milliseconds, jitter: milliseconds, queue: milliseconds, freezes: (value) => t.timesCount(Math.round(value)), dropped: (value) => `${Math.round(value)}`, frame_rate: (value) => `${Math.round(value)} %`, silence: () => '',
};
const isPart = (name: string): name is keyof typeof partTexts => name in partTexts;

function Parts({scores}: {scores: Scores}) {
  const parts = Object.entries(scores.parts).sort(([, a], [, b]) => b.points - a.points);
  return (
    <ul className="parts" aria-label={t.madeOf}>
      {parts.map(([name, part]) => {
        const [word, text] = isPart(name) ? [t.parts[name], partTexts[name]] : [name, String];
        return (
          <li key={name} className={part.points >= 3 ? '' : 'muted'}>
            <span>{word}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect className="health-rail" width="100" height="6" /><rect className={part.points >= 20 ? 'tone-down' : part.points >= 3 ? 'tone-warn' : 'tone-idle'} fill="currentColor" width={Math.min(100, part.points)} height="6" /></svg>
            <span className="num">{part.points >= 0.05 ? `−${fixed(part.points, part.points < 10 ? 1 : 0)}` : '0'}</span><span className="num">{text(part.value)}</span><span>{part.since && <>{t.since} <time dateTime={part.since} title={new Date(part.since).toLocaleString(locale())}>{new Date(part.since).toLocaleTimeString(locale())}</time></>}</span>
          </li>
        );
      })}
    </ul>
  );
}

const views = [60, 300, 0]; // seconds; 0: all

function TimelineView({timeline, operations}: {timeline: Timeline; operations: ReturnType<typeof useOperations>['operations']}) {
  const [last, setLast] = useState(0); // seconds that are shown; 0: all
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const now = Date.now() / 1000;
  const series = useMemo(() => seriesOf(timeline), [timeline]);
  const marks = useMemo(() => operations.map((one) => ({at: one.started / 1000, name: one.name.replaceAll('_', ' '), ok: one.status === 'started' ? null : one.status === 'completed', detail: one.error})), [operations]);
  const [first, end] = useMemo(() => extent(timeline, now), [timeline]);
  const lanes = useMemo(() => lanesOf(timeline, marks, end), [timeline, marks, end]);
  const [from, to] = zoom ?? [last ? Math.max(first, end - last) : first, end];
  return (
    <>
      <div className="bar timeline-bar"><h3>{t.timeline}</h3><span className="end" />
        {views.map((seconds) => <button key={seconds} type="button" className="button small" aria-pressed={!zoom && last === seconds} onClick={() => { setLast(seconds); setZoom(null); }}>{seconds ? t.lastMinutes(seconds / 60) : t.all}</button>)}
        {zoom && <button type="button" className="button small" aria-pressed>{t.chosen(clock(zoom[1] - zoom[0]))}</button>}
      </div>
      <Suspense fallback={<div className="timeline-room" />}><TimelineCharts series={series} lanes={lanes} from={from} to={to} onZoom={setZoom} /></Suspense>
    </>
  );
}

function Happened({timeline, error}: {timeline: Timeline; error?: string}) {
  const events = [...timeline.events].reverse();
  return (
    <>
      <h3>{t.happened}</h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol className="happened" aria-label={t.happenedNewest} tabIndex={0} reversed>
        {events.map((event, index) => {
          const {text, tone} = describe(event);
          return <li key={`${event.at}${index}`} data-type={event.type}><time dateTime={event.at} title={new Date(event.at).toLocaleString(locale())}>{new Date(event.at).toLocaleTimeString(locale())}</time><span className={`tone-${tone}`} aria-hidden="true">{tone === 'down' ? '■' : tone === 'warn' ? '▲' : '◆'}</span><span>{text}{event.type === 'error' && error ? `: ${safe(error)}` : ''}</span></li>;
        })}
      </ol>
      {timeline.events_forgotten > 0 && <p className="muted">{t.forgotten(timeline.events_forgotten)}</p>}
    </>
  );
}

function Facts({summary}: {summary: Summary}) {
  return (
    <dl className="facts">
      <div><dt>{t.facts.began}</dt><dd><Ago time={summary.created_at} />{t.lasted(clock(summary.duration_seconds))}</dd></div>
      {summary.closed_at && <div><dt>{t.facts.ended}</dt><dd><Ago time={summary.closed_at} />, {reasonWord(summary.close_reason)}</dd></div>}
      {summary.mean_health !== undefined && <div><dt>{t.facts.health}</dt><dd>{t.healthText(fixed(summary.mean_health, 0), summary.worst_health)}</dd></div>}
      {summary.mean_quality !== undefined && <div><dt>{t.facts.quality}</dt><dd>{t.onAverage(fixed(summary.mean_quality, 0))}</dd></div>}
      <div><dt>{t.facts.rate}</dt><dd>{t.onAverage(bitrate(summary.mean_kbps * 1000))}</dd></div>
      <div><dt>{t.facts.loss}</dt><dd>{t.lossText(fixed(summary.mean_loss_percent, 2), fixed(summary.worst_loss_percent, 1))}</dd></div>
      <div><dt>{t.facts.freezes}</dt><dd>{t.freezesText(summary.freezes, summary.buffer_underruns, summary.quality_switches)}</dd></div>
      <div><dt>{t.facts.user}</dt><dd>{safe(summary.actor)} <span className="mono muted">{safe(summary.peer_address)}</span></dd></div>
    </dl>
  );
}

// Where the live list does not have it (it ended before the list was read), the server may.
function useConnection(id: string): Connection | undefined {
  const store = useLive();
  const known = store.connections.get(id);
  const [read, setRead] = useState<Connection>();
  useEffect(() => {
    setRead(undefined);
    if (live.connections.has(id)) return;
    const abort = new AbortController();
    get<Connection>(`/api/webrtc/connections/${encodeURIComponent(id)}`, abort.signal).then(setRead, () => undefined); // the timeline says when there is none
    return () => abort.abort();
  }, [id]);
  return known ?? read;
}

const ownStreams = (connection: Connection): StreamStatistics[] => [...(connection.stats.outboundRtp ?? []), ...(connection.stats.inboundRtp ?? [])].map((one) => ({
  kind: one.kind, ssrc: one.ssrc, [connection.role === 'viewer' ? 'outbound-rtp' : 'inbound-rtp']: one, 'remote-inbound-rtp': connection.stats.remoteInboundRtp.find((heard) => heard.ssrc === one.ssrc) as unknown as StreamStatistics['remote-inbound-rtp'],
}));

function Body({id, connection}: {id: string; connection: Connection | undefined}) {
  const {timeline, error, missing} = useTimeline(id, connection);
  const {operations} = useOperations();
  const mine = useMemo(() => operations.filter((one) => one.connection === id), [operations, id]);
  if (!timeline && !connection) return missing ? <p className="empty">{t.noSuch(id)}</p> : error ? <p className="fault" role="alert">{safe(error)}</p> : <p className="empty">{t.reading}</p>;
  const open = connection ? isOpen(connection) : false;
  const scores = (open ? connection?.scores : undefined) ?? timeline?.scores;
  const summary = timeline?.summary;
  const steps = timeline ? setupSteps(timeline.events) : [];
  return (
    <>
      {scores ? <p className="lead health-lead" data-testid="health-sentence"><Health health={scores.health} /> <span>{safe(scores.sentence.replace(/^health \d+:? ?/, '')) || t.nothingWrong}</span></p>
        : summary?.last ? <p className="lead health-lead" data-testid="health-sentence"><Health health={summary.mean_health ?? null} /> <span>{t.whenLastSeen(safe(summary.last))}</span></p>
          : <p className="lead muted">{missing ? t.unknown : connection?.error ? '' : open ? t.noScoreYet : t.endedBefore}</p>}
      {(connection?.error ?? summary?.error) && <p className="fault" role="alert">{safe(connection?.error ?? summary?.error ?? '')}</p>}
      {scores && <Parts scores={scores} />}
      {scores && <p className="muted">{t.qualityIs(scores.quality, timeline?.optimiser_score !== undefined && open ? Math.round(timeline.optimiser_score) : undefined, renditionWord(connection?.limit ?? ''))}</p>}
      {connection && open && (
        <div className="bar">{connection.role === 'viewer' && <label className="bar">{t.quality} <QualitySelect connection={connection} told /></label>}<span className="end" /><CloseButton connection={connection} label={t.closeIt} className="button" /></div>
      )}
      {steps.length > 0 && <p className="steps-line muted">{t.after} {steps.map((step) => <span key={step.name}>{step.name} <b>{milliseconds(step.after)}</b></span>)}</p>}
      {timeline && <TimelineView timeline={timeline} operations={mine} />}
      {timeline && error && <p className="muted">{t.newerUnread(safe(error))}</p>}
      {timeline && <Happened timeline={timeline} error={connection?.error ?? summary?.error} />}
      {summary && <><h3>{open ? t.soFar : t.inAll}</h3><Facts summary={summary} /></>}
      {connection && <><h3>{t.pathAndCiphers}</h3><Path connection={connection} /></>}
      {(timeline?.statistics || connection) && <><h3>{t.bothSides}</h3><Statistics streams={timeline?.statistics ?? (connection ? ownStreams(connection) : [])} /></>}
    </>
  );
}

const narrowest = 420;
const beside = 56 + 440;
const widest = () => Math.max(narrowest, innerWidth - beside);
const onResize = (listener: () => void) => {
  addEventListener('resize', listener);
  return () => removeEventListener('resize', listener);
};

// `whole`: there is no room beside it, so it is the page itself.
export default function ConnectionDrawer({id, whole}: {id: string; whole: boolean}) {
  const Frame = whole ? 'main' : 'aside';
  const [, navigate] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  const connection = useConnection(id);
  const prefs = usePrefs();
  const most = useSyncExternalStore(onResize, widest);
  const width = Math.max(narrowest, Math.min(prefs.drawerWidth, most));
  const close = () => navigate(`/webrtc${location.search}`);
  const why = whyNot('webrtc:read');
  useEffect(() => heading.current?.focus(), [id, whole]); // as a page or as a drawer it is another element
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <Frame id={whole ? 'main' : 'connection-drawer'} tabIndex={-1} className="drawer" style={whole ? undefined : {width}} aria-label={t.connectionNamed(id)} onKeyDown={(event) => event.key === 'Escape' && close()}>
      {!whole && <Separator label={t.widthOfPanel} controls="connection-drawer" toward="left" size={prefs.drawerWidth} least={narrowest} most={most} usual={640} onSize={(size) => setPref('drawerWidth', size)} />}
      {whole && <h1 className="sr">{t.connectionNamed(safe(id))}</h1>}
      <header className="drawer-head">
        <h2 ref={heading} tabIndex={-1} className="connection-title">{connection && <StateWord state={connection.state} failed={Boolean(connection.error)} />}<span>{safe(connection?.source ?? t.connection)}</span> <small className="mono">{safe(id)}</small></h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={close}>×</button>
      </header>
      <div className="drawer-body">{why ? <p className="empty">{why}.</p> : <Body key={id} id={id} connection={connection} />}</div>
    </Frame>
  );
}

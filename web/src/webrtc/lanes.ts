// A connection's timeline, as the server tells it, made into what is drawn: series on one time axis (seconds, for uPlot), lanes of
// spans and marks, and a sentence for each event. Pure: in goes what GET …/timeline answered, out come plain values.
import type {Json} from '../api/types';
import type {Line, Marker} from '../chart/model';
import type {Timeline, TimelineEvent} from './types';

export type Tone = 'ok' | 'warn' | 'down' | 'info' | 'idle';
export interface Span {from: number; to: number; label: string; tone: Tone; level?: number}
export interface Mark {at: number; label: string; tone: Tone}
export interface Lane {name: string; spans: Span[]; marks: Mark[]}
export interface OperationMark {at: number; name: string; ok: boolean | null; detail: string}
type Value = number | null;
export interface Series {at: number[]; sent: Value[]; available: Value[]; loss: Value[]; trip: Value[]; jitter: Value[]; fps: Value[]; buffer: Value[]; health: Value[]; quality: Value[]; state: string[]; rendition: string[]; froze: boolean[]}

const seconds = (time: string) => Date.parse(time) / 1000;

export function seriesOf(timeline: Pick<Timeline, 'columns' | 'samples'>): Series {
  const column = (name: string) => {
    const at = timeline.columns.indexOf(name);
    return timeline.samples.map((sample) => (at < 0 ? null : sample[at]));
  };
  const numbers = (name: string) => column(name).map((value) => (typeof value === 'number' ? value : null));
  const words = (name: string) => column(name).map((value) => (typeof value === 'string' ? value : ''));
  return {
    at: words('at').map(seconds), sent: numbers('bitrate_kbps'), available: numbers('available_kbps'), loss: numbers('loss_percent'), trip: numbers('round_trip_ms'), jitter: numbers('jitter_ms'), fps: numbers('frames_per_second'),
    buffer: numbers('buffer_ms'), health: numbers('health'), quality: numbers('quality'), state: words('state'), rendition: words('rendition'), froze: column('froze').map((value) => value === true),
  };
}

// What was read before, with what a later reading adds; at most so many samples, the newest.
export function merged(before: Timeline | null, now: Timeline, most = 1000): Timeline {
  if (!before || before.connection_id !== now.connection_id || before.columns.join() !== now.columns.join()) return now;
  const at = now.columns.indexOf('at');
  const first = String(now.samples[0]?.[at] ?? '');
  const old = first ? before.samples.filter((sample: Json[]) => String(sample[at]) < first) : before.samples;
  return {...now, samples: [...old, ...now.samples].slice(-most), scores: now.scores ?? before.scores, statistics: now.statistics ?? before.statistics, optimiser_score: now.optimiser_score ?? before.optimiser_score};
}

const stateTones: Record<string, Tone> = {new: 'idle', connecting: 'info', connected: 'ok', disconnected: 'warn', closed: 'idle'};
const heights: Record<string, number> = {low: 0.35, medium: 0.6, high: 0.85, source: 1, best: 1, audio: 0.2};

// Neighbours of one value become one span; the last one lasts until `end`.
function spansOf(at: number[], values: string[], end: number, make: (value: string) => Omit<Span, 'from' | 'to'> | null): Span[] {
  const out: Span[] = [];
  for (let i = 0; i < at.length; ) {
    let next = i + 1;
    while (next < at.length && values[next] === values[i]) next++;
    const made = make(values[i]);
    if (made) out.push({from: at[i], to: next < at.length ? at[next] : Math.max(end, at[i]), ...made});
    i = next;
  }
  return out;
}
// From where something began to where it ended.
function stretches(events: TimelineEvent[], began: string, ended: string, end: number, label: (event: TimelineEvent) => string, tone: Tone): Span[] {
  const out: Span[] = [];
  let open: TimelineEvent | null = null;
  for (const event of events) {
    if (event.type === began) open ??= event;
    if (event.type === ended && open) {
      out.push({from: seconds(open.at), to: seconds(event.at), label: label(open), tone});
      open = null;
    }
  }
  if (open) out.push({from: seconds(open.at), to: end, label: label(open), tone});
  return out;
}

// States change between two samples: the events say when.
function states(timeline: Timeline, end: number): Span[] {
  const turns: Record<string, string> = {created: 'connecting', connected: 'connected', disconnected: 'disconnected', reconnected: 'connected', closed: 'closed'};
  const seen = timeline.events.filter((event) => event.type in turns);
  if (seen.length === 0 || timeline.events_forgotten > 0) {
    const {at, state} = seriesOf(timeline);
    return spansOf(at, state, end, (value) => ({label: value, tone: stateTones[value] ?? 'idle'}));
  }
  return spansOf(seen.map((event) => seconds(event.at)), seen.map((event) => turns[event.type]), end, (value) => (value === 'closed' ? null : {label: value, tone: stateTones[value] ?? 'idle'}));
}

const setup: Record<string, string> = {offer_answered: 'answered', ice_connected: 'ICE', connected: 'DTLS', first_packet: 'first packet', first_key_frame: 'first key frame', first_shown: 'first picture'};
const decisionWords: Record<string, string> = {quality_down: 'one rendition less', quality_up: 'one rendition more', buffer: 'another read-ahead', key_frame: 'a key frame asked for', ice_restart: 'an ICE restart offered'};
export const decisionWord = (decision = '') => decisionWords[decision] ?? decision.replaceAll('_', ' ');
const reasonWords: Record<string, string> = {
  room: 'there is room for it', target_fell: 'the path carries less', queue: 'a queue grew', loss: 'packets were lost', chosen: 'chosen', tried: 'tried', health: 'its health', cpu: 'the CPU is busy', memory: 'memory is short', underruns: 'it ran empty', well: 'all is well', froze: 'no picture was shown',
  silence: 'nothing was heard', range: 'outside of its range', asked: 'asked for', peer: 'the peer closed it', consent: 'the peer stopped answering', timeout: 'no connection came about', dtls: 'DTLS failed', content_end: 'the content ended', source: 'the source failed', replaced: 'another publishes in its place', shutdown: 'the server stopped',
};
export const reasonWord = (reason = '') => reasonWords[reason] ?? reason.replaceAll('_', ' ');
const times = (count = 1) => (count > 1 ? ` ${Math.round(count)} times` : '');
const because = (reason?: string) => (reason ? `: ${reasonWord(reason)}` : '');
const say = (words?: string) => (words ? `: ${words}` : '');
const or = (name: string | undefined) => name || 'nothing';

// What an event says, and how it is meant.
export function describe(event: TimelineEvent): {text: string; tone: Tone} {
  switch (event.type) {
    case 'created': return {text: 'Created', tone: 'idle'};
    case 'offer_answered': return {text: 'Offer answered', tone: 'idle'};
    case 'ice_connected': return {text: 'ICE connected', tone: 'info'};
    case 'connected': return {text: 'DTLS done: connected', tone: 'ok'};
    case 'disconnected': return {text: 'Disconnected', tone: 'warn'};
    case 'reconnected': return {text: 'Connected again', tone: 'ok'};
    case 'first_packet': return {text: 'First packet of media', tone: 'info'};
    case 'first_key_frame': return {text: 'First key frame', tone: 'info'};
    case 'first_shown': return {text: 'The player shows its first picture', tone: 'ok'};
    case 'track_added': return {text: `${event.kind === 'video' ? 'Video' : 'Audio'} ${event.direction === 'recvonly' ? 'received' : 'sent'}`, tone: 'idle'};
    case 'data_channel_added': return {text: 'Data channel opened', tone: 'idle'};
    case 'quality_chosen': return {text: `Quality ${event.quality} chosen`, tone: 'info'};
    case 'switched': return {text: `Rendition ${or(event.from)} → ${or(event.to)}${because(event.reason)}`, tone: event.reason === 'chosen' || event.reason === 'room' ? 'info' : 'warn'};
    case 'froze': return {text: `The picture froze${times(event.count)}`, tone: 'down'};
    case 'underrun': return {text: `What is read came too late${times(event.count)}`, tone: 'down'};
    case 'loss_began': return {text: `Packets are lost, ${(event.percent ?? 0).toFixed(1)} %`, tone: 'warn'};
    case 'loss_ended': return {text: 'Packets arrive again', tone: 'ok'};
    case 'health_fell': return {text: `Health fell to ${Math.round(event.health ?? 0)}`, tone: 'down'};
    case 'health_rose': return {text: `Health rose to ${Math.round(event.health ?? 0)}`, tone: 'ok'};
    case 'decided': return {text: `Optimiser: ${decisionWord(event.decision)}${because(event.reason)}`, tone: 'info'};
    case 'source_lost': return {text: `Source lost${say(event.reason)}`, tone: 'down'};
    case 'source_retry': return {text: `Source: try ${event.attempt ?? 1} failed${say(event.reason)}`, tone: 'warn'};
    case 'source_back': return {text: `Source back${say(event.reason)}`, tone: 'ok'};
    case 'source_gone': return {text: `Source given up${say(event.reason)}`, tone: 'down'};
    case 'error': return {text: `Failed${say(event.error)}`, tone: 'down'};
    case 'closed': return {text: `Closed${because(event.reason)}`, tone: 'idle'};
    default: return {text: event.type.replaceAll('_', ' '), tone: 'idle'};
  }
}

export function lanesOf(timeline: Timeline, operations: OperationMark[], end: number): Lane[] {
  const {events} = timeline;
  const series = seriesOf(timeline);
  const marks = (types: string[], label?: (event: TimelineEvent) => string): Mark[] =>
    events.filter((event) => types.includes(event.type)).map((event) => ({at: seconds(event.at), label: label?.(event) ?? describe(event).text, tone: describe(event).tone}));
  return [
    {name: 'State', spans: states(timeline, end), marks: marks(['error', 'closed'])},
    {name: 'Setup', spans: [], marks: marks(Object.keys(setup), (event) => setup[event.type])},
    {name: 'Rendition', spans: spansOf(series.at, series.rendition, end, (value) => (value ? {label: value, tone: 'info', level: heights[value] ?? 0.5} : null)), marks: marks(['switched', 'quality_chosen'])},
    {name: 'Picture', spans: [], marks: marks(['froze', 'underrun', 'source_lost', 'source_retry', 'source_back', 'source_gone'])},
    {name: 'Loss', spans: stretches(events, 'loss_began', 'loss_ended', end, (event) => describe(event).text, 'warn'), marks: []},
    {name: 'Ill health', spans: stretches(events, 'health_fell', 'health_rose', end, (event) => describe(event).text, 'down'), marks: []},
    {name: 'Optimiser', spans: [], marks: marks(['decided'])},
    {name: 'Operations', spans: [], marks: operations.map((one) => ({at: one.at, label: `${one.name}${one.detail ? `: ${one.detail}` : ''}`, tone: one.ok === false ? 'down' : one.ok === null ? 'info' : 'idle'}))},
  ];
}

// How long each step to the first picture took, since it was created.
export function setupSteps(events: TimelineEvent[]): {name: string; after: number}[] {
  const began = events.find((event) => event.type === 'created');
  if (!began) return [];
  return Object.entries(setup).flatMap(([type, name]) => {
    const event = events.find((one) => one.type === type);
    return event ? [{name, after: Date.parse(event.at) - Date.parse(began.at)}] : [];
  });
}

// Where the time axis begins and ends: at least ten seconds, so that one sample is not drawn over years.
export function extent(timeline: Timeline, now: number): [number, number] {
  const ended = timeline.state === 'closed';
  const at = timeline.columns.indexOf('at');
  const last = Math.max(seconds(String(timeline.samples.at(-1)?.[at] ?? timeline.summary.created_at)), ...timeline.events.map((event) => seconds(event.at)));
  const first = Math.min(seconds(String(timeline.samples[0]?.[at] ?? timeline.summary.created_at)), ...timeline.events.slice(0, 1).map((event) => seconds(event.at)));
  const to = ended ? last : Math.max(last, now);
  return [Math.min(first, to - 10), to];
}

export interface Charted {title: string; unit: string; least: number; lines: Line[]}
export function chartsOf(series: Series): Charted[] {
  return [
    {title: 'Bandwidth', unit: 'kbit/s', least: 100, lines: [{name: 'sent', values: series.sent}, {name: 'the path carries', values: series.available}]},
    {title: 'Loss', unit: '%', least: 2, lines: [{name: 'lost on the path', values: series.loss}]},
    {title: 'Delay', unit: 'ms', least: 20, lines: [{name: 'round trip', values: series.trip}, {name: 'jitter', values: series.jitter}]},
    {title: 'Frame rate', unit: '/s', least: 30, lines: [{name: 'shown, or sent where the player is silent', values: series.fps}]},
    {title: 'Buffer', unit: 'ms', least: 100, lines: [{name: "the player's", values: series.buffer}]},
    {title: 'Scores', unit: '', least: 100, lines: [{name: 'health', values: series.health}, {name: 'quality', values: series.quality}]},
  ];
}

// What the charts show of the lanes: what befell the picture or the path, and what people did. States and setup are in their lanes.
const marked = ['Rendition', 'Picture', 'Loss', 'Ill health', 'Operations'];
export function markersOf(lanes: Lane[]): Marker[] {
  return lanes.filter(({name}) => marked.includes(name)).flatMap(({name, spans, marks}) => [
    ...(name === 'Rendition' ? [] : spans.map(({from, to, label, tone}) => ({at: from, to, text: label, tone}))),
    ...marks.map(({at, label, tone}) => ({at, text: label, tone})),
  ]).sort((a, b) => a.at - b.at);
}

// Marks that would lie on each other become one with their number; the worst gives its tone.
const weight: Record<Tone, number> = {idle: 0, ok: 1, info: 2, warn: 3, down: 4};
export function clustered(marks: Mark[], x: (at: number) => number, apart: number): (Mark & {count: number})[] {
  const out: (Mark & {count: number})[] = [];
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const last = out.at(-1);
    if (!last || x(mark.at) - x(last.at) >= apart) out.push({...mark, count: 1});
    else {
      last.count++;
      last.label += `\n${mark.label}`;
      if (weight[mark.tone] > weight[last.tone]) last.tone = mark.tone;
    }
  }
  return out;
}

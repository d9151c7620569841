// A connection's timeline, as the server tells it, made into what is drawn: series on one time axis (seconds, for uPlot), lanes of
// spans and marks, and a sentence for each event. Pure: in goes what GET …/timeline answered, out come plain values.
import type {Json} from '../api/types';
import type {Line, Marker} from '../chart/model';
import {connection as english, t} from '../messages/en/connection';
import {renditionWord, stateWord} from '../messages/en/streams';
import {fixed} from '../ui/format';
import type {Timeline, TimelineEvent} from './types';

export type Tone = 'ok' | 'warn' | 'down' | 'info' | 'idle';
export interface Span {from: number; to: number; label: string; tone: Tone; level?: number}
export interface Mark {at: number; label: string; tone: Tone}
export interface Lane {name: keyof typeof english.lanes; spans: Span[]; marks: Mark[]}
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
    return spansOf(at, state, end, (value) => ({label: stateWord(value), tone: stateTones[value] ?? 'idle'}));
  }
  return spansOf(seen.map((event) => seconds(event.at)), seen.map((event) => turns[event.type]), end, (value) => (value === 'closed' ? null : {label: stateWord(value), tone: stateTones[value] ?? 'idle'}));
}

const setup = ['offer_answered', 'ice_connected', 'connected', 'first_packet', 'first_key_frame', 'first_shown'] as const;
const setupWord = (type: string) => (t.setup as Record<string, string>)[type];
export const decisionWord = (decision = '') => (t.decisions as Record<string, string>)[decision] ?? decision.replaceAll('_', ' ');
export const reasonWord = (reason = '') => (t.reasons as Record<string, string>)[reason] ?? reason.replaceAll('_', ' ');
const because = (reason?: string) => (reason ? `: ${reasonWord(reason)}` : '');
const say = (words?: string) => (words ? `: ${words}` : '');
const or = (name = '') => renditionWord(name) || t.nothing;

// What an event says, and how it is meant.
export function describe(event: TimelineEvent): {text: string; tone: Tone} {
  switch (event.type) {
    case 'created': return {text: t.events.created, tone: 'idle'};
    case 'offer_answered': return {text: t.events.answered, tone: 'idle'};
    case 'ice_connected': return {text: t.events.ice, tone: 'info'};
    case 'connected': return {text: t.events.connected, tone: 'ok'};
    case 'disconnected': return {text: t.events.disconnected, tone: 'warn'};
    case 'reconnected': return {text: t.events.reconnected, tone: 'ok'};
    case 'first_packet': return {text: t.events.firstPacket, tone: 'info'};
    case 'first_key_frame': return {text: t.events.firstKeyFrame, tone: 'info'};
    case 'first_shown': return {text: t.events.firstShown, tone: 'ok'};
    case 'track_added': return {text: t.events.track(event.kind === 'video', event.direction === 'recvonly'), tone: 'idle'};
    case 'data_channel_added': return {text: t.events.channel, tone: 'idle'};
    case 'quality_chosen': return {text: t.events.qualityChosen(renditionWord(event.quality ?? '')), tone: 'info'};
    case 'switched': return {text: t.events.switched(or(event.from), or(event.to), because(event.reason)), tone: event.reason === 'chosen' || event.reason === 'room' ? 'info' : 'warn'};
    case 'froze': return {text: t.events.froze(event.count), tone: 'down'};
    case 'underrun': return {text: t.events.underrun(event.count), tone: 'down'};
    case 'loss_began': return {text: t.events.lossBegan(fixed(event.percent ?? 0, 1)), tone: 'warn'};
    case 'loss_ended': return {text: t.events.lossEnded, tone: 'ok'};
    case 'health_fell': return {text: t.events.healthFell(Math.round(event.health ?? 0)), tone: 'down'};
    case 'health_rose': return {text: t.events.healthRose(Math.round(event.health ?? 0)), tone: 'ok'};
    case 'decided': return {text: t.events.decided(decisionWord(event.decision), because(event.reason)), tone: 'info'};
    case 'source_lost': return {text: t.events.sourceLost(say(event.reason)), tone: 'down'};
    case 'source_retry': return {text: t.events.sourceRetry(event.attempt ?? 1, say(event.reason)), tone: 'warn'};
    case 'source_back': return {text: t.events.sourceBack(say(event.reason)), tone: 'ok'};
    case 'source_gone': return {text: t.events.sourceGone(say(event.reason)), tone: 'down'};
    case 'error': return {text: t.events.error(say(event.error)), tone: 'down'};
    case 'closed': return {text: t.events.closed(because(event.reason)), tone: 'idle'};
    default: return {text: event.type.replaceAll('_', ' '), tone: 'idle'};
  }
}

export function lanesOf(timeline: Timeline, operations: OperationMark[], end: number): Lane[] {
  const {events} = timeline;
  const series = seriesOf(timeline);
  const marks = (types: readonly string[], label?: (event: TimelineEvent) => string): Mark[] =>
    events.filter((event) => types.includes(event.type)).map((event) => ({at: seconds(event.at), label: label?.(event) ?? describe(event).text, tone: describe(event).tone}));
  return [
    {name: 'state', spans: states(timeline, end), marks: marks(['error', 'closed'])},
    {name: 'setup', spans: [], marks: marks(setup, (event) => setupWord(event.type))},
    {name: 'rendition', spans: spansOf(series.at, series.rendition, end, (value) => (value ? {label: renditionWord(value), tone: 'info', level: heights[value] ?? 0.5} : null)), marks: marks(['switched', 'quality_chosen'])},
    {name: 'picture', spans: [], marks: marks(['froze', 'underrun', 'source_lost', 'source_retry', 'source_back', 'source_gone'])},
    {name: 'loss', spans: stretches(events, 'loss_began', 'loss_ended', end, (event) => describe(event).text, 'warn'), marks: []},
    {name: 'ill_health', spans: stretches(events, 'health_fell', 'health_rose', end, (event) => describe(event).text, 'down'), marks: []},
    {name: 'optimiser', spans: [], marks: marks(['decided'])},
    {name: 'operations', spans: [], marks: operations.map((one) => ({at: one.at, label: `${one.name}${one.detail ? `: ${one.detail}` : ''}`, tone: one.ok === false ? 'down' : one.ok === null ? 'info' : 'idle'}))},
  ];
}

// How long each step to the first picture took, since it was created.
export function setupSteps(events: TimelineEvent[]): {name: string; after: number}[] {
  const began = events.find((event) => event.type === 'created');
  if (!began) return [];
  return setup.flatMap((type) => {
    const event = events.find((one) => one.type === type);
    return event ? [{name: setupWord(type), after: Date.parse(event.at) - Date.parse(began.at)}] : [];
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

export interface Charted {id: string; title: string; unit: string; least: number; lines: Line[]}
export function chartsOf(series: Series): Charted[] {
  const line = (name: keyof typeof english.charts, values: Value[]): Line => ({name: t.charts[name], column: english.charts[name], values});
  return [
    {id: english.charts.bandwidth, title: t.charts.bandwidth, unit: 'kbit/s', least: 100, lines: [line('sent', series.sent), line('carries', series.available)]},
    {id: english.charts.loss, title: t.charts.loss, unit: '%', least: 2, lines: [line('lost', series.loss)]},
    {id: english.charts.delay, title: t.charts.delay, unit: 'ms', least: 20, lines: [line('trip', series.trip), line('jitter', series.jitter)]},
    {id: english.charts.frameRate, title: t.charts.frameRate, unit: '/s', least: 30, lines: [line('shown', series.fps)]},
    {id: english.charts.buffer, title: t.charts.buffer, unit: 'ms', least: 100, lines: [line('players', series.buffer)]},
    {id: english.charts.scores, title: t.charts.scores, unit: '', least: 100, lines: [line('health', series.health), line('quality', series.quality)]},
  ];
}

// What the charts show of the lanes: what befell the picture or the path, and what people did. States and setup are in their lanes.
const marked: Lane['name'][] = ['rendition', 'picture', 'loss', 'ill_health', 'operations'];
export function markersOf(lanes: Lane[]): Marker[] {
  return lanes.filter(({name}) => marked.includes(name)).flatMap(({name, spans, marks}) => [
    ...(name === 'rendition' ? [] : spans.map(({from, to, label, tone}) => ({at: from, to, text: label, tone}))),
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

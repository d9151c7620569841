// Two traces from their beginnings on, on one time scale, and span by span.
import {useMemo, useState} from 'react';
import {Link} from 'wouter';
import Minimap from '../chart/Minimap';
import {took} from '../chart/spans';
import Waterfall from '../chart/Waterfall';
import {t} from '../messages/en/traces';
import {safe} from '../ui/format';
import {momentText} from '../ui/moment';
import {pairsOf} from './compare';
import {OutcomeMark} from './OutcomeMark';
import {outcomeOfTrace} from './outcome';
import {PairTable} from './PairTable';
import {addressOf} from './picks';
import {fromStart, spansOf} from './spans';
import {treeOf} from './tree';
import type {Trace} from './types';
import {type Read, useTrace} from './useTrace';

function useSide({trace, at}: Read) {
  const tree = useMemo(() => treeOf(trace, at), [trace, at]);
  const spans = useMemo(() => fromStart(spansOf(tree), tree.from), [tree]);
  return {tree, spans, took: tree.to - tree.from};
}

function Side({letter, trace, took: whole}: {letter: string; trace: Trace; took: number}) {
  const [first] = trace.operations;
  return <p className="lead"><b>{letter}</b> <Link href={addressOf(trace.trace_id)}><span className="mono">{safe(first.operation)}</span> {safe(first.subject)}</Link> <OutcomeMark outcome={outcomeOfTrace(trace)} /> {t.inTime(took(whole))} <span className="muted">{momentText(Date.parse(first.start_time))}</span></p>;
}

function Both({a, b}: {a: Read; b: Read}) {
  const [zoom, setZoom] = useState<[number, number] | null>(null);
  const [one, other] = [useSide(a), useSide(b)];
  const extent = useMemo<[number, number]>(() => [0, Math.max(one.took, other.took, 0.001)], [one.took, other.took]);
  const all = useMemo(() => [...one.spans, ...other.spans], [one.spans, other.spans]);
  const pairs = useMemo(() => pairsOf(one.tree, other.tree), [one.tree, other.tree]);
  const name = (letter: string, {trace}: Read) => t.named(letter, safe(trace.operations[0].operation));
  return (
    <>
      {a.trace.trace_id === b.trace.trace_id && <p className="muted">{t.sameTrace}</p>}
      <div className="panel" data-testid="compared">
        <Minimap title={t.compared} spans={all} extent={extent} zoom={zoom} onZoom={setZoom} />
        <Side letter={t.first} trace={a.trace} took={one.took} />
        <Waterfall title={name(t.first, a)} spans={one.spans} extent={extent} zoom={zoom} onZoom={setZoom} height={300} />
        <Side letter={t.second} trace={b.trace} took={other.took} />
        <Waterfall title={name(t.second, b)} spans={other.spans} extent={extent} zoom={zoom} onZoom={setZoom} height={300} />
      </div>
      <PairTable pairs={pairs} />
    </>
  );
}

export function CompareView({a, b}: {a: string; b: string}) {
  const [one, other] = [useTrace(a), useTrace(b)];
  const wrong = [{id: a, ...one}, {id: b, ...other}].filter(({error}) => error);
  return (
    <div className="page trace-page">
      <div className="list-head"><h1>{t.compared}</h1><Link className="button small" href={addressOf(b, a)}>{t.swap}</Link><Link className="button small" href={`/traces?pick=${encodeURIComponent(a)}`}>{t.compareWith}</Link></div>
      {wrong.map(({id, missing, error, reload}) => <p key={id} className="fault" role="alert">{missing ? t.noTrace(safe(id)) : safe(error)} {!missing && <button type="button" className="button small" onClick={reload}>{t.tryAgain}</button>}</p>)}
      {one.read && other.read ? <Both a={one.read} b={other.read} /> : wrong.length === 0 && <p className="empty" role="status">{t.reading}</p>}
    </div>
  );
}

// A query of metrics as a chart: the query form, a range, a step. What is wrong with a query is shown at its place.
import {lazy, Suspense, useEffect, useMemo, useState} from 'react';
import {accessToken, ApiError, get} from '../../api/client';
import {t} from '../../messages/en/analytics';
import {t as ui} from '../../messages/en/ui';
import {live} from '../../live/store';
import {anomalyScore} from '../../chart/anomalies';
import {useMarkers} from '../../overview/useMarkers';
import {useList} from '../../server/useList';
import {safe} from '../../ui/format';
import {toast} from '../../ui/toast';
import {ListState} from '../Room';
import {type Choice, parametersOf, spanOf, zoomed} from '../../time/range';
import {useRange} from '../../time/useRange';
import {download} from '../../ui/download';
import {useSearch} from '../useSearch';
import {alignedOf, anomaliesOf, faultColumn, unitOf} from './series';
import type {MetricName, QueryAnswer} from './types';

const Chart = lazy(() => import('../../chart/Chart'));
const stepTexts: [string, number][] = [['10s', 10], ['1m', 60], ['5m', 300], ['15m', 900], ['1h', 3600], ['6h', 21_600], ['24h', 86_400]];
const stepsOf = (span: number) => stepTexts.filter(([, step]) => span / 1000 / step >= 4 && span / 1000 / step <= 1000).map(([text]) => text);
const examples = ['rate(tool_calls[5m]) by (server, tool)', 'p95(tool_duration_ms) by (tool)', 'rate(tool_errors[5m]) by (server)', 'max(server_memory_bytes) by (server)', 'p95(health_check_ms) by (server)', 'max(loop_lag_p99_ms) by (loop)'];
const sample = 'rate(tool_calls{server="x"}[5m]) by (tool)';
const refreshMs = 5000;

function useQuery(q: string, choice: Choice, step: string) {
  const [state, setState] = useState<{answer: QueryAnswer | null; error: string; busy: boolean}>({answer: null, error: '', busy: true});
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!q) return;
    const abort = new AbortController();
    setState((old) => ({...old, busy: true}));
    const path = `/api/metrics?${new URLSearchParams({q, ...parametersOf(choice), anomalies: anomalyScore, ...(step && {step})})}`;
    get<QueryAnswer>(path, abort.signal).then((answer) => setState({answer, error: '', busy: false}), (fault: Error) => {
      if (fault.name === 'AbortError') return;
      const said = fault instanceof ApiError ? (fault.problem.errors?.map(({message}) => message).join('. ') || fault.message) : fault.message;
      setState({answer: null, error: said, busy: false});
    });
    return () => abort.abort();
  }, [q, choice, step, round]);
  // Read again by the clock, not by the event `metrics`: that would be every point of every series.
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && !live.paused) setRound((old) => old + 1);
    }, refreshMs);
    return () => clearInterval(timer);
  }, []);
  return state;
}

async function downloadCsv(q: string, choice: Choice, step: string) {
  const answer = await fetch(`/api/metrics?${new URLSearchParams({q, ...parametersOf(choice), format: 'csv', ...(step && {step})})}`, {headers: {authorization: `Bearer ${await accessToken()}`}});
  if (!answer.ok) throw new Error(ui.serverAnswered(answer.status));
  download('metrics.csv', await answer.blob());
}

function Fault({query, message}: {query: string; message: string}) {
  const column = faultColumn(message, query);
  return <div role="alert" data-testid="query-fault"><p className="fault">{safe(message)}</p>{column !== null && <pre className="block mono query-fault" aria-hidden="true">{safe(query)}{'\n'}{' '.repeat(column)}^</pre>}</div>;
}

export function QueryRoom() {
  const [at, put] = useSearch();
  const names = useList<{items: MetricName[]}>('/api/metrics/names');
  // Without a query in the address: the first example there are points for.
  const known = names.data?.items ?? [];
  const q = at('q') || (examples.find((one) => known.some(({name}) => one.includes(name))) ?? '');
  const {choice, zoom} = useRange();
  const {from, to} = spanOf(choice, Date.now());
  const step = at('step');
  const [draft, setDraft] = useState(q);
  useEffect(() => setDraft(q), [q]);
  const {answer, error, busy} = useQuery(q, choice, step);
  const changes = useMarkers(answer ? Date.parse(answer.start) : to);
  const unit = answer ? unitOf(answer.query, known) : '';
  const markers = useMemo(() => [...changes, ...anomaliesOf(answer?.series ?? [], unit, answer?.step_ms)], [changes, answer, unit]);
  const aligned = useMemo(() => alignedOf(answer?.series ?? [], answer?.step_ms), [answer]);
  return (
    <>
      <form className="bar query-form" onSubmit={(event) => { event.preventDefault(); put({q: draft.trim()}); }}>
        <input className="mono" aria-label={t.query} aria-invalid={error ? true : undefined} list="metric-queries" spellCheck={false} autoComplete="off" value={draft} onChange={(event) => setDraft(event.target.value)} />
        <datalist id="metric-queries">{examples.map((one) => <option key={one} value={one} />)}{names.data?.items.map(({name}) => <option key={name} value={name} />)}</datalist>
        <label>{t.step} <select value={step} onChange={(event) => put({step: event.target.value})}><option value="">{t.fitting}</option>{[...new Set([...stepsOf(to - from), ...(step ? [step] : [])])].map((one) => <option key={one}>{one}</option>)}</select></label>
        <button type="submit" className="button primary" disabled={!draft.trim()}>{t.run}</button>
        <button type="button" className="button" disabled={!answer} onClick={() => void downloadCsv(q, choice, step).catch((fault: Error) => toast('down', fault.message))}>CSV</button>
      </form>
      <p className="muted hint">{t.queryHint} <code>{sample}</code>{t.functions}</p>
      {error && <Fault query={q} message={error} />}
      {answer && aligned.at.length > 0 && <Suspense fallback={<div className="plot-room" />}><Chart title={safe(answer.query)} height={280} at={aligned.at} lines={aligned.lines} markers={markers} onZoom={(range) => zoom(range && zoomed(range[0] * 1000, range[1] * 1000, Date.now()))} from={Date.parse(answer.start) / 1000} to={Date.parse(answer.end) / 1000} unit={unit} /></Suspense>}
      {answer && aligned.at.length === 0 && <p className="empty">{t.noPoints}</p>}
      {!q && names.data && <p className="empty">{t.noMetrics}</p>}
      {q && !answer && !error && busy && <p className="empty" role="status">{t.reading}</p>}
      {answer && <p className="muted" data-testid="query-told">{t.told(safe(answer.query), answer.step_ms / 1000, answer.resolution, aligned.left)}</p>}
      <details><summary>{t.metricsThereAre}</summary>
        <ListState data={names.data?.items} error={names.error} reload={names.reload} empty={t.noneSoFar} />
        {names.data && names.data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.metrics} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.name}</th><th scope="col">{t.unit}</th><th scope="col" className="num">{t.series}</th><th scope="col">{t.labels}</th></tr></thead><tbody>{names.data.items.map((one) => <tr key={one.name}><th scope="row"><button type="button" className="link mono" onClick={() => put({q: one.labels.includes('server') ? `avg(${one.name}) by (server)` : `avg(${one.name})`})}>{safe(one.name)}</button></th><td>{one.unit ?? '–'}</td><td className="num">{one.series}</td><td className="mono">{safe(one.labels.join(', '))}</td></tr>)}</tbody></table></div>}
      </details>
    </>
  );
}

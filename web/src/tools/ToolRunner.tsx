// Runs one tool: a form, the raw JSON or a curl line; progress, questions and the result as they come.
import {useEffect, useMemo, useState} from 'react';
import {ApiError, request, serverPath, whyNot} from '../api/client';
import type {JsonObject, Operation, Tool, ToolResult} from '../api/types';
import {useLive} from '../live/store';
import {t} from '../messages/en/tools';
import {faultsOf, initialValue, resolve} from '../schema-form/model';
import {Fields} from '../schema-form/SchemaForm';
import {TraceLink} from '../traces/TraceLink';
import {ActionButton} from '../ui/ActionButton';
import {milliseconds, safe} from '../ui/format';
import {ResultView} from './ResultView';

interface Run {operation: string; started: number; done: boolean; result?: ToolResult; error?: string}

function Question({operation}: {operation: string}) {
  const store = useLive();
  const asked = store.inputs.get(operation);
  const schema = asked?.requested_schema ?? {};
  const [value, setValue] = useState<JsonObject>({});
  const key = asked?.request_id;
  useEffect(() => setValue((initialValue(schema, schema, true) ?? {}) as JsonObject), [key]);
  if (!asked) return null;
  const answer = async (action: string) => {
    await request(`/api/operations/${operation}/input`, {method: 'POST', body: {request_id: asked.request_id, action, ...(action === 'accept' ? {content: value} : {})}});
    store.inputs.delete(operation);
    store.changed();
  };
  return (
    <section className="question" aria-label={t.toolAsks}>
      <p><strong>{t.toolAsksColon}</strong> {safe(asked.message)}</p>
      {asked.url && <p className="mono">{safe(asked.url)}</p>}
      <Fields schema={schema} root={schema} value={value} faults={[]} onChange={setValue} />
      <div className="bar"><button type="button" className="button primary" onClick={() => void answer('accept')}>{t.answer}</button><button type="button" className="button" onClick={() => void answer('decline')}>{t.decline}</button></div>
    </section>
  );
}

export default function ToolRunner({server, tool}: {server: string; tool: Tool}) {
  const store = useLive();
  const schema = useMemo(() => resolve(tool.inputSchema, tool.inputSchema ?? {}), [tool]);
  const [value, setValue] = useState<JsonObject>({});
  const [raw, setRaw] = useState('');
  const [mode, setMode] = useState<'form' | 'json' | 'curl'>('form');
  const [run, setRun] = useState<Run | null>(null);
  const [history, setHistory] = useState<Run[]>([]);
  const [rawFault, setRawFault] = useState('');
  useEffect(() => {
    const start = (initialValue(schema, schema, true) ?? {}) as JsonObject;
    setValue(start);
    setRaw(JSON.stringify(start, null, 2));
    setRun(null);
  }, [schema]);
  const faults = useMemo(() => faultsOf(schema, value), [schema, value]);
  const path = serverPath(server, `/tools/${encodeURIComponent(tool.name)}/call`);
  const running = run !== null && !run.done;
  const progress = run ? store.progress.get(run.operation) : undefined;

  const change = (next: JsonObject) => {
    setValue(next);
    setRaw(JSON.stringify(next, null, 2));
  };
  const changeRaw = (text: string) => {
    setRaw(text);
    try {
      setValue(JSON.parse(text) as JsonObject);
      setRawFault('');
    } catch (error) {
      setRawFault((error as Error).message);
    }
  };

  const finish = (done: Run) => {
    setRun(done);
    setHistory((old) => [done, ...old].slice(0, 20));
  };
  const start = async () => {
    const begun: Run = {operation: '', started: Date.now(), done: false};
    setRun(begun);
    try {
      const answer = await request<ToolResult & {operation_id: string}>(path, {method: 'POST', body: {arguments: value}, wait: 0});
      begun.operation = answer.body.operation_id;
      if (answer.status !== 202) return finish({...begun, done: true, result: answer.body});
      setRun({...begun});
      for (;;) {
        const {body} = await request<Operation>(`/api/operations/${begun.operation}`, {wait: 20});
        if (body.status === 'started') continue;
        if (body.status === 'completed') return finish({...begun, done: true, result: body.result as unknown as ToolResult});
        return finish({...begun, done: true, error: body.status === 'canceled' ? t.cancelled : (body.error?.detail ?? t.failedSentence)});
      }
    } catch (error) {
      const problem = error instanceof ApiError ? error.problem : undefined;
      finish({...begun, done: true, error: [problem?.detail ?? String(error), ...(problem?.errors ?? []).map((one) => `${one.pointer}: ${one.message}`)].join('\n')});
    }
  };
  const cancel = () => void (run && request(`/api/operations/${run.operation}/cancel`, {method: 'POST', body: {}}).catch(() => undefined)); // it may have ended meanwhile: its end is shown anyway

  return (
    <article className="runner" aria-label={t.toolNamed(tool.name)}>
      <h3 className="mono">{safe(tool.name)}</h3>
      {tool.description && <p className="muted pre">{safe(tool.description)}</p>}
      <div className="tabs" role="tablist" aria-label={t.howToFill}>
        {(['form', 'json', 'curl'] as const).map((one) => <button key={one} type="button" role="tab" aria-selected={mode === one} onClick={() => setMode(one)}>{one === 'form' ? t.form : one === 'json' ? t.rawJson : 'curl'}</button>)}
      </div>
      <form onSubmit={(event) => { event.preventDefault(); if (!whyNot('tools:call', {server, tool: tool.name})) void start(); }}>
        {mode === 'form' && <Fields schema={schema} root={schema} value={value} faults={faults} onChange={change} />}
        {mode === 'json' && <><label htmlFor="raw-json">{t.arguments}</label><textarea id="raw-json" className="mono" rows={10} value={raw} onChange={(event) => changeRaw(event.target.value)} /><p className="fault">{rawFault}</p></>}
        {mode === 'curl' && <pre className="block mono">{`curl -X POST '${location.origin}${path}' \\\n  -H "Authorization: Bearer $TELLTALE_TOKEN" -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({arguments: value}).replace(/'/g, "'\\''")}'`}</pre>}
        <div className="bar">
          <ActionButton type="submit" why={whyNot('tools:call', {server, tool: tool.name})} className="button primary" data-testid="tool-run" disabled={running || rawFault !== ''}>{running ? t.running : t.run}</ActionButton>
          {running && <button type="button" className="button" data-testid="tool-cancel" onClick={cancel}>{t.cancel}</button>}
          {faults.length > 0 && <span className="muted">{t.serverDecides(faults.length === 1 ? t.oneField : t.fields(faults.length))}</span>}
        </div>
      </form>
      {running && (
        <div data-testid="tool-progress" role="status">
          {progress ? <><progress max={progress.total ?? undefined} value={progress.total ? progress.progress : undefined} aria-label={t.progress} /><span> {progress.progress}{progress.total ? t.ofTotal(progress.total) : ''} {safe(progress.message ?? '')}</span></> : <span className="muted">{t.waiting}</span>}
        </div>
      )}
      {running && <Question operation={run.operation} />}
      {run?.done && run.result && <ResultView result={run.result} />}
      {run?.done && run.error && <section className="result bad" data-testid="tool-result" data-error="true" role="alert"><pre className="block">{safe(run.error)}</pre><TraceLink operation={run.operation}>{t.timing}</TraceLink></section>}
      {history.length > 1 && <details><summary>{t.earlier(history.length - 1)}</summary><ul className="plain">{history.slice(1).map((old) => <li key={old.started}><button type="button" className="link" onClick={() => setRun(old)}>{new Date(old.started).toLocaleTimeString()}</button> {old.error ? t.failed : milliseconds(old.result?.duration_ms)}</li>)}</ul></details>}
    </article>
  );
}

// An operation of the catalog, run by hand: a form of its schema, the same as JSON, and what came of it.
import {type FormEvent, useMemo, useState} from 'react';
import {request, settled, whyNot} from '../api/client';
import type {Json, JsonObject} from '../api/types';
import {live} from '../live/store';
import {t} from '../messages/en/palette';
import {faultsOf, initialValue, resolve} from '../schema-form/model';
import {Fields} from '../schema-form/SchemaForm';
import {Structure} from '../tools/ResultView';
import {ActionButton} from '../ui/ActionButton';
import {faultsOf as problemsOf} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {type CatalogOperation, requestOf} from './operations';

// Where it is about a server, one of those there are.
function schemaOf({schema, perServer}: CatalogOperation): JsonObject {
  if (!perServer) return schema;
  const properties = schema.properties as JsonObject;
  return {...schema, properties: {...properties, id: {type: 'string', title: t.server, enum: [...live.servers.keys()].sort()}}};
}

export default function OperationForm({operation, onClose}: {operation: CatalogOperation; onClose(): void}) {
  const schema = useMemo(() => schemaOf(operation), [operation]);
  const [value, setValue] = useState<JsonObject>(() => (initialValue(resolve(schema, schema), schema, true) ?? {}) as JsonObject);
  const [tried, setTried] = useState(false);
  const [state, setState] = useState<'idle' | 'running' | 'done'>('idle');
  const [fault, setFault] = useState('');
  const [result, setResult] = useState<Json>(null);
  const faults = useMemo(() => faultsOf(schema, value), [schema, value]);
  const place = operation.perServer && typeof value.id === 'string' ? {server: value.id} : {};
  const why = operation.permission === 'session' ? '' : whyNot(operation.permission, place);
  const run = async () => {
    const {path, body} = requestOf(operation, value);
    setState('running');
    setFault('');
    try {
      const answer = await request<JsonObject | null>(path, {method: operation.method, body, wait: 20});
      if (answer.status === 202 && typeof answer.body?.operation_id === 'string') {
        const ended = await settled(answer.body.operation_id);
        if (ended.status !== 'completed') throw new Error(ended.error?.detail ?? t.itWas(ended.status));
        setResult(ended.result ?? null);
      } else setResult(answer.body);
      setState('done');
    } catch (error) {
      const {general, at} = problemsOf(error, []);
      setFault([general, ...Object.values(at)].filter(Boolean).join('. ') || (error as Error).message);
      setState('idle');
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!why && faults.length === 0 && state !== 'running') void run();
  };
  const request_ = requestOf(operation, value);
  return (
    <Sheet title={operation.summary} className="small operation-form" onClose={onClose}>
      <p className="muted mono">{operation.id}</p>
      <form aria-label={operation.summary} onSubmit={submit} noValidate>
        <Fields schema={schema} root={schema} value={value} faults={tried ? faults : []} onChange={(next) => { setValue(next); setState('idle'); }} />
        {tried && faults.filter(({pointer}) => pointer === '').map(({message}) => <p key={message} className="fault">{safe(message)}</p>)}
        <p className="fault" role="alert">{safe(fault)}</p>
        <details><summary>{t.asRequest}</summary><pre className="block mono">{operation.method} {request_.path}{request_.body && Object.keys(request_.body).length > 0 && `\n${JSON.stringify(request_.body, null, 2)}`}</pre></details>
        <div className="bar"><ActionButton type="submit" why={why} className={`button ${operation.method === 'DELETE' ? 'danger' : 'primary'}`} disabled={state === 'running'} aria-busy={state === 'running'}>{state === 'running' ? t.requested : operation.method === 'DELETE' ? t.remove : t.run}</ActionButton><button type="button" className="button" onClick={onClose}>{t.close}</button></div>
      </form>
      <div role="status">{state === 'done' && <><p className="tone-ok">{t.confirmed}</p>{result !== null && <Structure value={result} />}</>}</div>
    </Sheet>
  );
}

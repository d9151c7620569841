// /openapi.json, readable.
import {useEffect, useState} from 'react';
import type {Json, JsonObject} from '../api/types';
import {t} from '../messages/en/system';
import {Structure} from '../tools/ResultView';

interface Entry {summary: string; 'x-permission'?: string; parameters?: {name: string; in: string; description?: string}[]; requestBody?: {content: Record<string, {schema: JsonObject}>}}

export default function DocsPage() {
  const [paths, setPaths] = useState<Record<string, Record<string, Entry>> | null>(null);
  const [error, setError] = useState('');
  useEffect(() => void fetch('/openapi.json').then((response) => response.json()).then((body: {paths: Record<string, Record<string, Entry>>}) => setPaths(body.paths), (failure: Error) => setError(failure.message)), []);
  return (
    <div className="page">
      <h1>{t.restApi}</h1>
      <p className="muted">{t.madeFrom} <a href="/openapi.json">openapi.json</a> {t.forPrograms}</p>
      {error && <p className="fault">{error}</p>}
      {paths && Object.entries(paths).map(([path, methods]) => Object.entries(methods).map(([method, entry]) => (
        <details key={method + path} className="endpoint">
          <summary><span className={`method method-${method}`}>{method.toUpperCase()}</span> <span className="mono">{path}</span> <span className="muted">{entry.summary}</span></summary>
          <p>{entry['x-permission'] ? <>{t.permission} <code>{entry['x-permission']}</code></> : t.noLogin}</p>
          {entry.parameters && entry.parameters.length > 0 && <ul>{entry.parameters.map((parameter) => <li key={parameter.name}><code>{parameter.name}</code> ({parameter.in}) {parameter.description}</li>)}</ul>}
          {entry.requestBody && Object.entries(entry.requestBody.content).map(([type, {schema}]) => (type === 'application/json' ? <Structure key={type} value={schema as Json} /> : <p key={type}>{t.body} <code>{type}</code></p>))}
        </details>
      )))}
    </div>
  );
}

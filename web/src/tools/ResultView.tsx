// What a tool answered: text, pictures, sound, resources, structure. All of it comes from a stranger and is shown as text.
import {useEffect, useState} from 'react';
import type {Content, Json, ToolResult} from '../api/types';
import {t} from '../messages/en/tools';
import {TraceLink} from '../traces/TraceLink';
import {milliseconds, safe} from '../ui/format';

function useBlobUrl(data: string, type: string) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    try {
      const made = URL.createObjectURL(new Blob([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))], {type}));
      setUrl(made);
      return () => URL.revokeObjectURL(made);
    } catch {
      setUrl('');
    }
  }, [data, type]);
  return url;
}

const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

function Media({content}: {content: Content}) {
  const type = content.mimeType ?? '';
  const url = useBlobUrl(content.data ?? '', type);
  if (!url) return <p className="fault">{t.unreadable(content.type)}</p>;
  if (content.type === 'audio') return <audio controls src={url} aria-label={t.audioResult} />;
  if (pictures.includes(type)) return <img src={url} alt={t.resultOfTool} className="result-image" />;
  return <p className="muted">{t.notShown(safe(type))}</p>;
}

export function Structure({value}: {value: Json}) {
  return <pre className="mono block">{safe(JSON.stringify(value, null, 2))}</pre>;
}

export function Part({content}: {content: Content}) {
  if (content.type === 'text') return <pre className="block">{safe(content.text ?? '')}</pre>;
  if (content.type === 'image' || content.type === 'audio') return <Media content={content} />;
  if (content.type === 'resource' && content.resource)
    return <figure><figcaption className="muted mono">{safe(content.resource.uri)}</figcaption>{content.resource.text !== undefined ? <pre className="block">{safe(content.resource.text)}</pre> : <Media content={{type: 'image', data: content.resource.blob, mimeType: content.resource.mimeType}} />}</figure>;
  if (content.type === 'resource_link') return <p className="mono">{safe(content.uri ?? '')} {safe(content.name ?? '')}</p>;
  return <Structure value={content as unknown as Json} />;
}

export function ResultView({result}: {result: ToolResult}) {
  const structured = result.result.structuredContent;
  return (
    <section data-testid="tool-result" data-error={result.is_error} aria-label={t.result} className={result.is_error ? 'result bad' : 'result'}>
      <p className="result-head"><strong>{result.is_error ? t.reportedError : t.done}</strong> {t.inTime(milliseconds(result.duration_ms))} <TraceLink operation={result.operation_id}>{t.timing}</TraceLink></p>
      {result.schema_errors.map((error) => <p key={error} className="fault">{t.againstSchema(safe(error))}</p>)}
      {(result.result.content ?? []).map((content, index) => <Part key={index} content={content} />)}
      {structured !== undefined && <details open><summary>{t.structured}</summary><Structure value={structured} /></details>}
      <details><summary>{t.exactAnswer}</summary><Structure value={result.result as unknown as Json} /></details>
    </section>
  );
}

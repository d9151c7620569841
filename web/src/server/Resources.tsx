// Resources and prompts of a server, read on demand.
import {useState} from 'react';
import {request, serverPath} from '../api/client';
import type {Content, Prompt, Resource, ResourceTemplate, Server} from '../api/types';
import {t} from '../messages/en/server';
import {Part} from '../tools/ResultView';
import {safe} from '../ui/format';
import {useList} from './useList';

type Contents = {uri: string; mimeType?: string; text?: string; blob?: string}[];

export function Resources({server}: {server: Server}) {
  const list = useList<{items: Resource[]; templates: ResourceTemplate[]}>(serverPath(server.name, '/resources'), server.resources_count);
  const [uri, setUri] = useState('');
  const [read, setRead] = useState<{uri: string; contents?: Contents; error?: string} | null>(null);
  const open = async (wanted: string) => {
    setRead({uri: wanted});
    try {
      const {body} = await request<{contents: Contents}>(serverPath(server.name, '/resources/read'), {method: 'POST', body: {uri: wanted}, wait: 30});
      setRead({uri: wanted, contents: body.contents});
    } catch (error) {
      setRead({uri: wanted, error: (error as Error).message});
    }
  };
  if (list.error) return <p className="fault">{list.error}</p>;
  return (
    <>
      {list.data?.items.length === 0 && <p className="muted">{t.noResources}</p>}
      <ul className="plain list">{list.data?.items.slice(0, 300).map((resource) => <li key={resource.uri}><button type="button" className="link mono" onClick={() => void open(resource.uri)}>{safe(resource.title ?? resource.name ?? resource.uri)}</button><span className="sub mono">{safe(resource.uri)} {safe(resource.mimeType ?? '')}</span></li>)}</ul>
      {list.data?.templates.map((template) => <p key={template.uriTemplate} className="mono muted">{safe(template.uriTemplate)} <button type="button" className="link" onClick={() => setUri(template.uriTemplate)}>{t.use}</button></p>)}
      <form className="bar" onSubmit={(event) => { event.preventDefault(); void open(uri); }}><input aria-label={t.resourceUri} placeholder={t.anyUri} value={uri} onChange={(event) => setUri(event.target.value)} /><button type="submit" className="button" disabled={!uri}>{t.read}</button></form>
      {read && (
        <section aria-label={t.resource} className="result">
          <p className="mono">{safe(read.uri)}</p>
          {read.error && <p className="fault">{safe(read.error)}</p>}
          {!read.error && !read.contents && <p className="muted">{t.reading}</p>}
          {read.contents?.map((content, index) => <Part key={index} content={content.text !== undefined ? {type: 'text', text: content.text} : ({type: 'image', data: content.blob, mimeType: content.mimeType} as Content)} />)}
        </section>
      )}
    </>
  );
}

export function Prompts({server}: {server: Server}) {
  const list = useList<{items: Prompt[]}>(serverPath(server.name, '/prompts'), server.prompts_count);
  const [chosen, setChosen] = useState<Prompt | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [got, setGot] = useState<{messages?: {role: string; content: Content}[]; error?: string} | null>(null);
  const run = async (prompt: Prompt) => {
    try {
      const {body} = await request<{messages: {role: string; content: Content}[]}>(serverPath(server.name, `/prompts/${encodeURIComponent(prompt.name)}/get`), {method: 'POST', body: {arguments: values}, wait: 30});
      setGot(body);
    } catch (error) {
      setGot({error: (error as Error).message});
    }
  };
  if (list.error) return <p className="fault">{list.error}</p>;
  return (
    <>
      {list.data?.items.length === 0 && <p className="muted">{t.noPrompts}</p>}
      <ul className="plain list">{list.data?.items.map((prompt) => <li key={prompt.name}><button type="button" className="link mono" aria-pressed={chosen?.name === prompt.name} onClick={() => { setChosen(prompt); setValues({}); setGot(null); }}>{safe(prompt.title ?? prompt.name)}</button><span className="sub">{safe(prompt.description ?? '')}</span></li>)}</ul>
      {chosen && (
        <form className="fields" onSubmit={(event) => { event.preventDefault(); void run(chosen); }}>
          {(chosen.arguments ?? []).map((argument) => <div className="field" key={argument.name}><label htmlFor={`prompt-${argument.name}`}>{safe(argument.name)}{argument.required && ' *'}</label><input id={`prompt-${argument.name}`} value={values[argument.name] ?? ''} onChange={(event) => setValues({...values, [argument.name]: event.target.value})} /></div>)}
          <div className="bar"><button type="submit" className="button primary">{t.getPrompt}</button></div>
        </form>
      )}
      {got?.error && <p className="fault">{safe(got.error)}</p>}
      {got?.messages?.map((message, index) => <section key={index} className="result"><p className="muted">{safe(message.role)}</p><Part content={message.content} /></section>)}
    </>
  );
}

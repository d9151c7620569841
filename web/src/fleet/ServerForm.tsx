// A new server: a command, an address, or a pasted fleet file.
import {type FormEvent, useState} from 'react';
import {request, whyNot} from '../api/client';
import {splitCommand} from '../access/access';
import {t} from '../messages/en/fleet';
import {ActionButton} from '../ui/ActionButton';
import {type Faults, faultsOf, LabelledField, noFaults} from '../ui/fields';
import {toast} from '../ui/toast';

type Kind = 'command' | 'url' | 'paste';
type Definition = Record<string, unknown>;
const kinds: {kind: Kind; label: string}[] = [{kind: 'command', get label() { return t.aCommand; }}, {kind: 'url', get label() { return t.anAddress; }}, {kind: 'paste', get label() { return t.pasteFile; }}];
const example = '{\n  "mcpServers": {\n    "files": {"command": "/usr/bin/node", "args": ["server.js"]}\n  }\n}';

// "A=1\nB=two words": a variable a line.
export function environment(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf('=');
    if (at < 1) throw new Error(t.notNameValue(line));
    return [line.slice(0, at), line.slice(at + 1)];
  }));
}

// Editors allow comments and a comma too many in their files; both are left out, but not in strings.
export const plainJson = (text: string) => text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) => (part.startsWith('"') ? part : ' ')).replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (part) => (part === ',' ? '' : part));

export function parseFile(text: string): [string, Definition][] {
  let parsed: Definition;
  try {
    parsed = JSON.parse(plainJson(text)) as Definition;
  } catch (error) {
    throw new Error(t.notJson((error as Error).message));
  }
  const servers = parsed.mcpServers ?? parsed.servers;
  if (!servers || typeof servers !== 'object' || Object.keys(servers).length === 0) throw new Error(t.needsServers);
  return Object.entries(servers as Record<string, Definition>);
}

export const kindOf = (text: string | null): Kind => kinds.find(({kind}) => kind === text)?.kind ?? 'command';

export default function ServerForm({action, first = 'command', onAdded, onCancel}: {action: string; first?: Kind; onAdded(names: string[]): void; onCancel?: () => void}) {
  const [kind, setKind] = useState<Kind>(first);
  const [name, setName] = useState('');
  const [line, setLine] = useState('');
  const [env, setEnv] = useState('');
  const [url, setUrl] = useState('');
  const [type, setType] = useState('http');
  const [text, setText] = useState('');
  const [faults, setFaults] = useState<Faults>(noFaults);
  const [busy, setBusy] = useState(false);
  const why = whyNot('fleet:define') || (kind === 'command' ? whyNot('server:exec') : '');
  const wanted = (): [string, Definition][] => {
    if (kind === 'paste') return parseFile(text);
    if (kind === 'url') return [[name, {type, url}]];
    const [command, ...args] = splitCommand(line);
    return [[name, {command, args, ...(env.trim() && {env: environment(env)})}]];
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (why) return;
    const added: string[] = [];
    setBusy(true);
    setFaults(noFaults);
    let at = '';
    try {
      for (const [one, definition] of wanted()) {
        at = one;
        await request('/api/servers', {method: 'POST', body: {name: one, ...definition}});
        added.push(one);
        toast('ok', t.added(one));
      }
      onAdded(added);
    } catch (error) {
      const found = faultsOf(error, kind === 'paste' ? [] : ['name', 'command', 'args', 'env', 'url']);
      setFaults(kind === 'paste' && at ? {at: {}, general: `${at}: ${found.general}`} : found);
      setBusy(false);
    }
  };
  return (
    <>
      <div className="segments" role="radiogroup" aria-label={t.whatItIs}>{kinds.map((one) => <label key={one.kind} className="segment"><input type="radio" name="kind" checked={kind === one.kind} onChange={() => { setKind(one.kind); setFaults(noFaults); }} /> {one.label}</label>)}</div>
      <form className="fields" aria-label={t.newServer} onSubmit={(event) => void submit(event)}>
        {kind !== 'paste' && <LabelledField label={t.name} hint={t.nameHint} fault={faults.at.name}>{(field) => <input {...field} required value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>}
        {kind === 'command' && (
          <>
            <LabelledField label={t.command} hint={t.commandHint} fault={faults.at.command ?? faults.at.args}>{(field) => <input {...field} className="mono" required placeholder="npx -y @modelcontextprotocol/server-everything" value={line} onChange={(event) => setLine(event.target.value)} />}</LabelledField>
            <LabelledField label={t.environment} hint={t.environmentHint} fault={faults.at.env}>{(field) => <textarea {...field} className="mono" rows={3} value={env} onChange={(event) => setEnv(event.target.value)} />}</LabelledField>
          </>
        )}
        {kind === 'url' && (
          <>
            <LabelledField label={t.address} fault={faults.at.url}>{(field) => <input {...field} className="mono" type="url" required placeholder="https://search.example/mcp" value={url} onChange={(event) => setUrl(event.target.value)} />}</LabelledField>
            <LabelledField label={t.transport}>{(field) => <select {...field} value={type} onChange={(event) => setType(event.target.value)}><option value="http">Streamable HTTP</option><option value="sse">{t.oldSse}</option></select>}</LabelledField>
          </>
        )}
        {kind === 'paste' && <LabelledField label={t.definition} hint={t.definitionHint}>{(field) => <textarea {...field} className="mono" rows={12} required value={text} placeholder={example} onChange={(event) => setText(event.target.value)} />}</LabelledField>}
        <p role="alert" className="fault">{faults.general}</p>
        <div className="bar"><ActionButton type="submit" why={why} className="button primary" disabled={busy}>{busy ? t.adding : action}</ActionButton>{onCancel && <button type="button" className="button" onClick={onCancel}>{t.back}</button>}</div>
      </form>
    </>
  );
}

// Adding servers: paste an mcp.json, or one definition.
import {useState} from 'react';
import {useLocation} from 'wouter';
import {ApiError, request} from '../api/client';
import {toast} from '../ui/toast';

const example = '{\n  "mcpServers": {\n    "files": {"command": "/usr/bin/node", "args": ["server.js"]}\n  }\n}';

export default function AddServer() {
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const add = async () => {
    setFault('');
    let parsed: Record<string, unknown>;
    try {
      parsed = JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      return setFault(`This is not JSON: ${(error as Error).message}`);
    }
    const servers = (parsed.mcpServers ?? parsed.servers) as Record<string, Record<string, unknown>> | undefined;
    if (!servers || typeof servers !== 'object') return setFault('It needs "mcpServers": {NAME: {…}}.');
    setBusy(true);
    for (const [name, definition] of Object.entries(servers)) {
      try {
        await request('/api/servers', {method: 'POST', body: {name, ...definition}});
        toast('ok', `${name} added.`);
      } catch (error) {
        setBusy(false);
        return setFault(`${name}: ${error instanceof ApiError ? error.message : String(error)}`);
      }
    }
    navigate('/');
  };
  return (
    <div className="page narrow">
      <h1>Add servers</h1>
      <p className="muted">Paste what Claude Desktop, VS Code or Cursor use. A command is run on this machine as Telltale's own user, exactly as it is written.</p>
      <label htmlFor="definition">Definition</label>
      <textarea id="definition" className="mono" rows={14} value={text} placeholder={example} onChange={(event) => setText(event.target.value)} aria-invalid={fault !== ''} aria-describedby="definition-fault" />
      <p id="definition-fault" role="alert" className="fault">{fault}</p>
      <div className="bar"><button type="button" className="button primary" disabled={busy || !text.trim()} onClick={() => void add()}>Add</button><button type="button" className="button" onClick={() => navigate('/')}>Back</button></div>
    </div>
  );
}

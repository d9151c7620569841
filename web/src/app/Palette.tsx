// Ctrl-K: any page, any server, any action one may do.
import {useEffect, useRef, useState} from 'react';
import {useLocation} from 'wouter';
import {may} from '../api/client';
import {act, useful, verbs} from '../fleet/actions';
import {live} from '../live/store';

interface Item {label: string; run(): void}

export default function Palette({onClose}: {onClose(): void}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [, navigate] = useLocation();
  useEffect(() => dialog.current?.showModal(), []);
  const items: Item[] = [
    ...[['Fleet', '/'], ['Logs', '/logs'], ['Operations', '/operations'], ['Streams', '/webrtc'], ['Tests', '/tests'], ['New suite', '/tests/suite/new'], ['Benchmarks', '/benchmarks'], ['Analytics', '/analytics'], ['Heatmap of tools', '/analytics/heatmap'], ['Reports', '/reports'], ['Schedules', '/reports/schedules'], ['System', '/system'], ['Users', '/access/users'], ['Roles', '/access/roles'], ['Tokens', '/access/tokens'], ['Sessions', '/access/sessions'], ['Account', '/account'], ['REST API', '/docs'], ['Add server', '/add']].map(([label, path]) => ({label: `Go to ${label}`, run: () => navigate(path)})),
    ...[...live.servers.values()].flatMap((server) => [
      {label: `Open ${server.name}`, run: () => navigate(`/servers/${encodeURIComponent(server.name)}`)},
      {label: `Tools of ${server.name}`, run: () => navigate(`/servers/${encodeURIComponent(server.name)}?tab=tools`)},
      ...(may('fleet:operate', {server: server.name}) ? verbs.filter(({verb}) => useful(server, verb)).map(({verb, label}) => ({label: `${label} ${server.name}`, run: () => void act(server.name, verb)})) : []),
    ]),
  ];
  const words = text.toLowerCase().split(/\s+/);
  const shown = items.filter((item) => words.every((word) => item.label.toLowerCase().includes(word))).slice(0, 12);
  const choose = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Command palette" onClose={onClose}>
      <input aria-label="Command" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={shown[at] ? `palette-${at}` : undefined} autoFocus placeholder="Jump to or run" value={text} onChange={(event) => { setText(event.target.value); setAt(0); }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') { event.preventDefault(); setAt(Math.min(at + 1, shown.length - 1)); }
          if (event.key === 'ArrowUp') { event.preventDefault(); setAt(Math.max(at - 1, 0)); }
          if (event.key === 'Enter') { event.preventDefault(); choose(shown[at]); }
        }} />
      <ul id="palette-list" role="listbox" aria-label="Commands">{shown.map((item, index) => <li key={item.label} id={`palette-${index}`} role="option" aria-selected={index === at} onClick={() => choose(item)}>{item.label}</li>)}</ul>
    </dialog>
  );
}

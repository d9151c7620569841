// ?: every shortcut there is.
import {useEffect, useRef} from 'react';
import {keymap} from '../ui/keys';
import {setPref, usePrefs} from '../ui/prefs';

const names: Record<string, string> = {ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', k: 'K'};

export default function KeyMap({onClose}: {onClose(): void}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const prefs = usePrefs();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="sheet keymap" aria-labelledby="keymap-title" onClose={onClose}>
      <header className="sheet-head"><h2 id="keymap-title">Keyboard</h2><button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>×</button></header>
      <div className="keymap-groups">
        {keymap.map(({group, shortcuts}) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>{shortcuts.map(({keys, what}) => <div key={keys}><dt>{keys.split(/([ +])/).map((part, index) => (part === ' ' ? <span key={index}> then </span> : part === '+' ? ' ' : <kbd key={index}>{keys.includes('Ctrl') || part.length > 1 ? (names[part] ?? part.replace(/^[a-z]$/, (letter) => letter.toUpperCase())) : part}</kbd>))}</dt><dd>{what}</dd></div>)}</dl>
          </section>
        ))}
      </div>
      <label className="check"><input type="checkbox" checked={prefs.keys} onChange={(event) => setPref('keys', event.target.checked)} /> Single-key shortcuts</label>
    </dialog>
  );
}

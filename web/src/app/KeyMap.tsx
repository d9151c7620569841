// ?: every shortcut there is.
import {t} from '../messages/en/shell';
import {keymap} from '../ui/keys';
import {setPref, usePrefs} from '../ui/prefs';
import {Sheet} from '../ui/Sheet';
import {pages} from './pages';

const names: Record<string, string> = {ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', get Escape() { return t.escapeKey; }};
const named = (part: string, chord: boolean) => names[part] ?? (chord ? part.replace(/^[a-z]$/, (letter) => letter.toUpperCase()) : part);

function Keys({keys}: {keys: string}) {
  return (keys === '+' ? [t.plusKey] : keys.split(/([ +])/)).map((part, index) => (part === ' ' ? <span key={index}> {t.thenKey} </span> : part === '+' ? ' ' : <kbd key={index}>{named(part, keys.includes('+'))}</kbd>));
}

export default function KeyMap({onClose}: {onClose(): void}) {
  const prefs = usePrefs();
  return (
    <Sheet title={t.keyboard} className="keymap" onClose={onClose}>
      <div className="keymap-groups">
        {keymap(pages.map(({key, label}) => ({keys: key, what: label}))).map(({group, shortcuts}) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>{shortcuts.map(({keys, what}) => <div key={keys}><dt><Keys keys={keys} /></dt><dd>{what}</dd></div>)}</dl>
          </section>
        ))}
      </div>
      <label className="check"><input type="checkbox" checked={prefs.keys} onChange={(event) => setPref('keys', event.target.checked)} /> {t.singleKeys}</label>
    </Sheet>
  );
}

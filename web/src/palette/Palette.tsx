// Ctrl-K: to any page, server, tool, stream, suite, run or report, a trace by its id, and any operation one may run; by keys alone.
import {type KeyboardEvent, lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState} from 'react';
import {useLocation} from 'wouter';
import {t} from '../messages/en/palette';
import {safe} from '../ui/format';
import {type Entry, ofId} from './entries';
import {search} from './match';
import type {CatalogOperation} from './operations';
import {bonusOf, recent, remember} from './recent';
import {useEntries} from './useEntries';

const OperationForm = lazy(() => import('./OperationForm'));
const most = 50;
const page = 8;

function Marked({text, marks}: {text: string; marks: number[]}) {
  const hit = new Set(marks);
  const parts: {text: string; hit: boolean}[] = [];
  Array.from(text).forEach((letter, at) => {
    const last = parts.at(-1);
    if (last && last.hit === hit.has(at)) last.text += letter;
    else parts.push({text: letter, hit: hit.has(at)});
  });
  return <span className="entry-name">{parts.map((part, at) => (part.hit ? <mark key={at}>{part.text}</mark> : part.text))}</span>;
}

export default function Palette({onClose}: {onClose(): void}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [operation, setOperation] = useState<CatalogOperation | null>(null);
  const [, navigate] = useLocation();
  const {entries, reading} = useEntries();
  const lately = useMemo(recent, []);
  const asked = useDeferredValue(text);
  const found = useCallback((words: string) => {
    const bonus = bonusOf(lately);
    return [...ofId(words).map((entry) => ({entry, marks: []})), ...search(entries, words, ({id}: Entry) => bonus(id), most)];
  }, [entries, lately]);
  const shown = useMemo(() => found(asked), [found, asked]);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({block: 'nearest'}); }, [at, shown]);
  const chosen = Math.min(at, shown.length - 1);
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    remember(entry.id);
    if (entry.operation) return setOperation(entry.operation);
    onClose();
    if (entry.href) navigate(entry.href);
    else entry.run?.();
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {ArrowDown: chosen + 1, ArrowUp: chosen - 1, PageDown: chosen + page, PageUp: chosen - page};
    if (event.key in steps) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(shown.length - 1, steps[event.key])));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      // What is drawn may be behind what was typed.
      choose(asked === text ? shown[chosen]?.entry : found(text)[0]?.entry);
    }
  };
  if (operation) return <Suspense fallback={null}><OperationForm operation={operation} onClose={onClose} /></Suspense>;
  return (
    <dialog ref={dialog} className="palette" aria-label={t.palette} onClose={onClose}>
      <input aria-label={t.command} role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={shown[chosen] ? `palette-${chosen}` : undefined} autoFocus placeholder={t.jumpOrRun} value={text} spellCheck={false} autoComplete="off" onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={onKey} />
      <ul ref={list} id="palette-list" role="listbox" aria-label={t.commands}>{shown.map(({entry, marks}, index) => (
        <li key={entry.id} id={`palette-${index}`} role="option" aria-selected={index === chosen} data-kind={entry.kind} onClick={() => choose(entry)} onMouseMove={() => setAt(index)}><span className="kind">{lately.includes(entry.id) && !text ? t.recent : t.kinds[entry.kind]}</span><Marked text={safe(entry.name)} marks={marks} />{entry.more && <span className="entry-more">{safe(entry.more)}</span>}</li>
      ))}</ul>
      {shown.length === 0 && <p className="palette-foot" role="status">{reading ? t.reading : t.nothingFits}</p>}
      <p className="palette-foot" aria-hidden="true"><span><kbd>↑</kbd> <kbd>↓</kbd> {t.choose}</span><span><kbd>{t.enterKey}</kbd> {t.goOrRun}</span><span><kbd>{t.escapeKey}</kbd> {t.closeIt}</span>{reading && <span>{t.readingMore}</span>}</p>
    </dialog>
  );
}

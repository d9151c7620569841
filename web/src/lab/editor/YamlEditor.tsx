// A YAML editor: line numbers, marks where something is wrong, completion from a schema. A plain textarea underneath, so that undo,
// assistive technology and the content security policy (no style made from text) are the browser's own.
// Ctrl-Space completes, Ctrl-S saves, Tab leaves the field.
import {type KeyboardEvent, useEffect, useId, useMemo, useRef, useState} from 'react';
import {t} from '../../messages/en/editor';
import {safe} from '../../ui/format';
import type {Schema} from '../types';
import {completeAt, type Completion, type More, type Option} from './complete';

export interface Mark {line: number; column: number; message: string}
interface Props {value: string; schema: Schema | null; marks: Mark[]; more?: More; readOnly?: boolean; label: string; jump?: {line: number; column: number; round: number}; onChange(value: string): void; onSave(): void}

const lineHeight = 20;
const shownRows = 22;
const mostOptions = 12;

// Undo knows of it only where the browser is asked to type it.
function typeInto(field: HTMLTextAreaElement, from: number, to: number, text: string) {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand('insertText', false, text)) field.setRangeText(text, from, to, 'end');
}
const offsetOf = (text: string, line: number, column: number) => text.split('\n').slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0) + Math.max(0, column - 1);

export function YamlEditor({value, schema, marks, more, readOnly = false, label, jump, onChange, onSave}: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [scroll, setScroll] = useState({top: 0, left: 0});
  const [list, setList] = useState<(Completion & {row: number; column: number; chosen: number}) | null>(null);
  const id = useId();
  const rows = useMemo(() => value.split('\n').length, [value]);
  const wrong = useMemo(() => new Map(marks.map((mark) => [mark.line, mark])), [marks]);
  useEffect(() => {
    const element = field.current;
    if (!jump || !element) return;
    const at = offsetOf(element.value, jump.line, jump.column);
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (jump.line - shownRows / 2) * lineHeight);
  }, [jump]);

  // `asked`: by Ctrl-Space, then also where nothing is typed.
  const offer = (asked: boolean) => {
    const element = field.current;
    if (!element || !schema || element.selectionStart !== element.selectionEnd) return setList(null);
    const text = element.value;
    const at = element.selectionStart;
    const found = completeAt(schema, text, at, more);
    if (!found || (!asked && found.from === at && !/:\s$|-\s$/.test(text.slice(0, at)))) return setList(null);
    const before = text.slice(0, found.from).split('\n');
    setList({...found, options: found.options.slice(0, mostOptions), row: before.length, column: before.at(-1)?.length ?? 0, chosen: 0});
  };
  const take = (option: Option) => {
    const element = field.current;
    if (!element || !list) return;
    setList(null);
    typeInto(element, list.from, element.selectionStart, option.insert);
    offer(false);
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const element = event.currentTarget;
    if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); return onSave(); }
    if (event.ctrlKey && event.key === ' ') { event.preventDefault(); return offer(true); }
    if (list) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step) { event.preventDefault(); return setList({...list, chosen: (list.chosen + step + list.options.length) % list.options.length}); }
      if (event.key === 'Enter' || event.key === 'Tab') { event.preventDefault(); return take(list.options[list.chosen]); }
      if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); return setList(null); }
    }
    if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey || readOnly) return;
    // The next line begins where this one does, deeper after a key without a value.
    const line = element.value.slice(element.value.lastIndexOf('\n', element.selectionStart - 1) + 1, element.selectionStart);
    const indent = /^\s*(?:- )*/.exec(line)?.[0].replaceAll('-', ' ') ?? '';
    event.preventDefault();
    typeInto(element, element.selectionStart, element.selectionEnd, `\n${indent}${/:\s*$/.test(line) ? '  ' : ''}`);
  };
  return (
    <div className="yaml-editor" data-wrong={marks.length}>
      <div className="yaml-gutter" aria-hidden="true"><div style={{transform: `translateY(${-scroll.top}px)`}}>{Array.from({length: rows}, (_, at) => {
        const mark = wrong.get(at + 1);
        return <span key={at} className={mark ? 'yaml-wrong' : undefined} title={mark && safe(mark.message)}>{mark ? '■ ' : ''}{at + 1}</span>;
      })}</div></div>
      <textarea ref={field} className="mono" aria-label={label} aria-invalid={marks.length > 0 || undefined} aria-autocomplete="list" aria-haspopup="listbox" aria-controls={list ? `${id}-list` : undefined} aria-activedescendant={list ? `${id}-${list.chosen}` : undefined} wrap="off" rows={shownRows} spellCheck={false} autoCapitalize="off" autoComplete="off" readOnly={readOnly} value={value}
        onChange={(event) => { onChange(event.target.value); offer(false); }} onKeyDown={onKey} onClick={() => setList(null)} onBlur={() => setList(null)} onScroll={(event) => { setScroll({top: event.currentTarget.scrollTop, left: event.currentTarget.scrollLeft}); setList(null); }} />
      {list && <ul id={`${id}-list`} className="yaml-options" role="listbox" aria-label={t.mayStand} style={{top: list.row * lineHeight + 8 - scroll.top, left: `calc(56px + ${list.column}ch - ${scroll.left}px)`}}>{list.options.map((option, at) => <li key={option.label} id={`${id}-${at}`} role="option" aria-selected={at === list.chosen} onMouseDown={(event) => { event.preventDefault(); take(option); }}><b>{option.label}</b>{option.detail && <span className="muted">{option.detail}</span>}</li>)}</ul>}
    </div>
  );
}

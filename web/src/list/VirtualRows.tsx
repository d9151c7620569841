// A list of any length with rows of one height: only those in view are in the page, and their elements are used again for the next
// ones. Rows have absolute numbers, `base` is that of the first: when rows come or go before those in view, what one reads stays
// where it is. Chosen by click or by the arrow keys; where rows lead elsewhere, a click or Enter opens, and x marks.
import {type KeyboardEvent, type MouseEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState} from 'react';
import './list.css';
import {endOf, scrollTo, windowOf} from './window';

export interface Jump {row: number; align: number; turn: number} // to an absolute row; a new turn is a new jump
interface Props {
  label: string;
  count: number;
  base?: number;
  rowHeight: number;
  chosen: number | null;
  follow?: boolean; // stay at the end while rows come
  jump?: Jump | null;
  testId?: string;
  onFollow?(follow: boolean): void;
  onView?(first: number, last: number): void; // what is drawn, in absolute rows
  onChoose(row: number | null): void;
  onOpen?(row: number): void; // a click opens then, instead of choosing
  onMark?(row: number): void; // by x, or a click on what has data-mark
  row(row: number): ReactNode;
  rowClass?(row: number): string;
}

export function VirtualRows({label, count, base = 0, rowHeight, chosen, follow = false, jump, testId, onFollow, onView, onChoose, onOpen, onMark, row, rowClass}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({top: 0, view: 600});
  const before = useRef({base, count});
  const frame = useRef(0);
  const lastTop = useRef(0);

  // Following, the place is the end, whatever the scrollbar has come to say: rows that come are drawn once.
  const look = useCallback(() => {
    frame.current = 0;
    const element = box.current;
    if (!element) return;
    const {scrollTop, clientHeight} = element;
    lastTop.current = scrollTop;
    setAt((old) => ((follow || old.top === scrollTop) && old.view === clientHeight ? old : {top: scrollTop, view: clientHeight}));
  }, [follow]);
  const onScroll = () => {
    frame.current ||= requestAnimationFrame(look);
    const element = box.current;
    if (!element || !onFollow) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
    if (follow !== atEnd && (atEnd || element.scrollTop < lastTop.current)) onFollow(atEnd); // rows that come do not end it, going up does
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => { observer.disconnect(); cancelAnimationFrame(frame.current); frame.current = 0; };
  }, [look]);

  useLayoutEffect(() => {
    const element = box.current;
    const old = before.current;
    before.current = {base, count};
    if (!element) return;
    if (follow) element.scrollTop = element.scrollHeight;
    else if (base !== old.base && old.count > 0 && element.scrollTop > 0) element.scrollTop += (old.base - base) * rowHeight * (element.scrollHeight / Math.max(1, count * rowHeight));
    look();
  }, [base, count, follow, rowHeight, look]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!jump || !element) return;
    element.scrollTop = scrollTo(jump.row - base, count, rowHeight, element.clientHeight, jump.align);
    look();
  }, [jump?.turn]);

  const {first, last, height, place} = follow ? windowOf(count, rowHeight, endOf(count, rowHeight, at.view), at.view, 1) : windowOf(count, rowHeight, at.top, at.view);
  useEffect(() => onView?.(base + first, base + last), [base, first, last]);
  const onKey = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(at.view / rowHeight) - 1);
    const from = chosen === null ? null : chosen - base;
    const target = {ArrowUp: (from ?? count) - 1, ArrowDown: (from ?? -1) + 1, PageUp: (from ?? count) - page, PageDown: (from ?? 0) + page, Home: 0, End: count - 1}[event.key];
    if (target !== undefined && count > 0) {
      event.preventDefault();
      const next = Math.max(0, Math.min(count - 1, target));
      onChoose(base + next);
      const element = box.current;
      const y = place(next) - at.top;
      if (element && (y < 0 || y + rowHeight > at.view)) element.scrollTop = scrollTo(next, count, rowHeight, at.view, y < 0 ? 0 : 1);
    } else if (event.key === 'Escape' && chosen !== null) {
      event.stopPropagation();
      onChoose(null);
    } else if (chosen !== null && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const act = {Enter: onOpen, x: onMark}[event.key];
      if (!act) return;
      event.preventDefault();
      act(chosen);
    }
  };
  const onClick = (event: MouseEvent, number: number) => {
    if (getSelection()?.toString()) return;
    if (onMark && (event.target as Element).closest('[data-mark]')) onMark(number);
    else if (onOpen) onOpen(number);
    else onChoose(number === chosen ? null : number);
  };
  // As many elements as fit, each for every so-manyth row: scrolling moves and refills them.
  const slots = Math.max(1, Math.ceil(at.view / rowHeight) + 26);
  const shown = [];
  for (let index = first; index < last; index++) {
    const number = base + index;
    shown.push(
      <div key={((number % slots) + slots) % slots} id={`${label}-${number}`.replaceAll(' ', '-')} role="option" aria-selected={number === chosen} aria-setsize={count} aria-posinset={index + 1} data-row={number}
        className={`vrow ${rowClass?.(number) ?? ''}`} style={{height: rowHeight, transform: `translateY(${place(index)}px)`}} onClick={(event) => onClick(event, number)}>
        {row(number)}
      </div>,
    );
  }
  return (
    <div ref={box} className="vrows" role="listbox" aria-label={label} tabIndex={0} data-testid={testId} aria-activedescendant={chosen !== null && chosen - base >= first && chosen - base < last ? `${label}-${chosen}`.replaceAll(' ', '-') : undefined} onKeyDown={onKey} onScroll={onScroll}>
      <div role="presentation" className="vrows-all" style={{height}}>{shown}</div>
    </div>
  );
}

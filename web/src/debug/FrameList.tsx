// The frames, only those in view in the page, and the whole of the chosen one beside them.
import {useVirtualizer} from '@tanstack/react-virtual';
import {type KeyboardEvent, useEffect, useRef, useState} from 'react';
import type {Frame} from '../live/wire';
import {locale} from '../messages/language';
import {t} from '../messages/en/debug';
import {copy} from '../ui/clipboard';
import {bytes, number, safe} from '../ui/format';

const arrows = {in: '↓', out: '↑', note: '·'};
const words = {get in() { return t.receivedWord; }, get out() { return t.sentWord; }, note: 'note'};
const clock = (at: number) => {
  const time = new Date(at);
  return `${time.toLocaleTimeString(locale())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
};
const missedText = ([from, to]: [number, number]) => (from === to ? t.missedOne(from) : t.missed(to - from + 1, from, to));

export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // not JSON: as it is
  }
}

function Line({frame}: {frame: Frame}) {
  return (
    <>
      <time>{clock(frame.at)}</time>
      <span className={`frame-way way-${frame.direction}`}><span aria-hidden="true">{arrows[frame.direction]}</span><span className="sr">{words[frame.direction]}</span></span>
      <span className="frame-seq">{frame.seq ?? ''}</span>
      <span className="frame-type">{frame.type}</span>
      <span className="frame-late">{frame.late === null ? '' : `${Math.max(0, frame.late)} ms`}</span>
      {frame.missed && <span className="frame-missed">{missedText(frame.missed)}</span>}
      {frame.again && <span className="frame-again">{t.again}</span>}
      <span className="frame-text">{safe(frame.text.slice(0, 400))}</span>
    </>
  );
}

function Whole({frame, onClose}: {frame: Frame; onClose(): void}) {
  return (
    <section className="frame-whole" aria-label={t.frame}>
      <p className="bar"><strong className="mono">{frame.type}</strong> <span className="muted">{words[frame.direction]} {clock(frame.at)}, {bytes(frame.text.length)}{frame.seq !== null && t.number(frame.seq)}{frame.late !== null && t.afterMade(Math.max(0, frame.late))}</span>
        <button type="button" className="button small end" onClick={() => void copy(frame.text, t.frameCopied)}>{t.copyFrame}</button><button type="button" className="icon-button" aria-label={t.closeFrame} onClick={onClose}>×</button></p>
      {frame.missed && <p className="tone-warn">{missedText(frame.missed)}</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="mono" tabIndex={0}>{safe(pretty(frame.text))}</pre>
    </section>
  );
}

interface Props {frames: Frame[]; older: number; onOlder(): void}

export function FrameList({frames, older, onOlder}: Props) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({count: frames.length, getScrollElement: () => box.current, estimateSize: () => 22, overscan: 8, getItemKey: (index) => frames[index].n});
  const refocus = useRef(false); // on a phone the list is only there again after the frame is gone
  useEffect(() => {
    if (chosen === null && refocus.current) box.current?.focus();
    refocus.current = false;
  }, [chosen]);
  const last = frames.at(-1)?.n;
  useEffect(() => {
    if (follow && frames.length > 0) rows.scrollToIndex(frames.length - 1, {align: 'end'});
  }, [last, follow, frames.length === 0]);
  const at = chosen === null ? -1 : frames.findIndex((frame) => frame.n === chosen);
  const choose = (index: number) => {
    const frame = frames[Math.max(0, Math.min(frames.length - 1, index))];
    if (!frame) return;
    setChosen(frame.n);
    setFollow(false);
    rows.scrollToIndex(frames.indexOf(frame));
  };
  const onKey = (event: KeyboardEvent) => {
    const from = at < 0 ? frames.length : at;
    const target = {ArrowUp: from - 1, ArrowDown: from + 1, PageUp: from - 10, PageDown: from + 10, Home: 0, End: frames.length - 1}[event.key];
    if (target !== undefined) {
      event.preventDefault();
      choose(target);
    } else if (event.key === 'Escape' && chosen !== null) {
      event.stopPropagation();
      setChosen(null);
    }
  };
  const onScroll = () => {
    const element = box.current;
    if (element) setFollow(element.scrollHeight - element.scrollTop - element.clientHeight < 24);
  };
  return (
    <div className="frames">
      <div className="frames-left">
        {older > 0 && <button type="button" className="button small older" onClick={() => { setFollow(false); onOlder(); }}>{t.showOlder(number(older))}</button>}
        {frames.length === 0 ? <p className="empty">{t.noFrameFits}</p> : (
          <div ref={box} className="frames-box mono" role="listbox" aria-label={t.framesName} data-testid="frames" tabIndex={0} aria-activedescendant={at < 0 ? undefined : `frame-${chosen}`} onKeyDown={onKey} onScroll={onScroll}>
            <div role="presentation" style={{height: rows.getTotalSize(), position: 'relative'}}>
              {rows.getVirtualItems().map((row) => {
                const frame = frames[row.index];
                return (
                  <div key={row.key} id={`frame-${frame.n}`} role="option" aria-selected={frame.n === chosen} aria-setsize={frames.length} aria-posinset={row.index + 1} data-type={frame.type} data-direction={frame.direction}
                    className={`frame ${frame.type === 'gap' || frame.type === 'error' || frame.type === 'unreadable' ? 'frame-bad' : ''}`} style={{transform: `translateY(${row.start}px)`}} onClick={() => setChosen(frame.n === chosen ? null : frame.n)}>
                    <Line frame={frame} />
                  </div>
                );
              })}
            </div>
          </div>
        )}
        {!follow && frames.length > 0 && <button type="button" className="button small newest" onClick={() => setFollow(true)}>{t.toNewest}</button>}
      </div>
      {at >= 0 && <Whole frame={frames[at]} onClose={() => { refocus.current = true; setChosen(null); }} />}
    </div>
  );
}

// The time range of all charts: a preset, or from one moment to another. A zoom is left by the button beside it.
import {useEffect, useRef, useState} from 'react';
import {useSearchParams} from 'wouter';
import {t} from '../messages/en/time';
import {isChosen, presets, spanOf, textOf} from './range';
import {rememberedRange, useRange} from './useRange';

const local = (ms: number) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export default function RangeControl() {
  const {choice, set, zoom, zoomedIn} = useRange();
  const [search] = useSearchParams();
  const menu = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(['', '']);
  const [fault, setFault] = useState('');
  const close = () => menu.current?.hidePopover();
  // The address of every page says the range one has chosen, so that it can be sent to somebody.
  const missing = !isChosen(search) && rememberedRange();
  useEffect(() => { if (missing) set(missing); }, [missing, set]);
  const opened = () => {
    const {from, to} = spanOf(choice, Date.now());
    setDraft([local(from), local(to)]);
    setFault('');
  };
  const apply = () => {
    const [from, to] = draft.map((one) => new Date(one).getTime());
    if (!(from < to)) return setFault(t.endAfter);
    set({from, to});
    close();
  };
  return (
    <>
      {zoomedIn && <button type="button" className="button quiet small" onClick={() => zoom(null)}>{t.leaveZoom}</button>}
      <button type="button" className="button quiet range-button" popoverTarget="range-menu" aria-label={t.rangeIs(textOf(choice))}><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 4.5V8l2.5 1.8" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" /></svg><span>{textOf(choice)}</span></button>
      <div ref={menu} id="range-menu" popover="auto" className="menu" role="dialog" aria-label={t.range} onBeforeToggle={(event) => { if (event.newState === 'open') opened(); }}>
        <div role="group" aria-label={t.presets}>{presets.map((last) => <button key={last} type="button" className="menu-item" aria-pressed={'last' in choice && choice.last === last} onClick={() => { set({last}); close(); }}>{textOf({last})}</button>)}</div>
        <form className="range-custom" aria-label={t.custom} onSubmit={(event) => { event.preventDefault(); apply(); }}>
          <label>{t.from} <input type="datetime-local" required value={draft[0]} onChange={(event) => setDraft([event.target.value, draft[1]])} /></label>
          <label>{t.to} <input type="datetime-local" required value={draft[1]} onChange={(event) => setDraft([draft[0], event.target.value])} /></label>
          <p className="fault" role="alert">{fault}</p>
          <button type="submit" className="button">{t.apply}</button>
        </form>
      </div>
    </>
  );
}

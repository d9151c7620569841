// All of a trace in little, over its waterfall and on its time axis: what is shown is a window in it that is drawn, moved and resized,
// by the mouse and by keys.
import {type KeyboardEvent, memo, type PointerEvent, useEffect, useRef, useState} from 'react';
import {t} from '../messages/en/chart';
import {onTheme} from '../ui/theme';
import {afterKey, drawn, type Grip, moved, partOf, type Range} from './brush';
import {drawMinimap} from './minimapDraw';
import {type Span, took} from './spans';
import {useWidth} from './useWidth';
import {axisOf} from './waterfallDraw';
import './chart.css';

interface Props {title: string; spans: Span[]; extent: Range; zoom: Range | null; height?: number; onZoom(zoom: Range | null): void}
interface Drag {grip: Grip | 'new'; at: number; part: Range}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const grips = ['part', 'from', 'to'] as const;

export default memo(function Minimap({title, spans, extent, zoom, height = 44, onZoom}: Props) {
  const [box, width] = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag | null>(null);
  const [theme, setTheme] = useState(0);
  const part = zoom ?? extent;
  const axis = axisOf(width, ...extent);
  useEffect(() => onTheme(() => setTheme((turn) => turn + 1)), []);
  useEffect(() => {
    if (canvas.current && width > 0) drawMinimap(canvas.current, spans, extent, width, height, colour);
  }, [spans, extent[0], extent[1], width, height, theme]);

  const put = (next: Range) => onZoom(partOf(extent, next));
  const timeOf = (event: PointerEvent) => axis.at(event.clientX - (box.current?.getBoundingClientRect().left ?? 0));
  const onDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const held = (event.target as HTMLElement).dataset.grip as Grip | undefined;
    // The whole cannot be moved: pressed there, a part begins.
    drag.current = {grip: held && (zoom || held !== 'part') ? held : 'new', at: timeOf(event), part};
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    const at = timeOf(event);
    if (from.grip !== 'new') put(moved(extent, from.part, from.grip, at - from.at));
    else if (Math.abs(axis.x(at) - axis.x(from.at)) >= 3) put(drawn(extent, from.at, at)); // a click is no part
  };
  const onKey = (grip: Grip) => (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = event.key === '0' || (event.key === 'Escape' && zoom) ? extent : afterKey(extent, part, grip, event.key, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    put(next);
  };
  const since = (at: number) => Math.round((at - extent[0]) * 1000) / 1000;
  const shown = t.shownPart(took(part[0] - extent[0]), took(part[1] - extent[0]));
  const place = {part: {left: axis.x(part[0]), width: Math.max(2, axis.x(part[1]) - axis.x(part[0]))}, from: {left: axis.x(part[0])}, to: {left: axis.x(part[1])}};
  return (
    <div ref={box} className="chart-box heat-box minimap" style={{height}} role="group" aria-label={t.minimapOf(title)} data-zoomed={zoom !== null} onPointerDown={onDown} onPointerMove={onMove} onPointerUp={() => { drag.current = null; }} onPointerCancel={() => { drag.current = null; }} onDoubleClick={() => onZoom(null)}>
      <canvas ref={canvas} aria-hidden="true" />
      {width > 0 && grips.map((grip) => (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div key={grip} role="slider" tabIndex={0} data-grip={grip} className={grip === 'part' ? 'time-part minimap-part' : 'minimap-grip'} style={place[grip]} aria-label={t.grips[grip]} onKeyDown={onKey(grip)}
          aria-valuemin={0} aria-valuemax={since(extent[1])} aria-valuenow={since(grip === 'to' ? part[1] : part[0])} aria-valuetext={shown} />
      ))}
    </div>
  );
});

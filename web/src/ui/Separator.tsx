// A bar between two parts that can be dragged, and moved by arrow keys (ARIA window splitter). `toward` says in which
// direction the part it belongs to grows.
import {type KeyboardEvent, type PointerEvent, useRef} from 'react';
import {t} from '../messages/en/ui';

export const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(Math.max(least, most), value));

// The size after a key, or null for a key that means nothing here.
export function sizeAfterKey(key: string, large: boolean, toward: 'left' | 'up', size: number, least: number, most: number): number | null {
  const [grow, shrink] = toward === 'left' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  const step = large ? 80 : 16;
  if (key === grow) return clamp(size + step, least, most);
  if (key === shrink) return clamp(size - step, least, most);
  if (key === 'Home') return least;
  if (key === 'End') return Math.max(least, most);
  return null;
}

interface Props {label: string; controls: string; toward: 'left' | 'up'; size: number; least: number; most: number; usual: number; onSize(size: number): void}

export function Separator({label, controls, toward, size, least, most, usual, onSize}: Props) {
  const start = useRef<{at: number; size: number} | null>(null);
  const shown = clamp(size, least, most);
  const place = (event: PointerEvent) => (toward === 'left' ? event.clientX : event.clientY);
  const onKey = (event: KeyboardEvent) => {
    const next = sizeAfterKey(event.key, event.shiftKey, toward, shown, least, most);
    if (next === null) return;
    event.preventDefault();
    onSize(next);
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <div role="separator" tabIndex={0} className={`separator toward-${toward}`} aria-label={label} aria-controls={controls} aria-orientation={toward === 'left' ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(shown)} aria-valuemin={least} aria-valuemax={Math.round(Math.max(least, most))} aria-valuetext={t.pixels(Math.round(shown))}
      onKeyDown={onKey} onDoubleClick={() => onSize(clamp(usual, least, most))}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); start.current = {at: place(event), size: shown}; event.preventDefault(); event.currentTarget.focus(); }}
      onPointerMove={(event) => { if (start.current) onSize(clamp(start.current.size + start.current.at - place(event), least, most)); }}
      onPointerUp={() => { start.current = null; }} onPointerCancel={() => { start.current = null; }} />
  );
}

// How many lines when, warnings and errors apart; a click, or Enter on a bar chosen by the arrow keys, leads to that moment.
import {type KeyboardEvent, useState} from 'react';
import {t} from '../messages/en/logs';
import {clockText, dayText, minuteText} from '../ui/moment';
import type {Histogram} from './types';

export function HistogramBar({histogram, onJump}: {histogram: Histogram | null; onJump(time: number): void}) {
  const [at, setAt] = useState<number | null>(null);
  if (!histogram) return <div className="log-histogram" aria-hidden="true" />;
  const {from, to, all, warnings, errors} = histogram;
  const most = Math.max(1, ...all);
  const step = (to - from) / all.length;
  const path = (counts: number[], below?: number[]) => counts.map((count, bar) => {
    const low = below?.[bar] ?? 0;
    // A single error among thousands is seen: no bar is lower than a pixel.
    return count > 0 ? `M${bar} ${40 - (40 * low) / most}v${-Math.max(1.5, (40 * count) / most)}` : '';
  }).join('');
  const said = (bar: number) => t.histogramBar(clockText(from + bar * step).slice(0, 8), all[bar], errors[bar] ? t.errors(errors[bar]) : '', warnings[bar] ? t.warnings(warnings[bar]) : '');
  const onKey = (event: KeyboardEvent) => {
    const next = {ArrowLeft: (at ?? all.length) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: all.length - 1}[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(all.length - 1, next)));
    } else if (event.key === 'Enter' && at !== null) onJump(from + at * step);
  };
  const wide = to - from > 86_400_000;
  const edge = (ms: number) => (wide ? `${dayText(ms)} ${minuteText(ms)}` : clockText(ms).slice(0, 8));
  return (
    <div className="log-histogram" role="slider" tabIndex={0} aria-label={t.overTime} aria-valuemin={0} aria-valuemax={all.length - 1} aria-valuenow={at ?? all.length - 1} aria-valuetext={said(at ?? all.length - 1)} data-testid="log-histogram"
      onKeyDown={onKey} onBlur={() => setAt(null)} onPointerMove={(event) => { const {left, width} = event.currentTarget.getBoundingClientRect(); setAt(Math.max(0, Math.min(all.length - 1, Math.floor(((event.clientX - left) / width) * all.length)))); }} onPointerLeave={() => setAt(null)} onClick={() => at !== null && onJump(from + at * step)}>
      <svg viewBox={`-0.5 0 ${all.length} 40`} preserveAspectRatio="none" aria-hidden="true">{at !== null && <path className="bar-here" d={`M${at} 40V0`} />}<path className="bar-all" d={path(all)} /><path className="bar-warning" d={path(warnings, errors)} /><path className="bar-error" d={path(errors)} /></svg>
      <p aria-hidden="true"><span>{edge(from)}</span><b>{at === null ? '' : said(at)}</b><span>{edge(to)}</span></p>
    </div>
  );
}

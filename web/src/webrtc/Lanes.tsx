// The lanes over the charts, on the same time axis: spans and marks, with the cursor of the charts.
import {memo} from 'react';
import {axisRoom as gutter, edgeRoom as edge} from '../chart/model';
import {t} from '../messages/en/connection';
import {clustered, type Lane} from './lanes';

const tall = 20;

const roomOf = (width: number) => Math.max(1, width - gutter - edge);
export const placeOf = (at: number, from: number, to: number, width: number) => gutter + (roomOf(width) * (at - from)) / Math.max(0.001, to - from);
// Null beside the time axis.
export function momentAt(x: number, from: number, to: number, width: number): number | null {
  return x < gutter || x > width - edge ? null : from + ((x - gutter) * (to - from)) / roomOf(width);
}

interface Props {lanes: Lane[]; from: number; to: number; width: number}

export const Lanes = memo(function Lanes({lanes, from, to, width}: Props) {
  const room = roomOf(width);
  const x = (at: number) => placeOf(at, from, to, width);
  const inside = (at: number) => Math.max(gutter, Math.min(gutter + room, x(at)));
  return (
    <svg className="lanes" width={width} height={lanes.length * tall} role="img" aria-label={t.lanesSaid(lanes.map((lane) => `${t.lanes[lane.name]} ${lane.spans.length + lane.marks.length}`).join(', '))}>
      {lanes.map((lane, row) => {
        const top = row * tall;
        const marks = clustered(lane.marks.filter((mark) => mark.at >= from && mark.at <= to), x, 8);
        // A mark where a span begins stands before its word.
        const indent = (left: number) => marks.reduce((most, mark) => (Math.abs(x(mark.at) - left) < 12 ? Math.max(most, x(mark.at) - left + (mark.count > 1 ? 22 : 9)) : most), 10);
        return (
          <g key={lane.name} data-lane={lane.name}>
            <path d={`M0 ${top + tall - 0.5}H${width}`} className="lane-line" />
            <text x={0} y={top + 14} className="lane-name">{t.lanes[lane.name]}</text>
            {lane.spans.filter((span) => span.to >= from && span.from <= to).map((span, index) => {
              const left = inside(span.from);
              const wide = Math.max(1.5, inside(span.to) - left);
              const word = indent(left);
              const high = Math.round((tall - 6) * (span.level ?? 1));
              return (
                <g key={index} className={`tone-${span.tone}`}>
                  <rect x={left} y={top + tall - 3 - high} width={wide} height={high} className={`span span-${span.tone}`}><title>{span.label}</title></rect>
                  {wide > span.label.length * 6.4 + word + 8 && <text x={left + word} y={top + 14} className="span-label">{span.label}</text>}
                </g>
              );
            })}
            {marks.map((mark, index, all) => (
              <g key={index} className={`mark-at tone-${mark.tone}`} transform={`translate(${x(mark.at).toFixed(1)} ${top + tall / 2})`}>
                <title>{mark.label}</title>
                <path d={mark.tone === 'down' ? 'M-4-4h8v8h-8z' : mark.tone === 'warn' ? 'M0-5L5 4H-5z' : 'M0-4L4 0 0 4-4 0z'} className="mark-glyph" />
                {mark.count > 1 && (index + 1 === all.length || x(all[index + 1].at) - x(mark.at) > 22) && <text x={7} y={4} className="lane-name">{mark.count}</text>}
              </g>
            ))}
          </g>
        );
      })}
    </svg>
  );
});

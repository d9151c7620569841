// The last sixty checks: a bar each, height by response time, a failed one in full height and colour.
import {memo} from 'react';
import type {CheckPoint} from '../api/types';
import {t} from '../messages/en/fleet';

export const Sparkline = memo(function Sparkline({points, width = 120, height = 22, fluid = false}: {points: CheckPoint[]; width?: number; height?: number; fluid?: boolean}) {
  const shown = points.slice(-60);
  const top = Math.max(10, ...shown.filter((point) => point.ok).map((point) => point.ms));
  const step = width / 60;
  const failed = shown.filter((point) => !point.ok).length;
  return (
    <svg className="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio={fluid ? 'none' : undefined} role="img" aria-label={t.sparkline(shown.length, failed, Math.round(top))}>
      <path d={`M0 ${height - 0.5}H${width}`} className="spark-base" />
      {shown.map((point, index) => {
        const tall = point.ok ? Math.max(2, (point.ms / top) * (height - 2)) : height - 1;
        return <rect key={point.time + index} className={point.ok ? 'spark-ok' : 'spark-bad'} x={width - (shown.length - index) * step + 0.3} y={height - tall} width={Math.max(1, step - 0.7)} height={tall} />;
      })}
    </svg>
  );
});

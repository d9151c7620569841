// The lanes and six charts on one time axis: one crosshair for all, dragging one of them zooms all, a double click shows everything
// again. What happened to the picture and what people did are marks in every chart.
import {useEffect, useMemo, useState} from 'react';
import Chart from '../chart/Chart';
import {followCrosshair, pointAt} from '../chart/crosshair';
import {useWidth} from '../chart/useWidth';
import {t} from '../messages/en/connection';
import {locale} from '../messages/language';
import {chartsOf, type Lane, markersOf, type Series} from './lanes';
import {Lanes, momentAt, placeOf} from './Lanes';

const height = 96;

interface Props {series: Series; lanes: Lane[]; from: number; to: number; onZoom(range: [number, number] | null): void}

export default function TimelineCharts({series, lanes, from, to, onZoom}: Props) {
  const [box, width] = useWidth();
  const [moment, setMoment] = useState<number | null>(null);
  const charts = useMemo(() => chartsOf(series), [series]);
  const markers = useMemo(() => markersOf(lanes), [lanes]);
  useEffect(() => followCrosshair(box, setMoment), []);
  const point = (next: number | null) => { setMoment(next); pointAt(box, next); };
  const shown = moment !== null && moment >= from && moment <= to;
  const place = shown ? placeOf(moment, from, to, width) : 0;
  return (
    <div ref={box} className="timeline" data-samples={series.at.length} role="group" aria-label={t.oneAxis}>
      {width > 0 && (
        <>
          {/* The crosshair by keys is that of the charts. */}
          <div onPointerMove={(event) => point(momentAt(event.clientX - event.currentTarget.getBoundingClientRect().left, from, to, width))} onPointerLeave={() => point(null)}><Lanes lanes={lanes} from={from} to={to} width={width} /></div>
          {shown && <div className="lane-cursor" style={{height: lanes.length * 20, transform: `translateX(${place.toFixed(1)}px)`}}><span className={place > width - 110 ? 'flip' : ''}>{new Date(moment * 1000).toLocaleTimeString(locale())}</span></div>}
          {charts.map((chart) => <Chart key={chart.title} {...chart} at={series.at} from={from} to={to} height={height} ends={false} markers={markers} onZoom={onZoom} />)}
        </>
      )}
    </div>
  );
}

// The same connections as cards, worst first: for a glance, and for a phone. A row of cards at a time is in the page.
import {useVirtualizer} from '@tanstack/react-virtual';
import {memo, useEffect, useRef, useState} from 'react';
import {endWord, renditionWord} from '../messages/en/streams';
import {t} from '../messages/en/webrtc';
import {fixed, milliseconds, safe} from '../ui/format';
import {bitrate} from './format';
import {Health} from './Health';
import type {Row} from './rows';
import {StateWord} from './StateWord';

const shown = (value: number | null, text: (value: number) => string) => (value === null ? '–' : text(value));

const Card = memo(function Card({row, chosen, onOpen}: {row: Row; chosen: boolean; onOpen(id: string): void}) {
  const figures: [string, string][] = [
    [t.picture, row.size ? `${row.size}${row.fps === null ? '' : `, ${t.fps(fixed(row.fps, 0))}`}` : '–'], [t.columns.rate, shown(row.rate, bitrate)], [t.columns.loss, shown(row.loss, (value) => `${fixed(value, 1)} %`)],
    [t.columns.trip, milliseconds(row.trip)], [t.columns.jitter, milliseconds(row.jitter)], [t.columns.buffer, milliseconds(row.buffer)],
  ];
  const sentence = safe(row.open || row.failed ? row.sentence : endWord(row.sentence));
  return (
    <li className="stream-card" data-selected={chosen}>
      <div className="stream-card-head"><StateWord state={row.state} failed={row.failed} /><Health health={row.health} sentence={row.sentence} /></div>
      <button type="button" className="link" title={row.id} onClick={() => onOpen(row.id)}>{safe(row.source)}{row.rendition && <small> {renditionWord(row.rendition)}</small>}</button>
      <p className="sub clip" title={sentence}>{sentence || row.id}</p>
      <dl>{figures.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </li>
  );
});

const least = 232;
const tall = 160;

export function ConnectionWall({rows, chosen, onOpen}: {rows: Row[]; chosen: string; onOpen(id: string): void}) {
  const box = useRef<HTMLDivElement>(null);
  const [across, setAcross] = useState(1);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setAcross(Math.max(1, Math.floor((element.clientWidth - 4) / least))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const list = useVirtualizer({count: Math.ceil(rows.length / across), getScrollElement: () => box.current, estimateSize: () => tall, overscan: 3});
  return (
    <div ref={box} className="wall connections" role="region" aria-label={t.connections} tabIndex={0}>
      <div style={{height: list.getTotalSize(), position: 'relative'}}>
        {list.getVirtualItems().map((item) => (
          <ul key={item.key} className="wall-row" aria-label={t.connectionsFrom(item.index * across + 1, Math.min(rows.length, (item.index + 1) * across))} style={{transform: `translateY(${item.start}px)`, gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))`}}>
            {rows.slice(item.index * across, (item.index + 1) * across).map((row) => <Card key={row.id} row={row} chosen={row.id === chosen} onOpen={onOpen} />)}
          </ul>
        ))}
      </div>
    </div>
  );
}

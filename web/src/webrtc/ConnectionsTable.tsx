// Every connection, worst first or by a column; only the rows in view are in the page, so that thousands stay smooth.
import {useVirtualizer} from '@tanstack/react-virtual';
import {memo, type MouseEvent, useEffect, useRef} from 'react';
import {endWord, renditionWord} from '../messages/en/streams';
import {t} from '../messages/en/webrtc';
import {fixed, milliseconds, safe} from '../ui/format';
import {useKeys} from '../ui/keys';
import {usePrefs} from '../ui/prefs';
import {Ago} from '../ui/Time';
import {CloseButton} from './actions';
import {bitrate} from './format';
import {Health} from './Health';
import type {Column, Row, Sort} from './rows';
import {StateWord} from './StateWord';

const columns: {by: Column; num?: boolean; minor?: boolean | 'less'}[] = [
  {by: 'state'}, {by: 'health'}, {by: 'score', num: true, minor: 'less'}, {by: 'id'}, {by: 'source'}, {by: 'rendition', minor: 'less'}, {by: 'rate', num: true}, {by: 'loss', num: true}, {by: 'trip', num: true}, {by: 'jitter', num: true, minor: true},
  {by: 'fps', num: true, minor: true}, {by: 'buffer', num: true, minor: true}, {by: 'actor', minor: true}, {by: 'peer', minor: true}, {by: 'since'},
];
const titleOf = (column: Column) => (t.columnTitles as Partial<Record<Column, string>>)[column];
const shown = (value: number | null, text: (value: number) => string) => (value === null ? '–' : text(value));

interface LineProps {row: Row; index: number; chosen: boolean; onOpen(id: string): void}
const Line = memo(function Line({row, index, chosen, onOpen}: LineProps) {
  const open = (event: MouseEvent) => { event.stopPropagation(); onOpen(row.id); };
  return (
    <tr className="row" aria-rowindex={index + 2} data-row={row.id} data-selected={chosen} onClick={open}>
      <td><StateWord state={row.state} failed={row.failed} /></td>
      <td><Health health={row.health} sentence={row.sentence} /></td>
      <td className="num less">{shown(row.score, (value) => fixed(value, 0))}</td>
      <th scope="row"><button type="button" title={row.id} className="link mono" onClick={open}>{row.id}</button></th>
      <td className="source" title={safe(row.source)}>{safe(row.source)}{row.connection.role === 'publisher' && <small className="muted"> {t.published}</small>}</td>
      <td className="less">{renditionWord(row.rendition) || '–'}</td>
      <td className="num">{shown(row.rate, bitrate)}</td>
      <td className="num">{shown(row.loss, (value) => `${fixed(value, 1)} %`)}</td>
      <td className="num">{milliseconds(row.trip)}</td>
      <td className="num minor">{milliseconds(row.jitter)}</td>
      <td className="num minor">{shown(row.fps, (value) => fixed(value, 0))}</td>
      <td className="num minor">{milliseconds(row.buffer)}</td>
      <td className="minor">{safe(row.actor)}</td>
      <td className="mono minor">{safe(row.peer)}</td>
      <td><Ago time={row.connection.created_at} /></td>
      <td>{row.open ? <CloseButton connection={row.connection} /> : <span className="muted">{safe(endWord(row.connection.close_reason ?? ''))}</span>}</td>
    </tr>
  );
});

interface Props {rows: Row[]; sort: Sort; chosen: string; onSort(column: Column): void; onOpen(id: string): void}

export function ConnectionsTable({rows, sort, chosen, onSort, onOpen}: Props) {
  const box = useRef<HTMLDivElement>(null);
  const height = usePrefs().density === 'compact' ? 29 : 37;
  const list = useVirtualizer({count: rows.length, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12, getItemKey: (index) => rows[index].id});
  useEffect(() => list.measure(), [height]);
  const items = list.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = list.getTotalSize() - (items.at(-1)?.end ?? 0);
  const step = (by: number) => {
    const here = rows.findIndex((row) => row.id === document.activeElement?.closest<HTMLElement>('tr[data-row]')?.dataset.row);
    const next = Math.max(0, Math.min(rows.length - 1, here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by));
    if (rows.length === 0) return;
    list.scrollToIndex(next);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(rows[next].id)}"] .link`)?.focus());
  };
  useKeys({j: () => step(1), k: () => step(-1)});
  return (
    <div ref={box} className="table-wrap connections" role="region" aria-label={t.connections} tabIndex={0}>
      <table className="grid" aria-rowcount={rows.length + 1}>
        <caption className="sr">{t.caption(sort.by === 'worst')}</caption>
        <thead><tr aria-rowindex={1}>
          {columns.map((column) => {
            const here = sort.by === column.by;
            return <th key={column.by} scope="col" className={`${column.num ? 'num' : ''}${column.minor === 'less' ? ' less' : column.minor ? ' minor' : ''}`} aria-sort={here ? (sort.down ? 'descending' : 'ascending') : undefined}><button type="button" className="sort" title={titleOf(column.by)} onClick={() => onSort(column.by)}>{t.columns[column.by]}<span aria-hidden="true">{here ? (sort.down ? ' ↓' : ' ↑') : ''}</span></button></th>;
          })}
          <th scope="col"><span className="sr">{t.actions}</span></th>
        </tr></thead>
        <tbody>
          {above > 0 && <tr aria-hidden="true" className="room"><td colSpan={16} style={{height: above}} /></tr>}
          {items.map((item) => <Line key={item.key} row={rows[item.index]} index={item.index} chosen={rows[item.index].id === chosen} onOpen={onOpen} />)}
          {below > 0 && <tr aria-hidden="true" className="room"><td colSpan={16} style={{height: below}} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

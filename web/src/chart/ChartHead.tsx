// The head of a chart that is not one of lines: its name, its own controls, and the same as a table, as CSV and as PNG.
import type {ReactNode} from 'react';
import {t} from '../messages/en/chart';
import {download, fileName} from '../ui/download';
import {toast} from '../ui/toast';

interface Props {title: string; table: boolean; onTable(on: boolean): void; csv(): string; picture?(): Promise<Blob>; children?: ReactNode}

export function ChartHead({title, table, onTable, csv, picture, children}: Props) {
  return (
    <figcaption className="chart-head">
      <strong>{title}</strong>
      <span className="chart-names">{children}</span>
      <span className="chart-tools">
        <button type="button" aria-pressed={table} onClick={() => onTable(!table)} aria-label={t.asTable(title)}>{t.table}</button>
        <button type="button" onClick={() => download(fileName(title, 'csv'), csv())} aria-label={t.asCsv(title)}>CSV</button>
        {picture && <button type="button" disabled={table} onClick={() => picture().then((blob) => download(fileName(title, 'png'), blob), (fault: Error) => toast('down', fault.message))} aria-label={t.asPng(title)}>PNG</button>}
      </span>
    </figcaption>
  );
}

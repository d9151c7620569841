// One line whole: its text wrapped, its fields, the lines around it whatever the filter, and a link to it.
import {useEffect, useState} from 'react';
import {Link} from 'wouter';
import {get} from '../api/client';
import type {LogLine} from '../api/types';
import {SideDrawer} from '../list/SideDrawer';
import {t} from '../messages/en/logs';
import {copy} from '../ui/clipboard';
import {safe} from '../ui/format';
import {clockText, momentText} from '../ui/moment';
import {fieldsOf, plainText, spansOf, visible} from './text';
import type {LogSource} from './source';
import type {Row} from './types';

export const around = 20;
export const rowOfLine = (line: LogLine): Row => ({server: line.server, seq: line.log_seq, time: Date.parse(line.time), stream: line.stream, level: line.level, text: line.message});

// From what the page holds, else from the server.
function useContext(source: LogSource, server: string, seq: number) {
  const [found, setFound] = useState<{key: string; rows: Row[]} | null>(null);
  const [fault, setFault] = useState('');
  const key = `${server}:${seq}`;
  useEffect(() => {
    let here = true;
    setFault('');
    const put = (rows: Row[]) => { if (here) setFound({key, rows}); };
    void source.ask<Row[] | null>({kind: 'context', server, seq, around}).then(async (rows) => {
      if (rows) return put(rows);
      try {
        put((await get<{items: LogLine[]}>(`/api/logs?around=${encodeURIComponent(key)}&limit=${2 * around}`)).items.map(rowOfLine));
      } catch (error) {
        if (here) setFault((error as Error).message);
      }
    });
    return () => { here = false; };
  }, [source, key]);
  return {rows: found?.key === key ? found.rows : null, fault};
}

export function LineDrawer({source, server, seq, onClose, onLine, onFilter}: {source: LogSource; server: string; seq: number; onClose(): void; onLine(server: string, seq: number): void; onFilter(text: string): void}) {
  const {rows, fault} = useContext(source, server, seq);
  const row = rows?.find((one) => one.server === server && one.seq === seq);
  const fields = row && fieldsOf(row.text);
  const link = `${location.origin}/logs?line=${encodeURIComponent(`${server}:${seq}`)}`;
  return (
    <SideDrawer title={row ? clockText(row.time) : t.line} onClose={onClose}>
      {fault && <p className="fault" role="alert">{fault}</p>}
      {row && <>
        <p className={`lead level-${row.level}`}><b className="log-level">{row.level}</b> <Link href={`/servers/${encodeURIComponent(row.server)}?tab=logs`}>{safe(row.server)}</Link> <span className="muted">{row.stream}, {momentText(row.time)}</span></p>
        <div className="bar"><button type="button" className="button small" onClick={() => void copy(link, t.linkCopied)}>{t.copyLink}</button><button type="button" className="button small" onClick={() => void copy(plainText(row.text), t.lineCopied)}>{t.copyLine}</button></div>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre className="mono block log-whole" tabIndex={0}>{spansOf(row.text).map((span, at) => <span key={at} className={span.className}>{span.text}</span>)}</pre>
        {fields && <><h3>{t.fields}</h3><dl className="facts">{Object.entries(fields.all).map(([name, value]) => { const text = typeof value === 'string' ? value : JSON.stringify(value); return <div key={name}><dt className="mono">{visible(name)}</dt><dd className="mono">{visible(text)} <button type="button" className="button small quiet" onClick={() => onFilter(text)}>{t.searchThis}</button></dd></div>; })}</dl></>}
        <h3>{t.around} <small className="muted">{t.aroundText}</small></h3>
        <ol className="plain log-context mono">{rows?.map((one) => <li key={`${one.server}:${one.seq}`} className={`level-${one.level}`} aria-current={one === row}><button type="button" onClick={() => onLine(one.server, one.seq)}><time>{clockText(one.time)}</time> <span className="log-server">{safe(one.server)}</span> {plainText(one.text.slice(0, 300))}</button></li>)}</ol>
      </>}
    </SideDrawer>
  );
}

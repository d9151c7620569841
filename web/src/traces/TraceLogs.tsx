// What the servers said meanwhile; a line leads to the log viewer.
import {Link} from 'wouter';
import type {LogLine} from '../api/types';
import {took} from '../chart/spans';
import {plainText} from '../logs/text';
import {t} from '../messages/en/traces';
import {safe} from '../ui/format';
import {clockText} from '../ui/moment';
import {most} from './useTraceLogs';

const shownLength = 300;
export const keyOf = ({server, log_seq}: LogLine) => `${server}:${log_seq}`;
export const addressOfLine = (key: string) => `/logs?line=${encodeURIComponent(key)}`;

// `began`: the moment the trace's first span began, UNIX ms.
export function TraceLogs({servers, began, found, error}: {servers: string[]; began: number; found: {lines: LogLine[]; cut: boolean} | null; error: string}) {
  return (
    <div>
      <h2>{t.logLines}</h2>
      {servers.length === 0 ? <p className="muted">{t.noServer}</p> : <p className="muted">{t.logLinesOf(servers.map(safe).join(', '))}{found?.cut && ` ${t.moreLines(most)}`}</p>}
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {servers.length > 0 && !error && (!found ? <p className="muted" role="status">{t.reading}</p> : found.lines.length === 0 ? <p className="muted">{t.noLines}</p> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="table-wrap chart-table" role="region" aria-label={t.logLines} tabIndex={0}>
          <table className="grid"><thead><tr><th scope="col">{t.time}</th><th scope="col" className="num">{t.after}</th><th scope="col">{t.level}</th>{servers.length > 1 && <th scope="col">{t.server}</th>}<th scope="col">{t.message}</th></tr></thead>
            <tbody>{found.lines.map((line) => <tr key={keyOf(line)} className={`level-${line.level}`}><td className="mono"><time dateTime={line.time}>{clockText(Date.parse(line.time))}</time></td><td className="num">{took(Date.parse(line.time) - began)}</td><td className="log-level">{line.level}</td>{servers.length > 1 && <td>{safe(line.server)}</td>}<th scope="row" className="mono trace-line"><Link href={addressOfLine(keyOf(line))}>{plainText(line.message.slice(0, shownLength))}</Link></th></tr>)}</tbody></table>
        </div>
      ))}
    </div>
  );
}

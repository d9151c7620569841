// One line in the list.
import {memo} from 'react';
import {safe} from '../ui/format';
import {clockText} from '../ui/moment';
import {fieldsOf, marked, spansOf, visible} from './text';
import type {Row} from './types';

const shownLength = 600; // of a row; the panel has all of it

function Text({text, needle, regular}: {text: string; needle: string; regular: boolean}) {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  const fields = cut === text ? fieldsOf(text) : null;
  if (fields && !needle) return <>{visible(fields.message)}{fields.rest.slice(0, 8).map(([name, value]) => <span key={name} className="log-field"><i>{visible(name)}=</i>{visible(value.slice(0, 80))}</span>)}</>;
  if (cut.includes('\u001b')) return <>{spansOf(cut).map((span, at) => <span key={at} className={span.className}>{span.text}</span>)}</>;
  return <>{marked(visible(cut), needle, regular).map((part, at) => (part.hit ? <mark key={at}>{part.text}</mark> : part.text))}</>;
}

export const LogRow = memo(function LogRow({row, showServer, needle, regular}: {row: Row | undefined; showServer: boolean; needle: string; regular: boolean}) {
  if (!row) return <span className="muted">…</span>;
  return <><time>{clockText(row.time)}</time><span className="log-level">{row.level}</span>{showServer && <span className="log-server">{safe(row.server)}</span>}<span className="log-stream">{row.stream}</span><span className="log-text"><Text text={row.text} needle={needle} regular={regular} /></span></>;
});

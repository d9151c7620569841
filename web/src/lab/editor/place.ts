// Where in a YAML document one writes: the path of keys that lead there, whether it is a key or a value, what is typed so far. Block
// style only, by indentation; inside a block of text or a flow collection there is no such place.
export type Path = (string | number)[]; // a number stands for any element of a list
export interface Place {path: Path; value: string | null; typed: string; from: number; indent: number; siblings: string[]}

interface Line {dashes: number[]; column: number; key: string | null; rest: string; blank: boolean}
const keyed = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#:][^#:]*?)\s*:(?:\s+(.*))?$/;

export function readLine(text: string): Line {
  let column = text.length - text.trimStart().length;
  const dashes: number[] = [];
  while (text[column] === '-' && (text[column + 1] === ' ' || text[column + 1] === undefined)) {
    dashes.push(column++);
    while (text[column] === ' ') column++;
  }
  const body = text.slice(column).trimEnd();
  const match = keyed.exec(body);
  const blank = dashes.length === 0 && (body === '' || body.startsWith('#'));
  return {dashes, column, key: match ? match[1].replace(/^["']|["']$/g, '') : null, rest: match ? (match[2] ?? '').replace(/\s+#.*$/, '') : body, blank};
}

// The keys and lists around a column, from the line above `row` upwards. Null inside a block of text.
function pathAbove(lines: Line[], row: number, start: number, ofDash: boolean): Path | null {
  const path: Path = [];
  let column = start;
  let dash = ofDash; // looking for the key that owns a list: that may stand in the same column
  for (let at = row - 1; at >= 0 && (column > 0 || dash); at--) {
    const line = lines[at];
    if (line.blank) continue;
    if (line.key !== null && (line.column < column || (dash && line.column === column && line.dashes.length === 0))) {
      if (/^[|>]/.test(line.rest)) return null;
      path.unshift(line.key);
      column = line.column;
      dash = false;
    }
    for (const place of [...line.dashes].reverse())
      if (place < column) {
        path.unshift(0);
        column = place;
        dash = true;
      }
  }
  return path;
}

function siblingsOf(lines: Line[], row: number, column: number): string[] {
  const out: string[] = [];
  const walk = (step: 1 | -1) => {
    for (let at = row + step; at >= 0 && at < lines.length; at += step) {
      const line = lines[at];
      if (line.blank) continue;
      const first = line.dashes[0] ?? line.column;
      if (line.column < column || (step > 0 && first < column)) return;
      if (line.column === column && line.key !== null) out.push(line.key);
      if (first < column) return; // the line its list element begins with
    }
  };
  if (lines[row].dashes.length === 0) walk(-1);
  walk(1);
  return out;
}

export function placeAt(text: string, offset: number): Place | null {
  const begin = text.lastIndexOf('\n', offset - 1) + 1;
  const rows = text.split('\n');
  const row = text.slice(0, begin).split('\n').length - 1;
  const here = text.slice(begin, offset);
  if (/(^|\s)#/.test(here) || /[[{]/.test(here)) return null;
  const lines = rows.map(readLine);
  const line = readLine(here);
  lines[row] = {...line, blank: false};
  const path = pathAbove(lines, row, line.dashes[0] ?? line.column, line.dashes.length > 0);
  if (!path) return null;
  for (const _ of line.dashes) path.push(0);
  const value = /^([^\s:]+):\s(.*)$/.exec(here.slice(line.column));
  if (value) return {path: [...path, value[1]], value: value[1], typed: value[2], from: offset - value[2].length, indent: line.column, siblings: []};
  const typed = here.slice(line.column);
  if (typed.includes(':')) return null;
  return {path, value: null, typed, from: offset - typed.length, indent: line.column, siblings: siblingsOf(lines, row, line.column)};
}

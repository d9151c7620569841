import type {LogLine} from '../api/types';

// Earlier lines and those that arrived since, each once, in the order of their times.
export function merged(earlier: LogLine[], live: LogLine[]): LogLine[] {
  const key = (line: LogLine) => `${line.server}\n${line.log_seq}`;
  const here = new Set(live.map(key));
  const old = earlier.filter((line) => !here.has(key(line)));
  return old.length === 0 ? live : [...old, ...live].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.log_seq - b.log_seq));
}

// Log lines, many of them: only what is in view is in the page. Level, text or regular expression; follows the end until one
// scrolls up.
import {useVirtualizer} from '@tanstack/react-virtual';
import {useEffect, useMemo, useRef, useState} from 'react';
import type {LogLine} from '../api/types';
import {safe} from '../ui/format';

const levels = ['debug', 'info', 'notice', 'warning', 'error'];

function matcher(text: string, regular: boolean): ((line: LogLine) => boolean) | null {
  if (!text) return () => true;
  if (!regular) return (line) => line.message.toLowerCase().includes(text.toLowerCase()) || line.server.includes(text);
  try {
    const pattern = new RegExp(text, 'i');
    return (line) => pattern.test(line.message);
  } catch {
    return null;
  }
}

export function LogViewer({lines, showServer}: {lines: LogLine[]; showServer: boolean}) {
  const [text, setText] = useState('');
  const [regular, setRegular] = useState(false);
  const [least, setLeast] = useState('debug');
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const matches = matcher(text, regular);
  const shown = useMemo(() => (matches ? lines.filter((line) => levels.indexOf(line.level) >= levels.indexOf(least) && matches(line)) : []), [lines, lines.length, text, regular, least]);
  const rows = useVirtualizer({count: shown.length, getScrollElement: () => box.current, estimateSize: () => 20, overscan: 20});
  useEffect(() => {
    if (follow && shown.length > 0) rows.scrollToIndex(shown.length - 1, {align: 'end'});
  }, [shown.length, follow]);
  return (
    <div className="log">
      <div className="bar">
        <input type="search" aria-label="Search the log" placeholder="Search" value={text} onChange={(event) => setText(event.target.value)} aria-invalid={!matches} />
        <label className="check"><input type="checkbox" checked={regular} onChange={(event) => setRegular(event.target.checked)} /> Regex</label>
        <select aria-label="Least level" value={least} onChange={(event) => setLeast(event.target.value)}>{levels.map((level) => <option key={level}>{level}</option>)}</select>
        <label className="check"><input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} /> Follow</label>
        <button type="button" className="button small" onClick={() => void navigator.clipboard.writeText(shown.map((line) => `${line.time} ${line.level} ${line.server} ${line.message}`).join('\n'))}>Copy</button>
        <span className="muted">{shown.length} lines</span>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={box} className="log-box mono" data-testid="log-viewer" role="log" aria-label="Log" tabIndex={0} onWheel={(event) => event.deltaY < 0 && setFollow(false)}>
        <div style={{height: rows.getTotalSize(), position: 'relative'}}>
          {rows.getVirtualItems().map((row) => {
            const line = shown[row.index];
            return (
              <div key={row.key} className={`log-line level-${line.level}`} style={{transform: `translateY(${row.start}px)`}}>
                <time>{line.time.slice(11, 23)}</time><span className="log-level">{line.level}</span>{showServer && <span className="log-server">{line.server}</span>}<span className="log-stream">{line.stream}</span><span className="log-text" title={safe(line.message)}>{safe(line.message)}</span>
              </div>
            );
          })}
        </div>
        {shown.length === 0 && <p className="muted">{matches ? 'No lines.' : 'The expression is not valid.'}</p>}
      </div>
    </div>
  );
}

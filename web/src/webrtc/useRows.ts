// What the page draws of the live store: who is there at once (the next frame), figures and order four times a second, which is as
// fast as they can be read. However many events come, a row is made anew only for a connection that changed.
import {useEffect, useMemo, useState} from 'react';
import {live} from '../live/store';
import {type Row, rowsOf, type Sort} from './rows';

const figuresMs = 250;

export function useConnectionVersion(): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let turns = live.connectionTurns;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      last = performance.now();
      turns = live.connectionTurns;
      setVersion((old) => old + 1);
    };
    const stop = live.subscribe(() => {
      const wait = last + figuresMs - performance.now();
      // A crowd that comes at once is figures too: every frame would be too often for a long list.
      if ((live.connectionTurns !== turns && live.connections.size < 300) || wait <= 0) show();
      else timer ??= setTimeout(show, wait);
    });
    show();
    return () => { stop(); clearTimeout(timer); };
  }, []);
  return version;
}

export function useRows(query: string, state: string, sort: Sort): {rows: Row[]; version: number} {
  const version = useConnectionVersion();
  const rows = useMemo(() => rowsOf(live.connections.values(), query, state, sort), [version, query, state, sort.by, sort.down]);
  return {rows, version};
}

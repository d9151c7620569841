// A part of the page that is loaded before it is asked for and drawn at once when it is. Not by Suspense: what suspends, be it
// loaded long ago, React may hold back for 300 ms after another part has appeared, and what is typed meanwhile goes elsewhere.
import {useCallback, useEffect, useState} from 'react';
import {toast} from '../ui/toast';

const idleMs = 1000; // after the first page

export function usePart<T>(load: () => Promise<{default: T}>, wanted: boolean): T | null {
  const [part, setPart] = useState<T | null>(null);
  const read = useCallback(() => load().then((module) => setPart(() => module.default)), [load]);
  useEffect(() => {
    const timer = setTimeout(() => void read().catch(() => undefined), idleMs); // it is tried again, and said, when it is wanted
    return () => clearTimeout(timer);
  }, [read]);
  useEffect(() => {
    if (wanted && !part) read().catch((fault: Error) => toast('down', fault.message));
  }, [wanted, part, read]);
  return part;
}

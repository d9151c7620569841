// How wide an element is, now and whenever it changes. `drawn`: a value that changes when the element is another one.
import {type RefObject, useEffect, useRef, useState} from 'react';

export function useWidth(drawn: unknown = true): [RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, [drawn]);
  return [box, width];
}

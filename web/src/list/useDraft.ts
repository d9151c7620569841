// A field whose value is in the address: typing waits until one stops; the address follows then.
import {useEffect, useState} from 'react';

export function useDraft(value: string, put: (value: string) => void): [string, (value: string) => void] {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  useEffect(() => {
    if (draft === value) return;
    const timer = setTimeout(() => put(draft), 250);
    return () => clearTimeout(timer);
  }, [draft]);
  return [draft, setDraft];
}

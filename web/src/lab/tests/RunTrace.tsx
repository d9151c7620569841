// A run over time: what ran when, and what each failed case asked.
import {useMemo} from 'react';
import Waterfall from '../../chart/Waterfall';
import {safe} from '../../ui/format';
import type {Run} from '../types';
import {traceOf} from './trace';

export default function RunTrace({run, onOpen}: {run: Run; onOpen(id: string): void}) {
  const spans = useMemo(() => traceOf(run), [run]);
  return (
    <div className="panel">
      <Waterfall title={`Run of ${safe(run.suite)}`} spans={spans} onOpen={onOpen} height={560} />
      <p className="muted hint">Cases as they ran, and of those that failed their requests until the answer, as the messages came and went. Of cases that passed the messages are not kept; with several attempts only the case is drawn.</p>
    </div>
  );
}

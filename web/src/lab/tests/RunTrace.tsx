// A run over time: what ran when, and what each failed case asked.
import {useMemo} from 'react';
import Waterfall from '../../chart/Waterfall';
import {t} from '../../messages/en/tests';
import {safe} from '../../ui/format';
import type {Run} from '../types';
import {traceOf} from './trace';

export default function RunTrace({run, onOpen}: {run: Run; onOpen(id: string): void}) {
  const spans = useMemo(() => traceOf(run), [run]);
  return (
    <div className="panel">
      <Waterfall title={t.runOf(safe(run.suite))} spans={spans} onOpen={onOpen} height={560} />
      <p className="muted hint">{t.traceText}</p>
    </div>
  );
}

// One trace in the list.
import {memo} from 'react';
import {t} from '../messages/en/traces';
import {milliseconds, safe} from '../ui/format';
import {clockText, dayText, momentText} from '../ui/moment';
import {OutcomeMark} from './OutcomeMark';
import {durationOf, outcomeOf} from './outcome';
import type {TraceItem} from './types';

// `scale`: the least and the most the bar can show, by their logarithm as in the chart above.
export const shareOf = (ms: number, [least, most]: [number, number]) => Math.max(0.01, Math.min(1, Math.log(Math.max(ms, least) / least) / Math.log(most / least)));

export const TraceRow = memo(function TraceRow({item, today, picked, scale}: {item: TraceItem; today: string; picked: boolean; scale: [number, number]}) {
  const at = Date.parse(item.start_time);
  const day = dayText(at);
  const took = durationOf(item);
  return (
    <>
      <span className={picked ? 'select tone-info' : 'select tone-quiet'} data-mark data-picked={picked} title={t.pick}><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d={picked ? 'M2.5 2.5h11v11h-11zM5 8.2l2 2L11 6' : 'M2.5 2.5h11v11h-11z'} fill="none" stroke="currentColor" strokeWidth="1.4" /></svg>{picked && <span className="sr">{t.picked}</span>}</span>
      <time dateTime={item.start_time} title={momentText(at)}>{day === today ? '' : `${day} `}{clockText(at).slice(0, 8)}</time>
      <span className="trace-what"><b className="mono">{safe(item.operation)}</b> {safe(item.subject)} {item.detail && <span className="mono">{safe(item.detail)}</span>}</span>
      <span className="trace-who">{safe(item.actor)}</span>
      <span className="trace-took">{took !== null && <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width={100 * shareOf(took, scale)} height="6" /></svg>}<span>{milliseconds(took)}</span></span>
      <span className="trace-counts">{took !== null && t.counts(item.operations, item.spans)}</span>
      <OutcomeMark outcome={outcomeOf(item)} />
    </>
  );
});

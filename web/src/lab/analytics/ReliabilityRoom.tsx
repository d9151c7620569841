// The reliability score of each server, day by day, with the parts it is made of: the number alone says little.
import {lazy, Suspense, useMemo} from 'react';
import {analytics as english, t} from '../../messages/en/analytics';
import {useMarkers} from '../../overview/useMarkers';
import {useList} from '../../server/useList';
import {fixed, milliseconds, safe} from '../../ui/format';
import {ListState} from '../Room';
import {type Choice, spanOf} from '../../time/range';
import {useRange} from '../../time/useRange';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import {mostLines} from '../../chart/model';
import type {ScorePart, ServerScore} from './types';

const Chart = lazy(() => import('../../chart/Chart'));
const twoDays = 2 * 86_400_000;
const valueOf = ({name, value}: ScorePart) => (value === null ? t.nothingKnown : name === 'latency' ? milliseconds(value) : name === 'stability' ? fixed(value, 1) : `${fixed(100 * value, 2)} %`);
const scoreOf = (score: number | null) => (score === null ? '–' : fixed(score, 0));
const toneOf = (score: number | null) => (score === null ? 'muted' : score >= 90 ? 'tone-ok' : score >= 60 ? 'tone-warn' : 'tone-down');

function Days({servers, start, end}: {servers: ServerScore[]; start: string; end: string}) {
  const shown = servers.slice(0, mostLines);
  const days = useMemo(() => [...new Set(shown.flatMap((one) => one.days.map(({day}) => day)))].sort(), [servers]);
  const at = useMemo(() => days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000), [days]);
  const lines = shown.map((one) => ({name: one.server, values: days.map((day) => one.days.find((each) => each.day === day)?.score ?? null)}));
  const markers = useMarkers(Date.parse(start));
  return <Suspense fallback={<div className="plot-room" />}><Chart markers={markers} id={english.scoreByDay(days.length)} title={t.scoreByDay(days.length)} from={Date.parse(start) / 1000} to={Date.parse(end) / 1000} at={at} lines={lines} /></Suspense>;
}

export function ReliabilityRoom() {
  const [at] = useSearch();
  const {choice} = useRange();
  const {from, to} = spanOf(choice, Date.now());
  const asked: Choice = to - from < twoDays ? {last: '30d'} : choice; // a score of hours says little
  const {data, error, reload} = useList<{start: string; end: string; items: ServerScore[]}>(`/api/analytics/reliability?${queryOf(asked, at('server'))}`);
  return (
    <>
      <Filter />
      <ListState data={data?.items} error={error} reload={reload} empty={t.nothingChecked} />
      {data && data.items.length > 0 && <>
        <Days servers={data.items} start={data.start} end={data.end} />
        <div className="table-wrap" role="region" aria-label={t.reliability} tabIndex={0}><table className="grid"><caption className="sr">{t.reliabilityCaption}</caption><thead><tr><th scope="col">{t.server}</th><th scope="col" className="num">{t.score}</th>{data.items[0].parts.map((part) => <th key={part.name} scope="col" className="num">{t.parts[part.name]}<span className="sub">{t.ofPoints(part.weight)}</span></th>)}<th scope="col" className="num">{t.days}</th></tr></thead>
          <tbody>{data.items.map((one) => <tr key={one.server} className="row" data-testid={`reliability-${one.server}`}><th scope="row">{safe(one.server)}</th><td className={`num ${toneOf(one.score)}`}>{scoreOf(one.score)}</td>{one.parts.map((part) => <td key={part.name} className="num">{part.points === null ? '–' : fixed(part.points, 1)}<span className="sub">{valueOf(part)}</span></td>)}<td className="num">{one.days.length}</td></tr>)}</tbody></table></div>
        <p className="muted hint">{t.scoreHint}</p></>}
    </>
  );
}

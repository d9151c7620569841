// Before and after a moment: one that was typed, or a change that Telltale saw.
import {useState} from 'react';
import {t} from '../../messages/en/analytics';
import {locale} from '../../messages/language';
import {useList} from '../../server/useList';
import {spanOf} from '../../time/range';
import {useRange} from '../../time/useRange';
import {fixed, milliseconds, safe, significant} from '../../ui/format';
import {ListState} from '../Room';
import {useSearch} from '../useSearch';
import {Filter, queryOf} from './Filter';
import {changeWord} from './series';
import type {ChangeMarker, Effect, Listed, Side} from './types';

const longest = 7 * 86_400_000;
const percent = (share: number) => `${fixed(100 * share, share > 0 && share < 0.1 ? 1 : 0)} %`;
// Changes of the last 30 days that audit and journal know of.
function Changes({server, chosen, onChoose}: {server: string; chosen: string; onChoose(time: string): void}) {
  const {data} = useList<{items: ChangeMarker[]}>(`/api/analytics/changes?range=30d&limit=50${server && `&server=${encodeURIComponent(server)}`}`);
  if (!data || data.items.length === 0) return null;
  return (
    <details open={!chosen} data-testid="changes"><summary>{(data.items.length === 50 ? t.lastChanges : t.changesOfMonth)(data.items.length)}</summary>
      <ul className="plain">{data.items.map((one) => <li key={`${one.time} ${one.server} ${one.what}`}><button type="button" className="link" aria-pressed={one.time === chosen} onClick={() => onChoose(one.time)}>{new Date(one.time).toLocaleString(locale())}</button> {one.server ? safe(one.server) : t.theFleet}: {changeWord(one.what)}</li>)}</ul></details>
  );
}

const tones = {slower: 'down', faster: 'ok', more: 'down', fewer: 'ok', cannot_tell: 'idle'};
const isVerdict = (verdict: string): verdict is keyof typeof tones => verdict in tones;
function Verdict({verdict, detail}: {verdict: string; detail: string}) {
  const [word, tone] = isVerdict(verdict) ? [t.verdicts[verdict], tones[verdict]] : [verdict, 'idle'];
  return <span className={`tone-${tone}`} title={detail}>{tone === 'down' ? '▲ ' : tone === 'ok' ? '▼ ' : ''}{word}</span>;
}
const sides = (before: Side, after: Side, pick: (side: Side) => string) => `${pick(before)} → ${pick(after)}`;
const local = (time: Date) => new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function EffectRoom() {
  const [at, put] = useSearch();
  const {choice} = useRange();
  const {from, to} = spanOf(choice, Date.now());
  const seconds = Math.round(Math.min(to - from, longest) / 1000); // so long before and after
  const [draft, setDraft] = useState(() => local(at('at') ? new Date(at('at')) : new Date(Date.now() - 3_600_000)));
  const asked = at('at');
  const {data, error, reload} = useList<Listed<Effect>>(asked ? `/api/analytics/compare?${queryOf({last: `${seconds}s`}, at('server'), {at: asked})}` : null);
  const order = (one: Effect) => (one.latency.verdict === 'cannot_tell' ? 1 : 0) + (one.errors.verdict === 'cannot_tell' ? 1 : 0);
  return (
    <>
      <Filter>
        <form className="bar" onSubmit={(event) => { event.preventDefault(); if (draft) put({at: new Date(draft).toISOString()}); }}><label>{t.moment} <input type="datetime-local" value={draft} onChange={(event) => setDraft(event.target.value)} /></label><button type="submit" className="button primary">{t.compare}</button></form>
      </Filter>
      <Changes server={at('server')} chosen={asked} onChoose={(time) => { setDraft(local(new Date(time))); put({at: time}); }} />
      {!asked && <p className="empty">{t.sayWhen}</p>}
      {asked && <ListState data={data?.items} error={error} reload={reload} empty={t.noCallsAround} />}
      {asked && data && data.items.length > 0 && <div className="table-wrap" role="region" aria-label={t.rooms.change} tabIndex={0}><table className="grid"><caption className="sr">{t.compared(new Date(asked).toLocaleString(locale()))}</caption><thead><tr><th scope="col">{t.tool}</th><th scope="col">{t.server}</th><th scope="col">{t.latencyHead}</th><th scope="col">{t.failures}</th><th scope="col" className="num">p50</th><th scope="col" className="num">p95</th><th scope="col" className="num">{t.failed}</th><th scope="col" className="num">{t.calls}</th></tr></thead>
        <tbody>{[...data.items].sort((a, b) => order(a) - order(b)).map((one) => <tr key={`${one.server}/${one.tool}`} className="row"><th scope="row" className="mono">{safe(one.tool)}</th><td>{safe(one.server)}</td><td><Verdict verdict={one.latency.verdict} detail={t.delta(fixed(one.latency.cliffs_delta, 2), significant(one.latency.p, 2))} /></td><td><Verdict verdict={one.errors.verdict} detail={t.proportions(percent(one.errors.difference), significant(one.errors.p, 2))} /></td><td className="num">{sides(one.before, one.after, (side) => milliseconds(side.p50_ms))}</td><td className="num">{sides(one.before, one.after, (side) => milliseconds(side.p95_ms))}</td><td className="num">{sides(one.before, one.after, (side) => percent(side.error_rate))}</td><td className="num">{sides(one.before, one.after, (side) => String(side.calls))}</td></tr>)}</tbody></table></div>}
      {data?.truncated && <p className="muted">{t.truncated}</p>}
    </>
  );
}

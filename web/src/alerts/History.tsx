// What fired, the newest first, page by page.
import {useState} from 'react';
import {get} from '../api/client';
import {ListState} from '../lab/Room';
import {t} from '../messages/en/alerts';
import {useList} from '../server/useList';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {SeverityBadge} from './SeverityBadge';
import type {Alert} from './types';
import {lasting} from './rehearsed';


interface Page {items: Alert[]; next_cursor: string | null}

export function History() {
  const [range, setRange] = useState('7d');
  const path = `/api/alerts/history?range=${range}&limit=50`;
  const first = useList<Page>(path);
  const [more, setMore] = useState<{of: string; pages: Page[]}>({of: path, pages: []});
  const pages = [...(first.data ? [first.data] : []), ...(more.of === path ? more.pages : [])];
  const items = first.data ? pages.flatMap((page) => page.items) : undefined;
  const cursor = pages.at(-1)?.next_cursor;
  const older = () => void get<Page>(`${path}&cursor=${cursor}`).then((page) => setMore((old) => ({of: path, pages: [...(old.of === path ? old.pages : []), page]})), (error: Error) => toast('down', error.message));
  return (
    <>
      <div className="bar"><label>{t.ofTheLast} <select className="select" value={range} onChange={(event) => setRange(event.target.value)}><option value="1d">{t.day}</option><option value="7d">{t.sevenDays}</option><option value="30d">{t.thirtyDays}</option><option value="365d">{t.year}</option></select></label></div>
      <ListState data={items} error={first.error} reload={first.reload} empty={t.nothingFired} />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label={t.historyOfAlerts} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.alert}</th><th scope="col">{t.severity}</th><th scope="col">{t.rule}</th><th scope="col">{t.firedAt}</th><th scope="col">{t.lasted}</th><th scope="col">{t.acknowledged}</th></tr></thead>
        <tbody>{items.map((one) => <tr key={one.id} className="row"><th scope="row">{safe(one.summary)}</th><td><SeverityBadge severity={one.severity} /></td><td>{safe(one.name)}</td><td><Ago time={one.fired_at} /></td><td>{one.resolved_at ? lasting((Date.parse(one.resolved_at) - Date.parse(one.fired_at)) / 1000) : <span className="tone-down">{t.stillFires}</span>}</td><td>{one.acknowledged_by ? `${safe(one.acknowledged_by)}${one.note ? `: ${safe(one.note)}` : ''}` : '–'}</td></tr>)}</tbody></table></div>}
      {cursor && <button type="button" className="button" onClick={older}>{t.older}</button>}
    </>
  );
}

// What the lab's rooms have in common: the head, and the states a list can be in. A room one may not enter says so and why.
import './lab.css';
import type {ReactNode} from 'react';
import {Link, useSearch} from 'wouter';
import {whyNot} from '../api/client';
import {t} from '../messages/en/lab';
import {safe} from '../ui/format';

export interface RoomTab {path: string; label: string}
interface Props {title: string; permission: string; tabs?: RoomTab[]; here?: string; actions?: ReactNode; children: ReactNode}

export function Room({title, permission, tabs, here, actions, children}: Props) {
  const search = useSearch();
  const why = whyNot(permission);
  if (why) return <div className="page lab"><h1>{title}</h1><section className="empty"><h2>{t.notYours(title)}</h2><p>{t.whoCanGive(why)}</p></section></div>;
  return (
    <div className="page lab">
      <div className="bar room-head"><h1>{title}</h1><span className="end" />{actions}</div>
      {tabs && <nav className="tabs room-tabs" aria-label={title}>{tabs.map(({path, label}) => <Link key={path} href={search ? `${path}?${search}` : path} aria-current={path === here ? 'page' : undefined}>{label}</Link>)}</nav>}
      {children}
    </div>
  );
}

// Before there is a list: it is read, it could not be read, it is empty. Null once there is something to show.
export function ListState({data, error, empty, reload}: {data: readonly unknown[] | null | undefined; error: string; empty: ReactNode; reload?: () => void}) {
  if (error) return <section className="empty" role="alert"><p className="fault">{safe(error)}</p>{reload && <button type="button" className="button" onClick={reload}>{t.tryAgain}</button>}</section>;
  if (!data) return <p className="empty" role="status">{t.reading}</p>;
  return data.length === 0 ? <div className="empty">{empty}</div> : null;
}

// How the fleet is defined, how it came to be so, what differs between any two versions, and back to one of them.
import {useState} from 'react';
import {get, request, whyNot} from '../api/client';
import type {JsonObject} from '../api/types';
import {TextDiff} from '../lab/tests/DiffView';
import {useSearch} from '../lab/useSearch';
import {t} from '../messages/en/settings';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {download} from '../ui/download';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';

interface Change {name: string; kind: 'added' | 'changed' | 'removed'; origin: string}
interface Version {version: number; time: string; actor: string; cause: string; changes: Change[]}
type Servers = Record<string, {origin: string; definition: JsonObject}>;
interface Restored {added: string[]; changed: string[]; removed: string[]; left: string[]}

const causes: Record<string, string> = {get start() { return t.causeStart; }, get file() { return t.causeRead; }, get create() { return t.causeAdded; }, get update() { return t.causeChanged; }, get delete() { return t.causeRemoved; }};
const causeText = (cause: string) => causes[cause] ?? (cause.startsWith('restore ') ? t.backTo(cause.slice(8)) : cause);
const textOf = (servers: Servers) => JSON.stringify(servers, null, 2);

function Compare({from, to, hidden}: {from: number; to: number; hidden: string[]}) {
  const before = useList<{servers: Servers}>(from ? `/api/fleet/versions/${from}` : null);
  const after = useList<{servers: Servers}>(`/api/fleet/versions/${to}`);
  const fault = before.error || after.error;
  if (fault) return <p className="fault" role="alert">{fault}</p>;
  if (!after.data || (from && !before.data)) return <p className="muted">{t.reading}</p>;
  const [old, now] = [from ? textOf(before.data?.servers ?? {}) : '{}', textOf(after.data.servers)];
  return <>{old === now ? <p className="muted">{hidden.length > 0 ? t.onlyHiddenDiffer(hidden.join(', ')) : t.nothingDiffers}</p> : <TextDiff before={old} after={now} label={t.fromTo(from, to)} />}</>;
}

export default function Configuration() {
  const why = whyNot('fleet:define');
  const [read, put] = useSearch();
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState(0);
  const now = useList<{file: string; servers: Servers}>(why ? null : '/api/fleet/configuration', turn);
  const list = useList<{items: Version[]; next_cursor: string | null}>(why ? null : '/api/fleet/versions?limit=500', turn);
  if (why) return <p className="empty">{t.configurationHidden(why)}</p>;
  const versions = list.data?.items ?? [];
  const newest = versions[0]?.version ?? 0;
  const [from, to] = [Number(read('from_version')) || 0, Number(read('to_version')) || 0];
  const restore = (version: number, undo = true) => {
    setBusy(version);
    request<Restored>(`/api/fleet/versions/${version}/restore`, {method: 'POST', body: {}, wait: 300}).then(
      ({body}) => {
        const done = body.added.length + body.changed.length + body.removed.length;
        toast('ok', `${done === 0 ? t.nothingToChange : t.restored(done, version)}${body.left.length ? t.leftAsFile(body.left.join(', ')) : ''}.`, undo && done > 0 ? {label: t.undo, run: () => restore(newest, false)} : undefined, 10_000);
        setTurn((old) => old + 1);
      },
      (error: Error) => { toast('down', t.asItWas(error.message)); setTurn((old) => old + 1); },
    ).finally(() => setBusy(0));
  };
  const save = async (version?: number) => {
    try {
      const servers = version ? (await get<{servers: Servers}>(`/api/fleet/versions/${version}`)).servers : (now.data?.servers ?? {});
      download(`fleet-${version ?? newest}.json`, JSON.stringify({mcpServers: Object.fromEntries(Object.entries(servers).map(([name, one]) => [name, one.definition]))}, null, 2), 'application/json');
    } catch (error) {
      toast('down', (error as Error).message);
    }
  };
  const changed = versions.filter(({version}) => version > from && version <= to).flatMap(({changes}) => changes.map(({name}) => name));
  return (
    <>
      <div className="bar"><p className="muted">{now.data && <>{t.serverCount(Object.keys(now.data.servers).length)}; {now.data.file ? <>{t.fleetFileIs} <code>{safe(now.data.file)}</code></> : t.noFleetFile}{t.secretsHidden}</>}</p><button type="button" className="button end" disabled={!now.data} onClick={() => void save()}>{t.downloadConfiguration}</button></div>
      {(now.error || list.error) && <p className="fault" role="alert">{now.error || list.error}</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      {now.data && <details><summary>{t.configurationNow}</summary><pre className="mono block" tabIndex={0}>{safe(textOf(now.data.servers))}</pre></details>}
      <h2>{t.versions}</h2>
      <div className="table-wrap" role="region" aria-label={t.versions} tabIndex={0}>
        <table className="grid cards">
          <thead><tr><th scope="col">{t.version}</th><th scope="col">{t.when}</th><th scope="col">{t.who}</th><th scope="col">{t.what}</th><th scope="col">{t.compare}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
          <tbody>{versions.map(({version, time, actor, cause, changes}, at) => (
            <tr key={version} className="row" data-testid={`version-${version}`}>
              <th scope="row">{version}{version === newest && <span className="chip">{t.now}</span>}</th><td><Ago time={time} /></td><td>{safe(actor)}</td>
              <td>{causeText(cause)}<span className="sub">{changes.slice(0, 6).map(({name, kind}) => `${kind === 'added' ? '+' : kind === 'removed' ? '−' : '±'}${safe(name)}`).join(' ')}{changes.length > 6 && t.andMore(changes.length - 6)}</span></td>
              <td className="compare"><label><input type="radio" name="from_version" aria-label={t.fromVersion(version)} checked={from === version} onChange={() => put({from_version: String(version), to_version: String(to || newest)})} /> {t.from}</label> <label><input type="radio" name="to_version" aria-label={t.toVersion(version)} checked={to === version} onChange={() => put({to_version: String(version), from_version: String(from || (versions[at + 1]?.version ?? version))})} /> {t.to}</label></td>
              <td><div className="row-buttons"><button type="button" className="button small" aria-label={t.changesOf(version)} onClick={() => put({from_version: String(versions[at + 1]?.version ?? 0), to_version: String(version)})}>{t.changes}</button><ActionButton why={version === newest ? t.soNow : busy ? t.restoreUnderWay : ''} className="button small" aria-label={t.restoreVersion(version)} onClick={() => restore(version)}>{busy === version ? t.restoring : t.restore}</ActionButton></div></td>
            </tr>))}</tbody>
        </table>
        {list.data && versions.length === 0 && <p className="empty">{t.noVersion}</p>}
      </div>
      {to > 0 && <section aria-label={t.differenceName}><h2>{t.difference(from ? t.versionNumber(from) : t.nothing, to)} <button type="button" className="button small" onClick={() => put({from_version: '', to_version: ''})}>{t.close}</button></h2><Compare key={`${from} ${to}`} from={from} to={to} hidden={[...new Set(changed)]} /></section>}
    </>
  );
}

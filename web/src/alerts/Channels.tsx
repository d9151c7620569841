// Where alerts are told, what became of the last one; and how this browser tells them.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {useHeard} from '../live/store';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {BrowserSettings} from './BrowserSettings';
import {ChannelForm} from './ChannelForm';
import type {Channel} from './types';

const where = (one: Channel) => (one.kind === 'email' ? one.to.join(', ') : one.kind === 'browser' ? 'every browser that is logged in' : one.secret_url);
const kindWord: Record<Channel['kind'], string> = {browser: 'Browser', email: 'E-mail', webhook: 'Webhook', slack: 'Slack'};

function Outcome({channel}: {channel: Channel}) {
  if (!channel.enabled) return <span className="muted">off</span>;
  if (channel.error) return <span className="tone-down" title={safe(channel.error)}>failed <Ago time={channel.failed_at} />: {safe(channel.error)}</span>;
  if (channel.delivered_at) return <span className="tone-ok">delivered <Ago time={channel.delivered_at} /></span>;
  return <span className="muted">nothing told yet</span>;
}

export function Channels() {
  const list = useList<{items: Channel[]}>('/api/alerts/channels');
  const [edited, setEdited] = useState<{channel: Channel | null} | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const why = whyNot('alerts:channels');
  useHeard('alert_delivery', list.reload);
  const test = (one: Channel) => void request(`/api/alerts/channels/${one.id}/test`, {method: 'POST', body: {}, wait: 150}).then(() => toast('ok', `${one.name} took the test.`), (error: Error) => toast('down', `${one.name}: ${error.message}`)).then(list.reload);
  const askDelete = (one: Channel) => setQuestion({title: `Delete the channel ${one.name}?`, text: 'Nobody is told there any more.', action: 'Delete channel', run: async () => { await request(`/api/alerts/channels/${one.id}`, {method: 'DELETE'}); list.reload(); }});
  const items = list.data?.items;
  return (
    <>
      <div className="bar"><p className="muted">A rule that names no channel tells all of them.</p><ActionButton className="button primary end" why={why} onClick={() => setEdited({channel: null})}>New channel</ActionButton></div>
      <ListState data={items} error={list.error} reload={list.reload} empty="There are no channels." />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label="Channels" tabIndex={0}><table className="grid"><thead><tr><th scope="col">Channel</th><th scope="col">Where</th><th scope="col">From</th><th scope="col">Quiet</th><th scope="col">Last</th><th scope="col"><span className="sr">Actions</span></th></tr></thead>
        <tbody>{items.map((one) => (
          <tr key={one.id} className="row" data-testid={`channel-${one.name}`}>
            <th scope="row">{safe(one.name)}<span className="sub">{kindWord[one.kind]}</span></th><td className="mono">{safe(where(one))}</td><td>{one.least_severity}</td>
            <td>{one.quiet.from ? <>{one.quiet.from} to {one.quiet.to} <small className="muted">{safe(one.quiet.time_zone)}</small>{one.quiet_now && <span className="tone-info"> now</span>}</> : '–'}</td><td><Outcome channel={one} /></td>
            <td><span className="row-buttons">
              <ActionButton className="button small" why={whyNot('alerts:write')} aria-label={`Test ${one.name}`} onClick={() => test(one)}>Test</ActionButton>
              <ActionButton className="button small" why={why} aria-label={`Change ${one.name}`} onClick={() => setEdited({channel: one})}>Change</ActionButton>
              {one.kind !== 'browser' && <ActionButton className="button small" why={why} aria-label={`Delete ${one.name}`} onClick={() => askDelete(one)}>Delete</ActionButton>}
            </span></td>
          </tr>))}</tbody></table></div>}
      <BrowserSettings />
      {edited && <ChannelForm channel={edited.channel} onClose={() => setEdited(null)} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

// Where alerts are told, what became of the last one; and how this browser tells them.
import {useState} from 'react';
import {request, whyNot} from '../api/client';
import {ListState} from '../lab/Room';
import {useHeard} from '../live/store';
import {t} from '../messages/en/alerts';
import {useList} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {safe} from '../ui/format';
import {Ago} from '../ui/Time';
import {toast} from '../ui/toast';
import {BrowserSettings} from './BrowserSettings';
import {ChannelForm} from './ChannelForm';
import type {Channel} from './types';

const where = (one: Channel) => (one.kind === 'email' ? one.to.join(', ') : one.kind === 'browser' ? t.everyBrowser : one.secret_url);
const kindWord: Record<Channel['kind'], string> = {get browser() { return t.browser; }, get email() { return t.email; }, get webhook() { return t.webhook; }, get slack() { return t.slack; }};

function Outcome({channel}: {channel: Channel}) {
  if (!channel.enabled) return <span className="muted">{t.off}</span>;
  if (channel.error) return <span className="tone-down" title={safe(channel.error)}>{t.failed} <Ago time={channel.failed_at} />: {safe(channel.error)}</span>;
  if (channel.delivered_at) return <span className="tone-ok">{t.delivered} <Ago time={channel.delivered_at} /></span>;
  return <span className="muted">{t.nothingTold}</span>;
}

export function Channels() {
  const list = useList<{items: Channel[]}>('/api/alerts/channels');
  const [edited, setEdited] = useState<{channel: Channel | null} | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const why = whyNot('alerts:channels');
  useHeard('alert_delivery', list.reload);
  const test = (one: Channel) => void request(`/api/alerts/channels/${one.id}/test`, {method: 'POST', body: {}, wait: 150}).then(() => toast('ok', t.tookTest(one.name)), (error: Error) => toast('down', `${one.name}: ${error.message}`)).then(list.reload);
  const askDelete = (one: Channel) => setQuestion({title: t.deleteChannelAsk(one.name), text: t.deleteChannelText, action: t.deleteChannel, run: async () => { await request(`/api/alerts/channels/${one.id}`, {method: 'DELETE'}); list.reload(); }});
  const items = list.data?.items;
  return (
    <>
      <div className="bar"><p className="muted">{t.channelsAre}</p><ActionButton className="button primary end" why={why} onClick={() => setEdited({channel: null})}>{t.newChannel}</ActionButton></div>
      <ListState data={items} error={list.error} reload={list.reload} empty={t.noChannels} />
      {items && items.length > 0 && <div className="table-wrap" role="region" aria-label={t.channels} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.channel}</th><th scope="col">{t.where}</th><th scope="col">{t.from}</th><th scope="col">{t.quiet}</th><th scope="col">{t.last}</th><th scope="col"><span className="sr">{t.actions}</span></th></tr></thead>
        <tbody>{items.map((one) => (
          <tr key={one.id} className="row" data-testid={`channel-${one.name}`}>
            <th scope="row">{safe(one.name)}<span className="sub">{kindWord[one.kind]}</span></th><td className="mono">{safe(where(one))}</td><td>{one.least_severity}</td>
            <td>{one.quiet.from ? <>{t.fromTo(one.quiet.from, one.quiet.to)} <small className="muted">{safe(one.quiet.time_zone)}</small>{one.quiet_now && <span className="tone-info"> {t.now}</span>}</> : '–'}</td><td><Outcome channel={one} /></td>
            <td><span className="row-buttons">
              <ActionButton className="button small" why={whyNot('alerts:write')} aria-label={t.testOne(one.name)} onClick={() => test(one)}>{t.test}</ActionButton>
              <ActionButton className="button small" why={why} aria-label={t.changeOne(one.name)} onClick={() => setEdited({channel: one})}>{t.change}</ActionButton>
              {one.kind !== 'browser' && <ActionButton className="button small" why={why} aria-label={t.removeOne(one.name)} onClick={() => askDelete(one)}>{t.remove}</ActionButton>}
            </span></td>
          </tr>))}</tbody></table></div>}
      <BrowserSettings />
      {edited && <ChannelForm channel={edited.channel} onClose={() => setEdited(null)} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

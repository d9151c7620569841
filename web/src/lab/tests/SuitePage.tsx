// One suite: its text, its runs, its versions.
import {useState} from 'react';
import {useLocation} from 'wouter';
import {request, whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
import {locale} from '../../messages/language';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {copy} from '../../ui/clipboard';
import {Confirm, type Question} from '../../ui/Confirm';
import {safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import {toast} from '../../ui/toast';
import {Room} from '../Room';
import type {RunSummary, Suite} from '../types';
import {useSearch} from '../useSearch';
import {BaselineBar} from './BaselineBar';
import {TextDiff} from './DiffView';
import {RunTable} from './RunTable';
import {SuiteEditor} from './SuiteEditor';

const tabs = ['text', 'runs', 'versions'] as const;
const words = {get text() { return t.text; }, get runs() { return t.runs; }, get versions() { return t.versions; }};

function Versions({suite}: {suite: Suite}) {
  const [at, put] = useSearch();
  const older = suite.versions.filter(({version}) => version !== suite.version);
  const chosen = Number(at('version')) || older[0]?.version;
  const {data, error} = useList<Suite>(chosen ? `/api/tests/${suite.id}?version=${chosen}` : null);
  if (older.length === 0) return <p className="empty">{t.firstVersion}</p>;
  return (
    <>
      <div className="bar"><label>{t.changedSince} <select value={chosen} onChange={(event) => put({version: event.target.value})}>{older.map((one) => <option key={one.version} value={one.version}>{t.versionBy(one.version, new Date(one.time).toLocaleString(locale()), one.author)}</option>)}</select></label></div>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {data && data.version === chosen && (data.yaml === suite.yaml ? <p className="empty">{t.nothing}</p> : <TextDiff before={data.yaml} after={suite.yaml} label={t.fromTo(chosen, suite.version)} />)}
    </>
  );
}

function Runs({suite}: {suite: Suite}) {
  const [round, setRound] = useState(0);
  const list = useList<{items: RunSummary[]}>(`/api/tests/${suite.id}/results?limit=200`, round);
  useHeard('test_progress', ({data}) => { if (data.suite_id === suite.id && (data.event === 'started' || data.event === 'ended')) setRound((old) => old + 1); });
  return <><BaselineBar suite={suite.id} /><RunTable runs={list.data?.items} error={list.error} reload={list.reload} /></>;
}

export default function SuitePage({id}: {id: string}) {
  const [at, put] = useSearch();
  const [, navigate] = useLocation();
  const [round, setRound] = useState(0);
  const [question, setQuestion] = useState<Question | null>(null);
  const fresh = id === 'new';
  const {data, error} = useList<Suite>(fresh ? null : `/api/tests/${encodeURIComponent(id)}`, round);
  const suite = data?.id === id ? data : null;
  const tab = tabs.find((one) => one === at('tab')) ?? 'text';
  const askDelete = (one: Suite) => setQuestion({title: t.deleteAsk(one.name), text: t.deleteText, action: t.deleteSuite, run: async () => { await request(`/api/tests/${one.id}`, {method: 'DELETE'}); toast('ok', t.deleted(one.name)); navigate('/tests'); }});
  const actions = <>{suite && <ActionButton why={whyNot('tests:write')} onClick={() => askDelete(suite)}>{t.remove}</ActionButton>}{suite && <button type="button" className="button" onClick={() => void copy(`![${suite.name}](${location.origin}/api/badges/suite/${suite.id}.svg)`, t.badge)}>{t.copyBadge}</button>}<button type="button" className="button" onClick={() => navigate('/tests')}>{t.allSuites}</button></>;
  return (
    <Room title={t.tests} permission="tests:read" actions={actions}>
      <h2>{fresh ? t.newSuite : safe(suite?.name ?? '')} {suite && <small className="muted">{t.versionChanged(suite.version)} <Ago time={suite.updated_at} /> {t.byAuthor(safe(suite.author))}</small>}</h2>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {!fresh && !suite && !error && <p className="empty" role="status">{t.reading}</p>}
      {suite && <div className="chips suite-tabs" role="group" aria-label={t.aboutSuite}>{tabs.map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={tab === one} onClick={() => put({tab: one === 'text' ? '' : one})}>{words[one]}</button>)}</div>}
      {(fresh || (suite && tab === 'text')) && <SuiteEditor key={`${id} ${suite?.version ?? 0}`} suite={suite} onSaved={() => setRound((old) => old + 1)} />}
      {suite && tab === 'runs' && <Runs suite={suite} />}
      {suite && tab === 'versions' && <Versions suite={suite} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Room>
  );
}

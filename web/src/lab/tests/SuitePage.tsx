// One suite: its text, its runs, its versions.
import {useState} from 'react';
import {useLocation} from 'wouter';
import {request, whyNot} from '../../api/client';
import {useHeard} from '../../live/store';
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
const words = {text: 'Text', runs: 'Runs', versions: 'Versions'};

function Versions({suite}: {suite: Suite}) {
  const [at, put] = useSearch();
  const older = suite.versions.filter(({version}) => version !== suite.version);
  const chosen = Number(at('version')) || older[0]?.version;
  const {data, error} = useList<Suite>(chosen ? `/api/tests/${suite.id}?version=${chosen}` : null);
  if (older.length === 0) return <p className="empty">This is the first version.</p>;
  return (
    <>
      <div className="bar"><label>What changed since <select value={chosen} onChange={(event) => put({version: event.target.value})}>{older.map((one) => <option key={one.version} value={one.version}>version {one.version} of {new Date(one.time).toLocaleString()} by {one.author}</option>)}</select></label></div>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {data && data.version === chosen && (data.yaml === suite.yaml ? <p className="empty">Nothing.</p> : <TextDiff before={data.yaml} after={suite.yaml} label={`From version ${chosen} to version ${suite.version}`} />)}
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
  const askDelete = (one: Suite) => setQuestion({title: `Delete ${one.name}?`, text: 'Its versions go with it. Its runs stay.', action: 'Delete suite', run: async () => { await request(`/api/tests/${one.id}`, {method: 'DELETE'}); toast('ok', `${one.name} is deleted.`); navigate('/tests'); }});
  const actions = <>{suite && <ActionButton why={whyNot('tests:write')} onClick={() => askDelete(suite)}>Delete</ActionButton>}{suite && <button type="button" className="button" onClick={() => void copy(`![${suite.name}](${location.origin}/api/badges/suite/${suite.id}.svg)`, 'The badge of this suite, as Markdown')}>Copy badge</button>}<button type="button" className="button" onClick={() => navigate('/tests')}>All suites</button></>;
  return (
    <Room title="Tests" permission="tests:read" actions={actions}>
      <h2>{fresh ? 'New suite' : safe(suite?.name ?? '')} {suite && <small className="muted">version {suite.version}, changed <Ago time={suite.updated_at} /> by {safe(suite.author)}</small>}</h2>
      {error && <p className="fault" role="alert">{safe(error)}</p>}
      {!fresh && !suite && !error && <p className="empty" role="status">Reading</p>}
      {suite && <div className="chips suite-tabs" role="group" aria-label="About this suite">{tabs.map((one) => <button key={one} type="button" className="filter-chip" aria-pressed={tab === one} onClick={() => put({tab: one === 'text' ? '' : one})}>{words[one]}</button>)}</div>}
      {(fresh || (suite && tab === 'text')) && <SuiteEditor key={`${id} ${suite?.version ?? 0}`} suite={suite} onSaved={() => setRound((old) => old + 1)} />}
      {suite && tab === 'runs' && <Runs suite={suite} />}
      {suite && tab === 'versions' && <Versions suite={suite} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </Room>
  );
}

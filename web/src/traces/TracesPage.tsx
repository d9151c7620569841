// What was done and where its time went: all traces, one of them, or two compared.
import './traces.css';
import {whyNot} from '../api/client';
import {useSearch} from '../lab/useSearch';
import {NoPermission} from '../list/NoPermission';
import {t} from '../messages/en/traces';
import {CompareView} from './CompareView';
import {TraceList} from './TraceList';
import {TraceView} from './TraceView';

export default function TracesPage({id}: {id: string}) {
  const [read] = useSearch();
  const why = whyNot('operations:read');
  if (why) return <div className="list-page"><h1>{t.traces}</h1><NoPermission what={t.theTraces} why={why} /></div>;
  if (!id) return <TraceList />;
  return read('with') ? <CompareView key={`${id} ${read('with')}`} a={id} b={read('with')} /> : <TraceView key={id} id={id} />;
}

// The text of a suite: completed and checked while one types, saved as a new version, run whole or in part.
import {useEffect, useMemo, useState} from 'react';
import {useLocation} from 'wouter';
import {ApiError, request, whyNot} from '../../api/client';
import {live} from '../../live/store';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {ActionButton} from '../../ui/ActionButton';
import {safe} from '../../ui/format';
import {toast} from '../../ui/toast';
import {type More, namesUnder, tagsIn} from '../editor/complete';
import {ImportBar} from '../editor/ImportBar';
import {YamlEditor} from '../editor/YamlEditor';
import type {Problem, Schema, Suite, SuiteSummary, Validation} from '../types';
import {type RunBody, startRun} from './runs';

// What the schema cannot know: names of servers, here and in the fleet.
const more: More = (path, text) => {
  const last = path.at(-1);
  if (last === 'server') return namesUnder(text, 'servers');
  return last === 'fleet' ? [...live.servers.keys()].sort() : null;
};

export function template(server: string): string {
  return `name: ${server} answers\nservers:\n  ${server}:\n    fleet: ${server}\ncases:\n  - name: it is alive\n    tags: [smoke]\n    steps:\n      - ping: true\n  - name: it has tools\n    steps:\n      - list: tools\n        expect:\n          json:\n            - path: $.tools[*].name\n              exists: true\n`;
}

function useValidation(text: string) {
  const [state, setState] = useState<{checked: string; answer: Validation | null; error: string}>({checked: '', answer: null, error: ''});
  useEffect(() => {
    if (!text.trim()) return setState({checked: text, answer: null, error: ''});
    const abort = new AbortController();
    const timer = setTimeout(() => {
      request<Validation>('/api/tests/validate', {method: 'POST', body: {yaml: text}, signal: abort.signal}).then(
        ({body}) => setState({checked: text, answer: body, error: ''}),
        (fault: Error) => { if (fault.name !== 'AbortError') setState({checked: text, answer: null, error: fault.message}); },
      );
    }, 250);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [text]);
  return {...state, checking: state.checked !== text};
}

interface Props {suite: Suite | null; onSaved(): void}
export function SuiteEditor({suite, onSaved}: Props) {
  const [, navigate] = useLocation();
  const [text, setText] = useState(suite?.yaml ?? template([...live.servers.keys()].sort()[0] ?? 'my-server'));
  const [jump, setJump] = useState<{line: number; column: number; round: number}>();
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState('');
  const [part, setPart] = useState('');
  const schema = useList<Schema>('/api/tests/schema');
  const {answer, error, checking} = useValidation(text);
  const tags = useMemo(() => tagsIn(text), [text]);
  const changed = suite === null || text !== suite.yaml;
  const problems: Problem[] = answer?.problems ?? [];
  const whySave = busy || whyNot('tests:write') || (answer && !answer.valid ? t.notRight : changed ? '' : t.nothingChanged);
  const whyRun = busy || whyNot('tests:run') || (answer && !answer.valid ? t.notRight : changed && whyNot('tests:write') ? t.changedAnd(whyNot('tests:write').replace('Your', 'your')) : '');
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [changed]);

  const save = async (): Promise<SuiteSummary> => {
    const {body} = await request<SuiteSummary>(suite ? `/api/tests/${suite.id}` : '/api/tests', {method: suite ? 'PUT' : 'POST', body: {yaml: text, ...(suite && {version: suite.version})}, wait: 30});
    return body;
  };
  const work = (word: string, what: () => Promise<void>) => {
    setBusy(word);
    setFault('');
    what().catch((wrong: Error) => setFault(wrong instanceof ApiError && wrong.status === 409 ? t.savedMeanwhile(wrong.message) : wrong.message)).finally(() => setBusy(''));
  };
  const onSave = () => {
    if (whySave) return;
    work(t.beingSaved, async () => {
      const saved = await save();
      toast('ok', t.savedAs(saved.name, saved.version));
      if (suite) onSaved();
      else navigate(`/tests/suite/${saved.id}`, {replace: true});
    });
  };
  const onRun = () => work(t.beingRun, async () => {
    const id = changed ? (await save()).id : suite.id;
    const body: RunBody = {id, ...(part.startsWith('tag:') && {tags: [part.slice(4)]}), ...(part.startsWith('case:') && {cases: [part.slice(5)]})};
    navigate(`/tests/run/${await startRun(body)}`);
  });
  return (
    <>
      <div className="bar">
        <ActionButton className="button primary" why={whySave} aria-keyshortcuts="Control+S" onClick={onSave}>{t.save}</ActionButton>
        <ActionButton why={whyRun} onClick={onRun}>{changed ? t.saveAndRun : t.runName}</ActionButton>
        <label>{t.what} <select value={part} onChange={(event) => setPart(event.target.value)}><option value="">{t.allCases}</option>{tags.length > 0 && <optgroup label={t.tag}>{tags.map((tag) => <option key={tag} value={`tag:${tag}`}>{tag}</option>)}</optgroup>}<optgroup label={t.case}>{answer?.cases.map(({name}) => <option key={name} value={`case:${name}`}>{name}</option>)}</optgroup></select></label>
        <span className="muted" role="status" data-testid="validation" data-state={checking ? 'checking' : error ? 'unknown' : answer?.valid ? 'right' : 'wrong'}>{checking ? t.checking : error ? safe(error) : answer ? (answer.valid ? t.right(answer.cases.length) : t.faults(problems.length)) : t.empty}</span>
      </div>
      {fault && <p className="fault" role="alert">{safe(fault)}</p>}
      {suite === null && <ImportBar onText={setText} />}
      <YamlEditor label={t.suite} value={text} schema={schema.data} marks={problems} more={more} jump={jump} onChange={setText} onSave={onSave} />
      {problems.length > 0 && <ul className="plain suite-errors" aria-label={t.whatIsWrong}>{problems.map((one, at) => <li key={at}><button type="button" className="link" onClick={() => setJump({line: one.line, column: one.column, round: (jump?.round ?? 0) + 1})}>{t.place(one.line, one.column)}</button> {one.field && <span className="mono muted">{safe(one.field)} </span>}{safe(one.message)}</li>)}</ul>}
      <p className="muted hint"><kbd>{t.ctrlKey}</kbd> <kbd>{t.spaceKey}</kbd> {t.offers} <kbd>{t.ctrlKey}</kbd> <kbd>S</kbd> {t.saves(schema.error && t.nothingOffered(safe(schema.error)))}</p>
    </>
  );
}

// What can be done to the selected servers, and what became of each.
import {useState} from 'react';
import {Link} from 'wouter';
import {whyNot} from '../api/client';
import {t} from '../messages/en/fleet';
import {ActionButton} from '../ui/ActionButton';
import {perform, type Verb, VerbIcon, verbs} from './actions';
import {type Outcomes, runBulk, summary} from './bulk';

const offered = verbs.filter(({verb}) => verb !== 'reload');
const opposite: Partial<Record<Verb, Verb>> = {stop: 'start', start: 'stop'};

export function BulkBar({names, onClear}: {names: string[]; onClear(): void}) {
  const [run, setRun] = useState<{verb: Verb; outcomes: Outcomes; done: boolean} | null>(null);
  const refused = names.filter((server) => whyNot('fleet:operate', {server}));
  const why = refused.length ? whyNot('fleet:operate', {server: refused[0]}) : '';
  const start = async (verb: Verb, targets: string[]) => {
    const outcomes = await runBulk(targets, (name) => perform(name, verb), (now) => setRun({verb, outcomes: now, done: false}));
    setRun({verb, outcomes, done: true});
  };
  if (names.length === 0 && !run) return null;
  const busy = run !== null && !run.done;
  const undo = run?.done ? opposite[run.verb] : undefined;
  const confirmed = run ? [...run.outcomes].filter(([, one]) => one.state === 'ok').map(([name]) => name) : [];
  return (
    <section className="bulk" aria-label={t.selectedServers}>
      {names.length > 0 && (
        <div className="bar">
          <strong>{t.selected(names.length)}</strong>
          {offered.map(({verb, label}) => <ActionButton key={verb} why={why} disabled={busy} aria-label={t.forSelected(label, names.length)} onClick={() => void start(verb, names)}><VerbIcon verb={verb} /> {label}</ActionButton>)}
          <button type="button" className="button quiet end" onClick={onClear}>{t.clearSelection}</button>
        </div>
      )}
      {run && (
        <div className="bulk-result" data-testid="bulk-result" data-done={run.done}>
          <p className="bulk-summary"><strong role="status">{verbs.find(({verb}) => verb === run.verb)?.label}: {summary(run.outcomes)}.</strong>
            {undo && confirmed.length > 0 && <button type="button" className="button small" onClick={() => void start(undo, confirmed)}>{undo === 'start' ? t.startAgain : t.stopAgain}</button>}
            {run.done && <button type="button" className="icon-button end" aria-label={t.closeResult} onClick={() => setRun(null)}>×</button>}</p>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ul className="plain" aria-label={t.resultPerServer} tabIndex={0}>{[...run.outcomes].map(([name, {state, text}]) => <li key={name} data-testid={`bulk-${name}`} data-state={state}><span className={`mark mark-${state}`} aria-hidden="true" /><Link href={`/servers/${encodeURIComponent(name)}`}>{name}</Link> <span className={state === 'failed' ? 'tone-down' : 'muted'}>{text}</span></li>)}</ul>
        </div>
      )}
    </section>
  );
}

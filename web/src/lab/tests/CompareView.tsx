// Two runs side by side as the server compares them: what fails newly, what was fixed, what takes longer or less, and how sure that is.
import {Link} from 'wouter';
import {useList} from '../../server/useList';
import {milliseconds, plural, safe} from '../../ui/format';
import {Ago} from '../../ui/Time';
import type {CaseResult, CaseStatus} from '../types';
import {type CaseChange, type CaseSpeed, type Comparison, countOf, groups, interval} from './comparison';
import {StatusMark} from './StatusMark';

const most = 300;
const tones: Record<string, string> = {slower: 'tone-down', faster: 'tone-ok'};
interface Props {run: string; other: string; cases: CaseResult[]; onOpen(id: string): void}

function Changed({all, label, name, tone, open}: {all: CaseChange[]; label: string; name: string; tone: string; open: (name: string) => (() => void) | undefined}) {
  if (all.length === 0) return null;
  return (
    <tbody data-change={name}><tr><th colSpan={4} scope="rowgroup" className={tone}>{label} ({all.length})</th></tr>
      {all.slice(0, most).map((one) => {
        const act = open(one.case);
        return <tr key={one.case} className="row"><th scope="row">{act ? <button type="button" className="link" onClick={act}>{safe(one.case)}</button> : safe(one.case)}</th><td>{one.before ? <StatusMark status={one.before as CaseStatus} /> : '–'}</td><td>{one.after ? <StatusMark status={one.after as CaseStatus} /> : '–'}</td><td className="wrap">{safe(one.message)}</td></tr>;
      })}</tbody>
  );
}

function Speeds({all}: {all: CaseSpeed[]}) {
  if (all.length === 0) return <p className="muted">No case of both was measured in rounds: of speed nothing can be said.</p>;
  return (
    <div className="table-wrap" role="region" aria-label="Speed" tabIndex={0}><table className="grid"><caption className="sr">Speed of measured cases, slower ones first</caption><thead><tr><th scope="col">Case</th><th scope="col">Verdict</th><th scope="col" className="num">p50 first</th><th scope="col" className="num">p50 second</th><th scope="col">Change, 95 % confidence</th></tr></thead>
      <tbody>{all.slice(0, most).map((one) => <tr key={one.case} className="row" data-verdict={one.verdict}><th scope="row">{safe(one.case)}</th><td className={tones[one.verdict] ?? 'muted'} title={safe(one.why)}>{one.verdict}</td><td className="num">{milliseconds(one.before_ms)}</td><td className="num">{milliseconds(one.after_ms)}</td><td>{interval(one)}</td></tr>)}</tbody></table></div>
  );
}

export function CompareView({run, other, cases, onOpen}: Props) {
  const {data, error} = useList<Comparison>(`/api/tests/runs/${encodeURIComponent(run)}/compare/${encodeURIComponent(other)}`);
  if (error) return <p className="fault" role="alert">{safe(error)}</p>;
  if (!data) return <p className="empty" role="status">Reading</p>;
  const open = (name: string) => {
    const found = cases.find((one) => one.name === name);
    return found && (() => onOpen(found.id));
  };
  return (
    <section aria-label="Comparison" data-testid="comparison" data-worse={data.worse}>
      <p className="lead">{plural(data.broken.length, 'new failure')}, {data.mended.length} fixed, {data.failing.length} still failing, {countOf(data, 'slower')} slower, {countOf(data, 'faster')} faster; {data.unchanged} unchanged.</p>
      <p className="muted">First the <Link href={`/tests/run/${data.before.id}`}>run</Link> of <Ago time={data.before.started} />, then that of <Ago time={data.after.started} />. <Link href={`/reports?new=comparison&run=${encodeURIComponent(run)}&other=${encodeURIComponent(other)}`}>Make a report of it</Link></p>
      <div className="table-wrap" role="region" aria-label="Cases of both runs" tabIndex={0}><table className="grid"><thead><tr><th scope="col">Case</th><th scope="col">First</th><th scope="col">Second</th><th scope="col">What was said</th></tr></thead>
        {groups.map(([name, label, tone]) => <Changed key={name} all={data[name]} label={label} name={name} tone={tone} open={open} />)}</table></div>
      <Speeds all={data.speeds} />
    </section>
  );
}

// Two runs side by side as the server compares them: what fails newly, what was fixed, what takes longer or less, and how sure that is.
import {Link} from 'wouter';
import {t} from '../../messages/en/tests';
import {useList} from '../../server/useList';
import {milliseconds, safe} from '../../ui/format';
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
  if (all.length === 0) return <p className="muted">{t.nothingMeasured}</p>;
  return (
    <div className="table-wrap" role="region" aria-label={t.speed} tabIndex={0}><table className="grid"><caption className="sr">{t.speedOfCases}</caption><thead><tr><th scope="col">{t.case}</th><th scope="col">{t.verdict}</th><th scope="col" className="num">{t.p50First}</th><th scope="col" className="num">{t.p50Second}</th><th scope="col">{t.change95}</th></tr></thead>
      <tbody>{all.slice(0, most).map((one) => <tr key={one.case} className="row" data-verdict={one.verdict}><th scope="row">{safe(one.case)}</th><td className={tones[one.verdict] ?? 'muted'} title={safe(one.why)}>{t.verdicts[one.verdict] ?? one.verdict}</td><td className="num">{milliseconds(one.before_ms)}</td><td className="num">{milliseconds(one.after_ms)}</td><td>{interval(one)}</td></tr>)}</tbody></table></div>
  );
}

export function CompareView({run, other, cases, onOpen}: Props) {
  const {data, error} = useList<Comparison>(`/api/tests/runs/${encodeURIComponent(run)}/compare/${encodeURIComponent(other)}`);
  if (error) return <p className="fault" role="alert">{safe(error)}</p>;
  if (!data) return <p className="empty" role="status">{t.reading}</p>;
  const open = (name: string) => {
    const found = cases.find((one) => one.name === name);
    return found && (() => onOpen(found.id));
  };
  return (
    <section aria-label={t.comparison} data-testid="comparison" data-worse={data.worse}>
      <p className="lead">{t.newFailures(data.broken.length)}{t.comparisonRest(data.mended.length, data.failing.length, countOf(data, 'slower'), countOf(data, 'faster'), data.unchanged)}</p>
      <p className="muted">{t.firstThe} <Link href={`/tests/run/${data.before.id}`}>{t.run}</Link> {t.of} <Ago time={data.before.started} />{t.thenThat} <Ago time={data.after.started} />. <Link href={`/reports?new=comparison&run=${encodeURIComponent(run)}&other=${encodeURIComponent(other)}`}>{t.makeReportOfIt}</Link></p>
      <div className="table-wrap" role="region" aria-label={t.casesOfBoth} tabIndex={0}><table className="grid"><thead><tr><th scope="col">{t.case}</th><th scope="col">{t.first}</th><th scope="col">{t.second}</th><th scope="col">{t.whatWasSaid}</th></tr></thead>
        {groups().map(([name, label, tone]) => <Changed key={name} all={data[name]} label={label} name={name} tone={tone} open={open} />)}</table></div>
      <Speeds all={data.speeds} />
    </section>
  );
}

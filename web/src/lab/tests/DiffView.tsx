// Lines that went and came; or what was expected beside what came.
import {safe} from '../../ui/format';
import {type DiffLine, diffLines, withContext} from './diff';

const words: Record<string, string> = {'-': 'removed', '+': 'added'};

export function DiffView({lines, label}: {lines: DiffLine[]; label: string}) {
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <div className="diff mono" role="region" aria-label={label} tabIndex={0}>{lines.map(({mark, text}, at) => <div key={at} className={mark === '-' ? 'diff-gone' : mark === '+' ? 'diff-new' : mark === '…' ? 'diff-gap' : undefined}><span aria-hidden="true">{mark}</span>{words[mark] && <span className="sr">{words[mark]}: </span>}<code>{safe(text)}</code></div>)}</div>;
}

export const TextDiff = ({before, after, label}: {before: string; after: string; label: string}) => <DiffView lines={withContext(diffLines(before, after))} label={label} />;

// "-a" and "+b" as they stand in a file's difference.
export const linesOf = (diff: string): DiffLine[] => diff.split('\n').filter((line) => line !== '').map((line) => ({mark: line[0] === '-' || line[0] === '+' ? line[0] : ' ', text: line.slice(1)}));

// JSON is easier to compare with a member a line.
export function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// Failures of one kind are one group: messages alike but for the values in them. What differs from case to case (numbers, quoted
// texts, ids, paths) is left out of the shape.
import {type CaseResult, isBad} from '../types';

export function shapeOf(message: string): string {
  return message
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '<text>')
    .replace(/\b(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)[0-9a-f]{12,})\b/gi, '<hex>')
    .replace(/(^|[\s(:])\/[^\s:),]+/g, '$1<path>')
    .replace(/\d+(?:\.\d+)?/g, '<n>')
    .trim();
}

export interface Group {shape: string; example: string; cases: CaseResult[]}

// The largest first.
export function groupsOf(cases: CaseResult[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of cases) {
    if (!isBad(one.status)) continue;
    const message = one.message || one.attempts.at(-1)?.message || one.status;
    const shape = shapeOf(message);
    const group = groups.get(shape) ?? {shape, example: message, cases: []};
    group.cases.push(one);
    groups.set(shape, group);
  }
  return [...groups.values()].sort((a, b) => b.cases.length - a.cases.length || a.shape.localeCompare(b.shape));
}

// A trace's tree as what the waterfall draws.
import type {Span, Tone} from '../chart/spans';
import {t} from '../messages/en/traces';
import {criticalPath} from './critical';
import {ofStatus, toneOf, wordOf} from './outcome';
import {each, type Node, type Tree} from './tree';

const nameOf = ({name, detail}: Node) => (detail ? `${name} ${detail}` : name);

function endOf(node: Node, running: boolean): {tone: Tone; word: string} {
  if (node.operation) {
    const outcome = ofStatus[node.operation.status];
    return {tone: toneOf[outcome], word: wordOf(outcome)};
  }
  if (node.open) return running ? {tone: 'info', word: t.running} : {tone: 'warn', word: t.neverOver};
  return node.ok ? {tone: 'ok', word: t.over} : {tone: 'down', word: t.wentWrong};
}

export function spansOf(tree: Tree): Span[] {
  const critical = criticalPath(tree);
  const spans: Span[] = [];
  for (const operation of tree.operations)
    each([operation], (node, depth) => spans.push({name: nameOf(node), depth, from: node.from, to: node.to, ...endOf(node, operation.open), critical: critical.get(node) ?? []}));
  return spans;
}

// From its first moment on, so that two of them begin alike.
export const fromStart = (spans: Span[], start: number): Span[] => spans.map((span) => ({...span, from: span.from - start, to: span.to - start, critical: span.critical?.map(([from, to]): [number, number] => [from - start, to - start])}));

// Two traces side by side, span by span: what has the same path in both is compared, the rest is only in one of them. Pure.
import {each, type Tree} from './tree';

export type Verdict = 'slower' | 'faster' | 'same' | 'only-a' | 'only-b';
export interface Pair {path: string[]; a: number | null; b: number | null; countA: number; countB: number; difference: number | null; share: number | null; verdict: Verdict} // ms; share of a, 0.5 is half as much again

interface Sum {path: string[]; took: number; count: number}

function sums(tree: Tree): Map<string, Sum> {
  const found = new Map<string, Sum>();
  each(tree.operations, (node, _, path) => {
    const key = path.join('\n');
    const sum = found.get(key) ?? {path, took: 0, count: 0};
    sum.took += node.to - node.from;
    sum.count++;
    found.set(key, sum);
  });
  return found;
}

const finest = 0.001; // ms: nothing is measured finer

export function verdictOf(a: number | null, b: number | null): Verdict {
  if (a === null) return 'only-b';
  if (b === null) return 'only-a';
  return Math.abs(b - a) < finest ? 'same' : b > a ? 'slower' : 'faster';
}

// In the order of the first, then what only the second has, after its parent.
export function pairsOf(first: Tree, second: Tree): Pair[] {
  const [a, b] = [sums(first), sums(second)];
  const order = [...a.keys()];
  for (const key of b.keys()) {
    if (a.has(key)) continue;
    const parent = key.slice(0, Math.max(0, key.lastIndexOf('\n')));
    let place = order.length;
    if (parent) {
      place = order.indexOf(parent) + 1;
      while (place < order.length && order[place].startsWith(`${parent}\n`)) place++;
    }
    order.splice(place, 0, key);
  }
  return order.map((key) => {
    const [one, other] = [a.get(key), b.get(key)];
    const [tookA, tookB] = [one?.took ?? null, other?.took ?? null];
    const difference = tookA === null || tookB === null ? null : tookB - tookA;
    return {path: (one ?? other)?.path ?? [], a: tookA, b: tookB, countA: one?.count ?? 0, countB: other?.count ?? 0, difference, share: difference === null || !tookA ? null : difference / tookA, verdict: verdictOf(tookA, tookB)};
  });
}

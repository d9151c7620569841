// Where the time went: for each name the time in which it ran and nothing under it did. Of an operation that is time no span accounts
// for, and it is called so. Pure.
import {each, type Node, type Tree} from './tree';

export interface SelfTime {kind: 'span' | 'unattributed' | 'between'; name: string; count: number; total: number; self: number} // ms
export interface SelfTimes {whole: number; rows: SelfTime[]; parallel: boolean} // parallel: some ran side by side, so together they are more than the whole

type Part = [number, number];

// How much of a range some parts cover, each moment once.
export function covered(parts: Part[], from: number, to: number): number {
  let sum = 0;
  let end = from;
  for (const [a, b] of parts.map(([a, b]): Part => [Math.max(a, from), Math.min(b, to)]).sort((a, b) => a[0] - b[0])) {
    if (b <= end) continue;
    sum += b - Math.max(a, end);
    end = b;
  }
  return sum;
}
export const selfOf = (node: Node) => node.to - node.from - covered(node.children.map(({from, to}) => [from, to]), node.from, node.to);

export function selfTimes(tree: Tree): SelfTimes {
  const whole = tree.to - tree.from;
  const rows = new Map<string, SelfTime>();
  const everything: Part[] = [];
  each(tree.operations, (node, depth) => {
    everything.push([node.from, node.to]);
    const name = depth === 0 ? '' : node.name;
    const row = rows.get(name) ?? {kind: depth === 0 ? 'unattributed' : 'span', name, count: 0, total: 0, self: 0};
    row.count++;
    row.total += node.to - node.from;
    row.self += selfOf(node);
    rows.set(name, row);
  });
  const between = whole - covered(everything, tree.from, tree.to);
  const list = [...rows.values()];
  if (between > whole * 1e-9) list.push({kind: 'between', name: '', count: 1, total: between, self: between});
  const sum = list.reduce((all, row) => all + row.self, 0);
  return {whole, rows: list.sort((a, b) => b.self - a.self || a.name.localeCompare(b.name)), parallel: sum > whole * (1 + 1e-9)};
}

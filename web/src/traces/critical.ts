// The critical path of a trace: the parts of which each, had it been shorter, would have let the whole end sooner. From the end
// backwards: what ended last led to the end; before it began, what ended last before that; where nothing of the kind ran, the parent itself. Pure.
import type {Node, Tree} from './tree';

export type Part = [number, number];

interface Clipped {node: Node; to: number}

// Back from `until`; says how far back it came: before its own beginning, where a child (the admission) began earlier.
function walk(node: Node, until: number, found: Map<Node, Part[]>): number {
  let at = until;
  const mine = (from: number, to: number) => {
    // Before it began and after it was over there is nothing of its own.
    const part: Part = [Math.max(from, node.from), Math.min(to, node.to)];
    if (part[1] > part[0]) found.set(node, [part, ...(found.get(node) ?? [])]);
  };
  // What was still running when the next step began did not hold it up; what outlived its parent counts until the parent's end.
  const children: Clipped[] = node.children.map((child) => ({node: child, to: Math.min(child.to, node.to, until)})).sort((a, b) => b.to - a.to || b.node.from - a.node.from);
  for (const {node: child, to} of children) {
    // Only an operation has something before its beginning: its admission.
    if (to > at || child.from >= to || (to <= node.from && !node.operation)) continue;
    mine(to, at);
    at = Math.min(to, walk(child, to, found));
  }
  mine(node.from, at);
  return Math.min(at, node.from);
}

// By node, in the order of time.
export function criticalPath({operations}: Tree): Map<Node, Part[]> {
  const found = new Map<Node, Part[]>();
  let at = Number.POSITIVE_INFINITY;
  for (const node of [...operations].sort((a, b) => b.to - a.to)) {
    if (node.to > at) continue;
    at = walk(node, node.to, found);
  }
  return found;
}

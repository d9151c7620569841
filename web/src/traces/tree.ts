// A trace as a tree of what ran: its operations, each with its spans. Times are milliseconds since the first operation began; what came
// before (the admission) is negative. What was not over at `now` lasts until then. Pure.
import type {Trace, TraceOperation} from './types';

export interface Node {name: string; detail: string; from: number; to: number; ok: boolean; open: boolean; children: Node[]; operation?: TraceOperation} // open: its end is not known
export interface Tree {began: number; from: number; to: number; operations: Node[]; dropped: number} // began: the moment of zero, UNIX ms; dropped: spans there was no room for

// The server's word for spans beyond its limit.
const isDropped = (name: string, detail: string) => name === 'dropped' && /^\d+ more$/.test(detail);

function nodeOf(operation: TraceOperation, began: number, now: number): {node: Node; dropped: number} {
  const from = Date.parse(operation.start_time) - began;
  const running = operation.status === 'started';
  const end = operation.duration_ms ?? (operation.end_time ? Date.parse(operation.end_time) - Date.parse(operation.start_time) : 0);
  const to = from + Math.max(0, running ? now - Date.parse(operation.start_time) : end);
  const node: Node = {name: operation.operation, detail: operation.subject, from, to, ok: operation.status !== 'failed', open: running, children: [], operation};
  const made: (Node | null)[] = [];
  let dropped = 0;
  (operation.spans ?? []).forEach((span, at) => {
    if (isDropped(span.name, span.detail)) {
      dropped += Number.parseInt(span.detail, 10);
      made.push(null);
      return;
    }
    const begin = from + span.from_ms;
    const one: Node = {name: span.name, detail: span.detail, from: begin, to: span.to_ms === null ? Math.max(begin, to) : Math.max(begin, from + span.to_ms), ok: span.ok, open: span.to_ms === null, children: []};
    // A parent is opened before its children: anything else is none.
    const parent = span.parent >= 0 && span.parent < at ? made[span.parent] : null;
    (parent ?? node).children.push(one);
    made.push(one);
  });
  sortAll(node);
  return {node, dropped};
}

function sortAll(node: Node) {
  node.children.sort((a, b) => a.from - b.from);
  node.children.forEach(sortAll);
}

export function treeOf({operations}: Trace, now: number): Tree {
  const began = operations.length ? Math.min(...operations.map(({start_time}) => Date.parse(start_time))) : now;
  const made = operations.map((one) => nodeOf(one, began, now));
  const nodes = made.map(({node}) => node).sort((a, b) => a.from - b.from);
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  each(nodes, (node) => {
    from = Math.min(from, node.from);
    to = Math.max(to, node.to);
  });
  return {began, from: Number.isFinite(from) ? from : 0, to: Number.isFinite(to) ? to : 0, operations: nodes, dropped: made.reduce((sum, one) => sum + one.dropped, 0)};
}

// Parents before their children, in the order they began.
export function each(nodes: Node[], visit: (node: Node, depth: number, path: string[]) => void, depth = 0, path: string[] = []) {
  for (const node of nodes) {
    const here = [...path, node.name];
    visit(node, depth, here);
    each(node.children, visit, depth + 1, here);
  }
}

// Which servers are selected: by one, by range from the last one touched, all. Pure; the page keeps one of these.
export interface Selection {chosen: ReadonlySet<string>; anchor: string | null}
export const nothing: Selection = {chosen: new Set(), anchor: null};

export function toggle({chosen}: Selection, name: string): Selection {
  const next = new Set(chosen);
  if (!next.delete(name)) next.add(name);
  return {chosen: next, anchor: name};
}

// Everything between the last one touched and `name`, in the order shown, is selected.
export function extend({chosen, anchor}: Selection, name: string, order: string[]): Selection {
  const from = anchor === null ? -1 : order.indexOf(anchor);
  const to = order.indexOf(name);
  if (to < 0) return {chosen, anchor};
  const next = new Set(chosen);
  for (let at = Math.min(from < 0 ? to : from, to); at <= Math.max(from, to); at++) next.add(order[at]);
  return {chosen: next, anchor: name};
}

export const selectAll = (order: string[]): Selection => ({chosen: new Set(order), anchor: order.at(-1) ?? null});

// A server that is gone, or hidden by the search, is not acted upon: what one does not see is not selected.
export function visible({chosen}: Selection, order: string[]): string[] {
  return order.filter((name) => chosen.has(name));
}

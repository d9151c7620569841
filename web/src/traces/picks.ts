// Traces by their addresses, and the two that are chosen to compare, in the order they were chosen. Pure.
export const picksOf = (text: string) => text.split(',').filter(Boolean).slice(0, 2);
// A third takes the place of the second: what one compares with stays.
export function afterPick(picks: string[], id: string): string[] {
  if (picks.includes(id)) return picks.filter((one) => one !== id);
  return [...picks.slice(0, 1), id];
}
export const addressOf = (id: string, other = '') => `/traces/${encodeURIComponent(id)}${other ? `?with=${encodeURIComponent(other)}` : ''}`;

// What one chose in the palette lately, newest first; kept in this browser.
const storageKey = 'telltale.recent';
const most = 20;

export function readRecent(text: string | null): string[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored) ? stored.filter((one): one is string => typeof one === 'string').slice(0, most) : [];
  } catch {
    return []; // edited by hand
  }
}
export const recent = () => readRecent(localStorage.getItem(storageKey));
export const after = (list: string[], id: string) => [id, ...list.filter((one) => one !== id)].slice(0, most);
export const remember = (id: string) => localStorage.setItem(storageKey, JSON.stringify(after(recent(), id)));

// The newest most; enough to come first among equals, not enough to beat what fits better.
export const bonusOf = (list: string[]) => {
  const places = new Map(list.map((id, at) => [id, at]));
  return (id: string) => {
    const at = places.get(id);
    return at === undefined ? 0 : 12 - (at * 8) / most;
  };
};

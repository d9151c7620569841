// System, dark, light or high contrast; remembered. What is drawn by hand hears of a change.
import {t} from '../messages/en/ui';
export type Theme = 'system' | 'dark' | 'light' | 'contrast';
export const themes: Record<Theme, string> = {get system() { return t.system; }, get dark() { return t.dark; }, get light() { return t.light; }, get contrast() { return t.highContrast; }};
export const readTheme = (): Theme => {
  const stored = localStorage.getItem('theme') ?? '';
  return stored in themes ? (stored as Theme) : 'system';
};
export function applyTheme(theme: Theme) {
  localStorage.setItem('theme', theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function onTheme(listener: () => void): () => void {
  const attribute = new MutationObserver(listener);
  attribute.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
  const queries = ['(prefers-color-scheme: light)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    attribute.disconnect();
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

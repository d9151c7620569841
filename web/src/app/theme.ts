// System, dark or light; remembered.
export type Theme = 'system' | 'dark' | 'light';
export const readTheme = (): Theme => (localStorage.getItem('theme') as Theme | null) ?? 'system';
export function applyTheme(theme: Theme) {
  localStorage.setItem('theme', theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

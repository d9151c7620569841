// Short messages at the edge of the screen; the newest five.
export interface Action {label: string; run(): void}
export interface Toast {id: number; tone: 'ok' | 'down' | 'info'; text: string; action?: Action}
let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
export const subscribeToasts = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export const getToasts = () => toasts;
export function dismiss(id: number) {
  toasts = toasts.filter((toast) => toast.id !== id);
  tell();
}
export function toast(tone: Toast['tone'], text: string, action?: Action, ms = tone === 'down' ? 9000 : 4000): number {
  const id = next++;
  toasts = [...toasts.slice(-4), {id, tone, text, action}];
  tell();
  setTimeout(() => dismiss(id), ms);
  return id;
}

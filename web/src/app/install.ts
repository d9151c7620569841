// The dashboard as an app: the browser's offer to install it, and the worker that keeps the shell for when the server is away.
import {useSyncExternalStore} from 'react';
import {workerUrl} from './workers';

interface InstallOffer extends Event {prompt(): Promise<unknown>}
let offer: InstallOffer | null = null;
const listeners = new Set<() => void>();
const tell = (next: InstallOffer | null) => {
  offer = next;
  for (const listener of listeners) listener();
};
if (typeof window !== 'undefined') {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // it is offered in the menu, where it is in nobody's way
    tell(event as InstallOffer);
  });
  addEventListener('appinstalled', () => tell(null));
}
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
export function useInstall(): (() => void) | null {
  const current = useSyncExternalStore(subscribe, () => offer);
  return current && (() => void current.prompt().finally(() => tell(null)));
}

export async function keepShell() {
  if (!('serviceWorker' in navigator) || !isSecureContext) return;
  await navigator.serviceWorker.register(workerUrl(new URL('/sw.js', location.href)) as string, {scope: '/', updateViaCache: 'none'});
}

// Undo over confirm: what is taken away goes from the page at once and from the server when nobody has changed his mind. What the
// server then refuses comes back, with its reason.
import {t} from '../messages/en/ui';
import {dismiss, toast} from './toast';

export const undoMs = 6000;
interface Change {text: string; apply(): void; revert(): void; commit(): Promise<unknown>}

const pending = new Set<() => void>();
// Who leaves has not changed his mind.
if (typeof addEventListener === 'function') addEventListener('pagehide', () => { for (const commit of pending) commit(); });

export function undoable({text, apply, revert, commit}: Change) {
  apply();
  let settled = false;
  const settle = () => {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    pending.delete(go);
    dismiss(shown);
    return true;
  };
  const go = () => {
    if (!settle()) return;
    commit().catch((error: Error) => {
      revert();
      toast('down', t.asItWas(error.message));
    });
  };
  const shown = toast('info', text, {label: t.undo, run: () => { if (settle()) revert(); }}, undoMs);
  const timer = setTimeout(go, undoMs);
  pending.add(go);
}

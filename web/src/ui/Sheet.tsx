// A sheet over the page: modal, closed by Esc; the focus goes back to where it was.
import {type ReactNode, useEffect, useId, useRef} from 'react';
import {t} from '../messages/en/ui';

export function Sheet({title, className = '', onClose, children}: {title: string; className?: string; onClose(): void; children: ReactNode}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  return (
    <dialog ref={dialog} className={`sheet ${className}`} aria-labelledby={id} onClose={onClose}>
      <header className="sheet-head"><h2 id={id}>{title}</h2><button type="button" className="icon-button" aria-label={t.close} onClick={() => dialog.current?.close()}>×</button></header>
      {children}
    </dialog>
  );
}

// A button that may be out of reach: then it can still be focused and says why, instead of being mute and grey.
import type {ButtonHTMLAttributes, ReactNode} from 'react';
import {readRights} from '../api/client';
import {toast} from './toast';

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'onClick' | 'title'> {why: string; title?: string; onClick?(): void; children: ReactNode}

export function ActionButton({why, title, onClick, children, className = 'button', ...rest}: Props) {
  return (
    <button type="button" {...rest} className={className} aria-disabled={why ? true : undefined} title={why || title} data-why={why || undefined}
      onClick={(event) => {
        event.stopPropagation();
        if (why) {
          event.preventDefault();
          toast('info', `${why}.`);
          void readRights().catch(() => undefined); // perhaps it may by now; when the server is away the banner says so
        } else onClick?.();
      }}>
      {children}
    </button>
  );
}

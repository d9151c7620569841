// A button that may be out of reach: then it can still be focused and says why, instead of being mute and grey.
import type {ButtonHTMLAttributes, ReactNode} from 'react';
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
        } else onClick?.();
      }}>
      {children}
    </button>
  );
}

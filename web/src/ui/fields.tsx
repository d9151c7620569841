// Form fields with what the server says about each beside it.
import {type ReactNode, useId} from 'react';
import {ApiError} from '../api/client';

export interface Faults {general: string; at: Record<string, string>}
export const noFaults: Faults = {general: '', at: {}};

// A problem document's pointers become the fields' faults; what belongs to no field in `known` is said in general.
export function faultsOf(error: unknown, known: string[]): Faults {
  if (!(error instanceof ApiError)) return {general: error instanceof Error ? error.message : String(error), at: {}};
  const at: Record<string, string> = {};
  const rest: string[] = [];
  for (const {pointer, message} of error.problem.errors ?? []) {
    const field = known.find((name) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
    if (field) at[field] ??= message;
    else rest.push(pointer ? `${pointer} ${message}` : message);
  }
  return {at, general: rest.join('. ') || (Object.keys(at).length ? '' : error.message)};
}

interface Props {label: string; hint?: string; fault?: string; children(attributes: {id: string; 'aria-invalid'?: boolean; 'aria-describedby'?: string}): ReactNode}

export function LabelledField({label, hint, fault, children}: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {children({id, 'aria-invalid': fault ? true : undefined, 'aria-describedby': described || undefined})}
      {fault && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

// The scale of a heatmap: each step of the ramp with the value it begins at, what is hatched, and what is empty.
import type {Ref} from 'react';
import {t} from '../messages/en/chart';
import {type Scale, steps} from './scale';

interface Props {scale: Scale; text(value: number): string; missing: string; empty?: string; swatches?: Ref<HTMLOListElement>}

export function Legend({scale, text, missing, empty, swatches}: Props) {
  return (
    <div className="heat-legend" role="img" aria-label={t.scale(text(scale.bounds[0]), text(scale.high), scale.log, missing, empty)}>
      <ol ref={swatches}>{Array.from({length: steps}, (_, step) => <li key={step}><i className={`heat heat-${step}`} /><span>{text(scale.bounds[step])}</span></li>)}<li><i className="heat-end" /><span>{text(scale.high)}</span></li></ol>
      <span className="heat-none"><i className="heat heat-missing" /> {missing}</span>
      {empty && <span className="heat-none"><i className="heat heat-empty" /> {empty}</span>}
    </div>
  );
}

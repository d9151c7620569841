// A form from a JSON Schema. Whatever it cannot draw is edited as JSON: nothing is hidden.
import {useId} from 'react';
import type {Json, JsonObject} from '../api/types';
import {t} from '../messages/en/forms';
import {safe} from '../ui/format';
import {choicesOf, type Fault, initialValue, kindOf, resolve} from './model';

interface FieldProps {name: string; schema: JsonObject; root: JsonObject; value: Json | undefined; required: boolean; pointer: string; faults: Fault[]; onChange(value: Json | undefined): void}

function JsonField({id, value, onChange}: {id: string; value: Json | undefined; onChange(value: Json | undefined): void}) {
  return (
    <textarea id={id} className="mono" rows={3} defaultValue={value === undefined ? '' : JSON.stringify(value, null, 2)} aria-label="JSON"
      onBlur={(event) => {
        const text = event.target.value.trim();
        try {
          onChange(text ? (JSON.parse(text) as Json) : undefined);
          event.target.setCustomValidity('');
        } catch {
          event.target.setCustomValidity(t.notJson);
          event.target.reportValidity();
        }
      }} />
  );
}

function Control({id, schema, root, value, pointer, faults, onChange}: Omit<FieldProps, 'name' | 'required'> & {id: string}) {
  const kind = kindOf(schema);
  const choices = choicesOf(schema);
  if (choices)
    return (
      <select id={id} value={choices.findIndex((choice) => choice.value === value)} onChange={(event) => onChange(Number(event.target.value) < 0 ? undefined : choices[Number(event.target.value)].value)}>
        <option value={-1}>–</option>
        {choices.map((choice, index) => <option key={choice.label} value={index}>{safe(choice.label)}</option>)}
      </select>
    );
  if (kind === 'boolean') return <input id={id} type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />;
  if (kind === 'number' || kind === 'integer')
    return <input id={id} type="number" step={kind === 'integer' ? 1 : 'any'} min={schema.minimum as number | undefined} max={schema.maximum as number | undefined} value={typeof value === 'number' ? value : ''} onChange={(event) => onChange(event.target.value === '' ? undefined : Number(event.target.value))} />;
  if (kind === 'text') return <textarea id={id} rows={4} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.target.value || undefined)} />;
  if (kind === 'string') return <input id={id} type={schema.format === 'email' ? 'email' : schema.format === 'date' ? 'date' : 'text'} value={typeof value === 'string' ? value : ''} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)} />;
  if (kind === 'object') return <Fields schema={schema} root={root} value={(value ?? {}) as JsonObject} pointer={pointer} faults={faults} onChange={onChange} />;
  if (kind === 'array') {
    const items = Array.isArray(value) ? value : [];
    const inner = resolve(schema.items, root);
    return (
      <div className="array" id={id}>
        {items.map((item, index) => (
          <div key={index} className="array-item">
            <Control id={`${id}-${index}`} schema={inner} root={root} value={item} pointer={`${pointer}/${index}`} faults={faults} onChange={(next) => onChange(items.map((old, at) => (at === index ? (next ?? null) : old)))} />
            <button type="button" className="icon-button" aria-label={t.removeItem(index + 1)} onClick={() => onChange(items.filter((_, at) => at !== index))}>×</button>
          </div>
        ))}
        <button type="button" className="button small" onClick={() => onChange([...items, initialValue(inner, root, true) ?? (kindOf(inner) === 'string' ? '' : null)])}>{t.addItem}</button>
      </div>
    );
  }
  return <JsonField id={id} value={value} onChange={onChange} />;
}

function Field(props: FieldProps) {
  const {name, schema, required, pointer, faults} = props;
  const id = useId();
  const mine = faults.filter((fault) => fault.pointer === pointer);
  return (
    <div className="field">
      <label htmlFor={id}>{safe(String(schema.title ?? name))}{required && <span className="required" title={t.required}> *</span>}</label>
      {schema.description !== undefined && <p className="hint">{safe(String(schema.description))}</p>}
      <Control {...props} id={id} />
      {mine.map((fault) => <p key={fault.message} className="fault">{safe(fault.message)}</p>)}
    </div>
  );
}

export function Fields({schema, root, value, pointer = '', faults, onChange}: {schema: JsonObject; root: JsonObject; value: JsonObject; pointer?: string; faults: Fault[]; onChange(value: JsonObject): void}) {
  const properties = Object.entries((schema.properties ?? {}) as JsonObject);
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (properties.length === 0) return <p className="muted">{t.noArguments}</p>;
  return (
    <div className="fields">
      {properties.map(([name, property]) => (
        <Field key={name} name={name} schema={resolve(property, root)} root={root} value={value[name]} required={required.includes(name)} pointer={`${pointer}/${name}`} faults={faults}
          onChange={(next) => {
            const out = {...value};
            if (next === undefined) delete out[name];
            else out[name] = next;
            onChange(out);
          }} />
      ))}
    </div>
  );
}

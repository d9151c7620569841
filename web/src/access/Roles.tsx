// Roles: what each may do, where. The built-in ones are shown, custom ones are made here.
import {type FormEvent, useState} from 'react';
import {request, whyNot} from '../api/client';
import type {Grant, Permission, Role} from '../api/types';
import {live} from '../live/store';
import {t} from '../messages/en/access';
import {useAll} from '../server/useList';
import {ActionButton} from '../ui/ActionButton';
import {Confirm, type Question} from '../ui/Confirm';
import {faultsOf, LabelledField, noFaults} from '../ui/fields';
import {safe} from '../ui/format';
import {Sheet} from '../ui/Sheet';
import {toast} from '../ui/toast';
import {globList, grantText, matching} from './access';

interface Draft {permissions: string[]; servers: string; tools: string}
const draftOf = ({permissions, servers, tools}: Grant): Draft => ({permissions, servers: servers.join(', '), tools: tools.join(', ')});
const blank: Draft = {permissions: ['fleet:read', 'tools:read', 'operations:read'], servers: '*', tools: '*'};

function GrantFields({number, draft, permissions, onChange, onRemove}: {number: number; draft: Draft; permissions: Permission[]; onChange(draft: Draft): void; onRemove?: () => void}) {
  const servers = matching(globList(draft.servers), [...live.servers.keys()]);
  const put = (name: string, on: boolean) => onChange({...draft, permissions: on ? [...draft.permissions, name] : draft.permissions.filter((one) => one !== name)});
  return (
    <fieldset className="grant">
      <legend>{t.grant(number)}</legend>
      <div className="choices" role="group" aria-label={t.permissionsOf(number)}>
        {permissions.map(({name, description, per_server: perServer}) => <label key={name} className="choice"><input type="checkbox" checked={draft.permissions.includes(name)} onChange={(event) => put(name, event.target.checked)} /><span><span className="mono">{name}</span>{!perServer && <span className="chip">{t.everywhere}</span>}<span className="sub">{description}</span></span></label>)}
      </div>
      <LabelledField label={t.servers} hint={t.serversHint(servers.length ? servers.join(', ') : t.none)}>{(field) => <input {...field} className="mono" value={draft.servers} onChange={(event) => onChange({...draft, servers: event.target.value})} />}</LabelledField>
      <LabelledField label={t.tools} hint={t.toolsHint}>{(field) => <input {...field} className="mono" value={draft.tools} onChange={(event) => onChange({...draft, tools: event.target.value})} />}</LabelledField>
      {onRemove && <div className="bar"><button type="button" className="button small" onClick={onRemove}>{t.removeGrant(number)}</button></div>}
    </fieldset>
  );
}

function Edit({role, onClose, onDone}: {role: Role | null; onClose(): void; onDone(): void}) {
  const permissions = useAll<Permission>('/api/permissions');
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [drafts, setDrafts] = useState<Draft[]>(role?.grants.map(draftOf) ?? [blank]);
  const [faults, setFaults] = useState(noFaults);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const grants: Grant[] = drafts.map((draft) => ({permissions: draft.permissions, servers: globList(draft.servers), tools: globList(draft.tools)}));
    request(role ? `/api/roles/${encodeURIComponent(role.name)}` : '/api/roles', {method: role ? 'PUT' : 'POST', body: {...(!role && {name}), description, grants}}).then(
      () => { toast('ok', t.roleSaved(name)); onDone(); onClose(); },
      (error: unknown) => setFaults(faultsOf(error, ['name', 'description'])),
    );
  };
  return (
    <Sheet title={role ? t.roleNamed(role.name) : t.newRole} onClose={onClose}>
      <form className="fields" aria-label={t.role} onSubmit={submit}>
        <LabelledField label={t.name} hint={role ? undefined : t.nameHint} fault={faults.at.name}>{(field) => <input {...field} required disabled={role !== null} value={name} onChange={(event) => setName(event.target.value)} />}</LabelledField>
        <LabelledField label={t.description} fault={faults.at.description}>{(field) => <input {...field} value={description} onChange={(event) => setDescription(event.target.value)} />}</LabelledField>
        {permissions.error && <p className="fault">{permissions.error}</p>}
        {drafts.map((draft, at) => <GrantFields key={at} number={at + 1} draft={draft} permissions={permissions.data?.items ?? []} onChange={(next) => setDrafts(drafts.map((old, index) => (index === at ? next : old)))} onRemove={drafts.length > 1 ? () => setDrafts(drafts.filter((_, index) => index !== at)) : undefined} />)}
        <div className="bar"><button type="button" className="button small" onClick={() => setDrafts([...drafts, {...blank, permissions: []}])}>{t.anotherGrant}</button></div>
        <p className="fault" role="alert">{faults.general}</p>
        <div className="bar"><button type="submit" className="button primary">{t.saveRole}</button><button type="button" className="button" onClick={onClose}>{t.cancel}</button></div>
      </form>
    </Sheet>
  );
}

export function Roles() {
  const why = whyNot('users:manage');
  const list = useAll<Role>('/api/roles');
  const [edited, setEdited] = useState<{role: Role | null} | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const askDelete = (role: Role) => setQuestion({title: t.deleteRoleAsk(role.name), text: t.deleteRoleText, action: t.deleteRole, run: async () => { await request(`/api/roles/${encodeURIComponent(role.name)}`, {method: 'DELETE'}); toast('ok', t.roleDeleted(role.name)); list.reload(); }});
  return (
    <>
      <div className="bar"><p className="muted">{t.rolesAre}</p><ActionButton why={why} className="button primary end" onClick={() => setEdited({role: null})}>{t.newRole}</ActionButton></div>
      {list.error && <p className="fault" role="alert">{list.error}</p>}
      <ul className="plain roles" aria-label={t.roles}>{list.data?.items.map((role) => (
        <li key={role.name} className="panel" data-testid={`role-${role.name}`}>
          <div className="bar"><h2>{role.name}</h2>{role.builtin && <span className="chip">{t.builtIn}</span>}<span className="muted">{safe(role.description)}</span>
            {!role.builtin && <span className="row-buttons end"><ActionButton why={why} className="button small" aria-label={t.changeRole(role.name)} onClick={() => setEdited({role})}>{t.change}</ActionButton><ActionButton why={why} className="button small" aria-label={t.deleteRoleNamed(role.name)} onClick={() => askDelete(role)}>{t.remove}</ActionButton></span>}</div>
          <ul className="plain grants">{role.grants.map((grant, at) => <li key={at} className="mono">{grantText(grant)}</li>)}</ul>
        </li>))}</ul>
      {edited && <Edit role={edited.role} onClose={() => setEdited(null)} onDone={list.reload} />}
      {question && <Confirm question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

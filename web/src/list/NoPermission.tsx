// A page one may not see says so, and who could change that.
import {t} from '../messages/en/ui';
export function NoPermission({what, why}: {what: string; why: string}) {
  return (
    <section className="no-permission" aria-label={t.noPermission}>
      <svg viewBox="0 0 16 16" width="28" height="28" aria-hidden="true"><path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3zM8 10v1.5" fill="none" stroke="currentColor" strokeWidth="1.2" strokeLinecap="round" strokeLinejoin="round" /></svg>
      <h2>{t.notYours(what)}</h2>
      <p className="muted">{t.whoCanGive(why)}</p>
    </section>
  );
}

// What is chosen in a list, beside it; its place is in the address, Esc closes it.
import {type ReactNode, useEffect, useRef} from 'react';
import {t} from '../messages/en/ui';
import {setPref, usePrefs} from '../ui/prefs';
import {Separator} from '../ui/Separator';

export function SideDrawer({title, onClose, children}: {title: string; onClose(): void; children: ReactNode}) {
  const {drawerWidth} = usePrefs();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (heading.current && document.activeElement === document.body) heading.current.focus(); }, [title]);
  const most = Math.max(360, innerWidth * 0.55);
  return (
    <aside id="side-drawer" className="drawer side-drawer" style={{width: Math.min(drawerWidth, most)}} aria-label={title} onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onClose(); } }}>
      <Separator label={t.widthOfPanel} controls="side-drawer" toward="left" size={drawerWidth} least={360} most={most} usual={560} onSize={(size) => setPref('drawerWidth', size)} />
      <header className="drawer-head"><h2 ref={heading} tabIndex={-1}>{title}</h2><button type="button" className="icon-button" aria-label={t.close} onClick={onClose}>×</button></header>
      <div className="drawer-body">{children}</div>
    </aside>
  );
}

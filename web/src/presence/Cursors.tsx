// The cursors and selections of others over the page. Drawn at the rate of the screen past React, and only while there are any.
import {useEffect, useRef} from 'react';
import {elementOf, placeOf} from './anchors';
import {faceOf} from './faces';
import {people} from './people';

const arrow = 'M0 0v14l4-3.6 2.4 5.4 2.4-1-2.4-5.3H12z';

function shape(id: string): HTMLElement {
  const user = people.all.get(id)?.user ?? '';
  const face = faceOf(user);
  const root = document.createElement('div');
  root.className = 'other-cursor';
  root.dataset.user = user;
  root.style.setProperty('--face', `var(${face.colour})`);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '-1 -1 14 18');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', arrow);
  svg.append(path);
  const label = document.createElement('span');
  label.textContent = user;
  root.append(svg, label);
  return root;
}

function ring(id: string): HTMLElement {
  const face = faceOf(people.all.get(id)?.user ?? '');
  const root = document.createElement('div');
  root.className = 'other-selection';
  root.style.setProperty('--face', `var(${face.colour})`);
  root.style.borderStyle = face.pattern;
  return root;
}

export function Cursors() {
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const arrows = new Map<string, HTMLElement>();
    const rings = new Map<string, HTMLElement>();
    const drop = (shapes: Map<string, HTMLElement>, kept: (id: string) => boolean) => {
      for (const [id, element] of shapes) if (!kept(id)) { element.remove(); shapes.delete(id); }
    };
    const had = (shapes: Map<string, HTMLElement>, id: string, make: (id: string) => HTMLElement) => {
      let element = shapes.get(id);
      if (!element) { element = make(id); shapes.set(id, element); layer.current?.append(element); }
      return element;
    };
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      if (people.cursors.size === 0 && arrows.size === 0 && rings.size === 0) return;
      drop(arrows, (id) => people.cursors.get(id)?.anchor != null);
      drop(rings, (id) => people.cursors.get(id)?.selection != null);
      for (const [id, {anchor, selection}] of people.cursors) {
        const place = anchor && placeOf(anchor);
        if (anchor) {
          const element = had(arrows, id, shape);
          element.hidden = !place;
          if (place) element.style.transform = `translate(${Math.round(place.x)}px, ${Math.round(place.y)}px)`;
        }
        const box = selection?.element === undefined ? null : elementOf(selection.element)?.getBoundingClientRect();
        if (selection) {
          const element = had(rings, id, ring);
          element.hidden = !box || box.bottom < 44 || box.top > innerHeight;
          if (box) { element.style.transform = `translate(${box.left}px, ${box.top}px)`; element.style.width = `${box.width}px`; element.style.height = `${box.height}px`; }
        }
      }
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, []);
  return <div ref={layer} className="other-cursors" aria-hidden="true" />;
}

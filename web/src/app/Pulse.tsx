// The Pulse: the worst state of the fleet, a pixel a second over the last 20 minutes.
import {useEffect, useRef} from 'react';
import {useLive} from '../live/store';

const names = ['--ok', '--info', '--warn', '--warn', '--down'];

export function Pulse() {
  const store = useLive();
  const canvas = useRef<HTMLCanvasElement>(null);
  const length = store.pulse.length;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    element.width = element.clientWidth;
    const style = getComputedStyle(document.documentElement);
    context.clearRect(0, 0, element.width, 6);
    const shown = store.pulse.slice(-element.width);
    shown.forEach((worst, index) => {
      context.fillStyle = style.getPropertyValue(worst < 0 ? '--idle' : names[worst]);
      const tall = worst <= 0 ? 2 : 2 + worst;
      context.fillRect(element.width - shown.length + index, 6 - tall, 1, tall);
    });
  }, [length, store.pulse[length - 1], store.connection]);
  return <canvas ref={canvas} className="pulse" height={6} role="img" aria-label="Fleet state over the last 20 minutes" />;
}
